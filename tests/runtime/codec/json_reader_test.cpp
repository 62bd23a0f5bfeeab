// SPDX-License-Identifier: BSD-3-Clause
// Reading into types: what is taken, and the exact words of every refusal.
#include "weir/runtime/codec/json_reader.hpp"

#include "weir/tests/runtime/codec/sample_event.hpp"

#include <catch2/catch.hpp>

using namespace codec_tests;
using namespace std::chrono_literals;
using weir::codec::from_json;

namespace {

struct order {
  std::string id;
  std::vector<item> items;
  std::optional<int> rank = 7;
  std::map<std::string, std::int8_t> prices;
  bool operator==(const order&) const = default;
};
WEIR_FIELDS(order, (id, items, rank, prices))

struct parcel {
  struct order order;
  colour paint = colour::red;
  std::array<double, 2> place{};
  std::chrono::sys_seconds sent;
  std::chrono::milliseconds late{};
};
WEIR_FIELDS(parcel, (order, paint, place, sent, late))

struct nothing {};
WEIR_FIELDS(nothing, ())

template <class T>
std::string refusal(std::string_view text) {
  const auto value = from_json<T>(text);
  return value ? "taken" : to_string(value.error());
}

// A parcel in which one field has been replaced by `text`.
std::string parcel_with(std::string_view field, std::string_view text) {
  std::string out = "{";
  for (const auto& [name, usual] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"order", R"({"id":"o-1","items":[],"prices":{}})"},
           {"paint", R"("blue")"},
           {"place", "[1,2.5]"},
           {"sent", R"("2001-01-31T23:59:00Z")"},
           {"late", "5000000"}}) {
    if (out.size() > 1) out += ',';
    out.append("\"").append(name).append("\":").append(name == field ? text : usual);
  }
  return out + "}";
}

std::string parcel_refusal(std::string_view field, std::string_view text) {
  return refusal<parcel>(parcel_with(field, text));
}

std::string order_refusal(std::string_view text) { return parcel_refusal("order", text); }

}  // namespace

TEST_CASE("fields are found in any order, among fields nobody knows", "[codec]") {
  const auto read = from_json<order>(
      R"({"later":{"id":[{}]},"prices":{"b":2,"a":1},"x":null,"items":[{"price":3,"sku":"s",)"
      R"("note":"n"}],"rank":9,"id":"o"})");
  REQUIRE(read.has_value());
  CHECK(*read == order{"o", {{"s", 3, "n"}}, 9, {{"a", 1}, {"b", 2}}});
}

TEST_CASE("an optional that is missing or null is empty, whatever its default", "[codec]") {
  CHECK(from_json<order>(R"({"id":"","items":[],"prices":{}})").value().rank == std::nullopt);
  CHECK(from_json<order>(R"({"id":"","items":[],"prices":{},"rank":null})").value().rank ==
        std::nullopt);
}

TEST_CASE("a struct without fields takes any object and nothing else", "[codec]") {
  CHECK(from_json<nothing>("{}").has_value());
  CHECK(from_json<nothing>(R"({"a":1})").has_value());
  CHECK(refusal<nothing>("[]") == "wrong_type: document: expected an object, found an array");
}

TEST_CASE("escaped names and text are unescaped", "[codec]") {
  const auto read =
      from_json<order>(R"({"\u0069d":"\u00e9\ud83d\ude00\u0000\/","items":[],"prices":{}})");
  REQUIRE(read.has_value());
  CHECK(read->id == std::string{"\u00e9\U0001F600\0/", 8});
}

TEST_CASE("integers are taken in floating fields", "[codec]") {
  CHECK(from_json<double>("-7").value() == -7.0);
  CHECK(from_json<float>("16777217").value() == 16777216.0F);
  CHECK(from_json<double>("123456789012345678901234567890").value() == 1.2345678901234568e29);
  CHECK(from_json<double>("0e-999").value() == 0.0);
}

TEST_CASE("a number that does not fit its type is refused with the number", "[codec]") {
  CHECK(refusal<std::int8_t>("128") == "out_of_range: document: 128 does not fit int8");
  CHECK(refusal<std::int8_t>("-129") == "out_of_range: document: -129 does not fit int8");
  CHECK(refusal<std::uint8_t>("-1") == "out_of_range: document: -1 does not fit uint8");
  CHECK(refusal<std::int64_t>("9223372036854775808") ==
        "out_of_range: document: 9223372036854775808 does not fit int64");
  CHECK(refusal<std::uint64_t>("18446744073709551616") ==
        "out_of_range: document: 18446744073709551616 does not fit uint64");
  CHECK(refusal<double>("1e400") == "out_of_range: document: 1e400 does not fit double");
  CHECK(refusal<float>("-1e39") == "out_of_range: document: -1e39 does not fit float");
  CHECK(from_json<std::uint8_t>("-0").value() == 0);
}

TEST_CASE("an integer field takes nothing with a fraction or an exponent", "[codec]") {
  CHECK(refusal<int>("1.5") == "wrong_type: document: 1.5 is not written as an integer");
  CHECK(refusal<int>("1.0") == "wrong_type: document: 1.0 is not written as an integer");
  CHECK(refusal<int>("1e3") == "wrong_type: document: 1e3 is not written as an integer");
}

TEST_CASE("no kind of value is taken for another", "[codec]") {
  CHECK(refusal<int>("\"1\"") == "wrong_type: document: expected int32, found a string");
  CHECK(refusal<double>("\"1\"") == "wrong_type: document: expected double, found a string");
  CHECK(refusal<bool>("1") == "wrong_type: document: expected a bool, found a number");
  CHECK(refusal<std::string>("1") == "wrong_type: document: expected a string, found a number");
  CHECK(refusal<std::string>("null") == "wrong_type: document: expected a string, found null");
  CHECK(refusal<double>("null") == "wrong_type: document: expected double, found null");
  CHECK(refusal<std::vector<int>>("{}") ==
        "wrong_type: document: expected an array, found an object");
  CHECK(refusal<std::map<std::string, int>>("[]") ==
        "wrong_type: document: expected an object, found an array");
  CHECK(refusal<std::optional<int>>("true") ==
        "wrong_type: document: expected int32, found a bool");
}

TEST_CASE("a refusal names the field by its whole path", "[codec]") {
  CHECK(order_refusal(R"({"id":"o","items":[{"sku":"a","price":1},{"sku":"b","price":300}],)"
                      R"("prices":{}})") ==
        "out_of_range: order.items[1].price: 300 does not fit int8");
  CHECK(order_refusal(R"({"id":"o","items":[{"price":1}],"prices":{}})") ==
        "missing_field: order.items[0].sku: is missing");
  CHECK(order_refusal(R"({"items":[],"prices":{}})") == "missing_field: order.id: is missing");
  CHECK(order_refusal(R"({"id":"o","items":[],"prices":{"a.b":true}})") ==
        R"(wrong_type: order.prices["a.b"]: expected int8, found a bool)");
  CHECK(order_refusal(R"({"id":"o","items":[null],"prices":{}})") ==
        "wrong_type: order.items[0]: expected an object, found null");
  CHECK(order_refusal(R"({"id":"o","items":[],"prices":{},"rank":"first"})") ==
        "wrong_type: order.rank: expected int32, found a string");
  CHECK(order_refusal("7") == "wrong_type: order: expected an object, found a number");
}

TEST_CASE("a name that comes twice is refused, in structs and in maps", "[codec]") {
  CHECK(order_refusal(R"({"id":"o","items":[],"prices":{},"id":"p"})") ==
        "malformed: order.id: this name comes twice");
  CHECK(order_refusal(R"({"id":"o","items":[],"prices":{"a":1,"a":1}})") ==
        R"(malformed: order.prices["a"]: this name comes twice)");
  CHECK(order_refusal(R"({"id":"o","items":[],"prices":{},"rank":null,"rank":1})") ==
        "malformed: order.rank: this name comes twice");
  // Unknown fields are not ours to judge.
  CHECK(order_refusal(R"({"id":"o","items":[],"prices":{},"x":1,"x":2})") == "taken");
}

TEST_CASE("an enum takes its names and lists them when it refuses", "[codec]") {
  CHECK(from_json<colour>("\"green\"").value() == colour::green);
  CHECK(parcel_refusal("paint", "\"purple\"") ==
        R"(out_of_range: paint: "purple" is none of red, green, blue)");
  CHECK(parcel_refusal("paint", "\"Red\"") ==
        R"(out_of_range: paint: "Red" is none of red, green, blue)");
  CHECK(parcel_refusal("paint", "5") ==
        "wrong_type: paint: expected the name of an enum value, found a number");
}

TEST_CASE("a fixed array takes exactly its number of elements", "[codec]") {
  CHECK(parcel_refusal("place", "[1]") == "out_of_range: place: expected 2 elements, found 1");
  CHECK(parcel_refusal("place", "[1,2,3]") == "out_of_range: place: expected 2 elements, found 3");
  CHECK(parcel_refusal("place", "[1,null]") ==
        "wrong_type: place[1]: expected double, found null");
}

TEST_CASE("times are read from any offset and refused when they are none or too fine", "[codec]") {
  CHECK(from_json<parcel>(parcel_with("sent", R"("2001-02-01T01:59:00+02:00")")).value().sent ==
        std::chrono::sys_days{std::chrono::year{2001} / 1 / 31} + 23h + 59min);
  CHECK(parcel_refusal("sent", R"("yesterday")") ==
        R"(wrong_type: sent: "yesterday" is not an RFC 3339 time)");
  CHECK(parcel_refusal("sent", "981072000") ==
        "wrong_type: sent: expected an RFC 3339 time, found a number");
  CHECK(parcel_refusal("sent", R"("2001-01-31T23:59:00.5Z")") ==
        R"(out_of_range: sent: "2001-01-31T23:59:00.5Z" does not fit time)");
  CHECK(refusal<std::chrono::sys_time<std::chrono::nanoseconds>>(R"("2300-01-01T00:00:00Z")") ==
        R"(out_of_range: document: "2300-01-01T00:00:00Z" does not fit time)");
}

TEST_CASE("durations are whole nanoseconds and never rounded", "[codec]") {
  CHECK(from_json<parcel>(parcel_with("late", "-250000000")).value().late == -250ms);
  CHECK(parcel_refusal("late", "1500") == "out_of_range: late: 1500 ns does not fit duration");
  CHECK(parcel_refusal("late", "1.5") == "wrong_type: late: 1.5 is not written as an integer");
  CHECK(parcel_refusal("late", "null") == "wrong_type: late: expected int64, found null");
}

TEST_CASE("a malformed field that nobody knows spoils the document", "[codec]") {
  CHECK(order_refusal(R"({"id":"o","items":[],"prices":{},"x":01})") ==
        "malformed: order.x: a number is not well-formed (near byte 46)");
  CHECK(refusal<nothing>("{\"a\":\"\xFF\"}") ==
        "invalid_utf8: document: byte 6 is not valid UTF-8");
}

TEST_CASE("limits are passed on and default to 64 levels", "[codec]") {
  std::string deep = "7";
  for (int i = 0; i < 33; ++i) deep = R"({"value":1,"children":[)" + deep + "]}";
  CHECK_THAT(refusal<tree>(deep), Catch::EndsWith("nested deeper than 64"));
  CHECK_THAT(refusal<tree>(deep), Catch::StartsWith("too_deep: children[0].children[0]"));
  CHECK(from_json<int>("1234", {.size_max_bytes = 3}).error().code == weir::errc::too_long);
  CHECK(from_json<int>("1234", {.size_max_bytes = 4}).has_value());
}
