// SPDX-License-Identifier: BSD-3-Clause
// Paths grow from the inside out, and messages stay one short printable line.
#include "weir/runtime/codec/decode_failure.hpp"

#include "weir/runtime/codec/json_document.hpp"

#include <catch2/catch.hpp>

using weir::codec::internal::decode_failure;
using weir::codec::internal::json_kind;
using weir::codec::internal::json_value;
using weir::codec::internal::quoted;

TEST_CASE("a path is put together from the innermost step outwards", "[codec]") {
  decode_failure failure;
  CHECK_FALSE(failure.set(weir::errc::out_of_range, "300 does not fit int8"));
  CHECK_FALSE(failure.at_field("price"));
  CHECK_FALSE(failure.at_index(3));
  CHECK_FALSE(failure.at_field("items"));
  CHECK_FALSE(failure.at_field("order"));
  const auto error = failure.to_error();
  CHECK(error.code == weir::errc::out_of_range);
  CHECK(error.message == "order.items[3].price: 300 does not fit int8");
}

TEST_CASE("keys and names that are no plain words are quoted in the path", "[codec]") {
  decode_failure failure;
  failure.set(weir::errc::wrong_type, "no");
  failure.at_key("a.b");
  failure.at_field("by name");
  failure.at_field("");
  failure.at_field("prices");
  CHECK(failure.to_error().message == R"(prices[""]["by name"]["a.b"]: no)");
}

TEST_CASE("without a step the failure is the document's", "[codec]") {
  decode_failure failure;
  failure.set(weir::errc::malformed, "the text is empty");
  CHECK(failure.to_error().message == "document: the text is empty");
}

TEST_CASE("a new failure starts with a new path", "[codec]") {
  decode_failure failure;
  failure.set(weir::errc::malformed, "first");
  failure.at_field("old");
  failure.set(weir::errc::wrong_type, "second");
  CHECK(failure.to_error().message == "document: second");
}

TEST_CASE("a value of the wrong kind is named by its kind", "[codec]") {
  const auto found = [](json_kind kind) {
    json_value value;
    value.kind = kind;
    decode_failure failure;
    failure.unexpected("int8", value);
    return failure.to_error().message;
  };
  CHECK(found(json_kind::null) == "document: expected int8, found null");
  CHECK(found(json_kind::boolean) == "document: expected int8, found a bool");
  CHECK(found(json_kind::number) == "document: expected int8, found a number");
  CHECK(found(json_kind::string) == "document: expected int8, found a string");
  CHECK(found(json_kind::array) == "document: expected int8, found an array");
  CHECK(found(json_kind::object) == "document: expected int8, found an object");
}

TEST_CASE("quoted text is escaped, and cut after 40 bytes between characters", "[codec]") {
  CHECK(quoted("a\nb") == R"("a\nb")");
  const std::string forty(40, 'x');
  CHECK(quoted(forty) == "\"" + forty + "\"");
  CHECK(quoted(forty + "y") == "\"" + forty + "\"...");
  // The character that begins at byte 39 does not fit: it is left out whole.
  const std::string wide = std::string(39, 'x') + "\u00e9" + "z";
  CHECK(quoted(wide) == "\"" + std::string(39, 'x') + "\"...");
}
