// SPDX-License-Identifier: BSD-3-Clause
// Binary bytes into types: what is refused, and the exact words.
#include "weir/runtime/codec/binary_reader.hpp"

#include "weir/runtime/core/inline_string.hpp"
#include "weir/tests/runtime/codec/hex.hpp"
#include "weir/tests/runtime/codec/sample_event.hpp"

#include <catch2/catch.hpp>

using namespace codec_tests;
using weir::codec::from_binary;

namespace {

struct order {
  std::string id;
  std::vector<item> items;
  std::map<std::string, std::int16_t> prices;
};
WEIR_FIELDS(order, (id, items, prices))

struct parcel {
  struct order order;
  colour paint = colour::red;
};
WEIR_FIELDS(parcel, (order, paint))

struct nothing {};
WEIR_FIELDS(nothing, ())

template <class T>
std::string refusal(std::string_view digits, const weir::codec::binary_limits& limits = {}) {
  const auto value = from_binary<T>(unhex(digits), limits);
  return value ? "taken" : to_string(value.error());
}

}  // namespace

TEST_CASE("bytes that end too early are refused at the field where they end", "[codec]") {
  CHECK(refusal<parcel>("") == "malformed: order.id: the bytes end too early");
  CHECK(refusal<parcel>("02 61") == "malformed: order.id: the bytes end too early");
  CHECK(refusal<parcel>("01 61 01 01 73") ==
        "malformed: order.items[0].price: the bytes end too early");
  CHECK(refusal<parcel>("01 61 00 01 01 62 80") ==
        R"(malformed: order.prices["b"]: the bytes end too early)");
  CHECK(refusal<double>("00 00 00 00 00 00 f0") == "malformed: document: the bytes end too early");
  CHECK(refusal<nothing>("") == "malformed: document: the bytes end too early");
  CHECK(refusal<std::optional<int>>("01") == "malformed: document: the bytes end too early");
}

TEST_CASE("bytes behind the value are refused", "[codec]") {
  CHECK(refusal<bool>("01 01") == "malformed: document: 1 bytes follow it");
  CHECK(refusal<parcel>("00 00 00 00 ffff") == "malformed: document: 2 bytes follow it");
}

TEST_CASE("a number has one form and fits its field", "[codec]") {
  CHECK(refusal<int>("80 00") == "malformed: document: a number is longer than it need be");
  CHECK(refusal<std::uint16_t>("80 80 04") == "out_of_range: document: 65536 does not fit uint16");
  CHECK(refusal<std::int16_t>("81 80 04") == "out_of_range: document: -32769 does not fit int16");
  CHECK(from_binary<std::int16_t>(unhex("ff ff 03")).value() == -32768);
}

TEST_CASE("a flag is 0 or 1", "[codec]") {
  CHECK(refusal<bool>("02") == "wrong_type: document: expected the byte 0 or 1, found 2");
  CHECK(refusal<std::optional<bool>>("ff") ==
        "wrong_type: document: expected the byte 0 or 1, found 255");
  CHECK(refusal<nothing>("01") == "wrong_type: document: expected the byte 0, found 1");
}

TEST_CASE("an enum without name is refused with the names there are", "[codec]") {
  CHECK(refusal<parcel>("00 00 00 03") ==
        "out_of_range: paint: number 3 of red, green, blue does not exist");
  CHECK(from_binary<colour>(unhex("01")).value() == colour::green);
}

TEST_CASE("text is UTF-8 and fits its field", "[codec]") {
  CHECK(refusal<parcel>("03 61 c3 28") == "invalid_utf8: order.id: byte 1 is not valid UTF-8");
  CHECK(refusal<parcel>("00 00 01 01 ff") ==
        "invalid_utf8: order.prices[0]: byte 0 is not valid UTF-8");
  using code = weir::inline_string<3>;
  CHECK(from_binary<code>(unhex("03 616263")).value().view() == "abc");
  CHECK(refusal<code>("04 61626364") ==
        R"(out_of_range: document: "abcd" does not fit string(3))");
}

TEST_CASE("more elements than bytes are refused before anything is allocated", "[codec]") {
  CHECK(refusal<std::vector<double>>("ff ff ff ff ff ff ff ff ff 01") ==
        "malformed: document: 18446744073709551615 elements in 0 bytes");
  CHECK(refusal<parcel>("00 05 00 00") == "malformed: order.items: 5 elements in 2 bytes");
  CHECK(refusal<parcel>("00 00 02 00") == "malformed: order.prices: 2 elements in 1 bytes");
}

TEST_CASE("a map says each name once", "[codec]") {
  CHECK(refusal<parcel>("00 00 02 01 61 02 01 61 02 00") ==
        R"(malformed: order.prices["a"]: this name comes twice)");
}

TEST_CASE("a time or duration that its field cannot hold is refused", "[codec]") {
  using namespace std::chrono;
  CHECK(refusal<sys_seconds>("02 01") ==
        "out_of_range: document: 1 s and 1 ns do not fit the field");
  CHECK(refusal<milliseconds>("00 80 94 eb dc 03") ==
        "out_of_range: document: 0 s and 1000000000 ns do not fit the field");
  CHECK(from_binary<milliseconds>(unhex("02 80 cab5ee01")).value() == milliseconds{1500});
}

TEST_CASE("nesting and size have limits", "[codec]") {
  // A tree of n levels nests 2n structs and arrays.
  std::string deep;
  for (int i = 0; i < 32; ++i) deep += "00 01";
  CHECK_THAT(refusal<tree>(deep + "0000"), Catch::StartsWith("too_deep: children[0].children[0]"));
  CHECK_THAT(refusal<tree>(deep + "0000"), Catch::EndsWith("nested deeper than the limit"));
  CHECK(refusal<tree>(deep.substr(5) + "0000") == "taken");
  CHECK(refusal<tree>("00 01 00 00", {.depth_max = 3}) ==
        "too_deep: children[0].children: nested deeper than the limit");
  CHECK(refusal<std::string>("02 6161", {.size_max_bytes = 2}) ==
        "too_long: document: 3 bytes, the limit is 2");
  CHECK(refusal<std::string>("02 6161", {.size_max_bytes = 3}) == "taken");
}
