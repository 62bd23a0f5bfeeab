// SPDX-License-Identifier: BSD-3-Clause
// What is written is read back, for every kind of field, and another library agrees that it is JSON
// and what it says.
#include <limits>

#include <boost/json.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include "weir/tests/runtime/codec/sample_event.hpp"
#include "weir/runtime/codec/json_reader.hpp"
#include "weir/runtime/codec/json_writer.hpp"

#include <catch2/catch.hpp>

using namespace codec_tests;
using weir::codec::from_json;
using weir::codec::to_json;

namespace {

template <class T>
void returns(const T& value) {
  const auto text = to_json(value);
  const auto back = from_json<T>(text);
  INFO(text);
  if (!back) FAIL(to_string(back.error()));
  CHECK(*back == value);
}

template <class T>
void ends_return() {
  returns(std::numeric_limits<T>::min());
  returns(std::numeric_limits<T>::max());
  returns(std::numeric_limits<T>::lowest());
  returns(T{0});
}

}  // namespace

TEST_CASE("any event that is written as JSON is read back equal", "[codec][property]") {
  rc::prop("round trip", [] {
    const auto event = any_event();
    const auto back = from_json<everything>(to_json(event));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == event);
  });
}

TEST_CASE("equal events have equal bytes, whatever the order of hashing", "[codec][property]") {
  rc::prop("bytes", [] {
    auto event = any_event();
    const auto text = to_json(event);
    std::unordered_map<std::string, colour> rehashed(257);
    rehashed.insert(event.hashed.begin(), event.hashed.end());
    event.hashed = std::move(rehashed);
    RC_ASSERT(to_json(event) == text);
  });
}

TEST_CASE("Boost.JSON reads what is written, to the same values", "[codec][property]") {
  rc::prop("witness of writing", [] {
    const auto event = any_event();
    const auto seen = boost::json::parse(to_json(event)).as_object();
    RC_ASSERT(seen.at("tiny").to_number<std::int8_t>() == event.tiny);
    RC_ASSERT(seen.at("large").to_number<std::int64_t>() == event.large);
    RC_ASSERT(seen.at("huge").to_number<std::uint64_t>() == event.huge);
    RC_ASSERT(seen.at("flag").as_bool() == event.flag);
    RC_ASSERT(std::string{seen.at("text").as_string()} == event.text);
    RC_ASSERT(seen.at("maybe").is_null() == !event.maybe.has_value());
    RC_ASSERT(seen.at("items").as_array().size() == event.items.size());
    for (std::size_t i = 0; i < event.items.size(); ++i) {
      const auto& one = seen.at("items").at(i).as_object();
      RC_ASSERT(std::string{one.at("sku").as_string()} == event.items[i].sku);
    }
    RC_ASSERT(seen.at("sorted").as_object().size() == event.sorted.size());
    for (const auto& [key, values] : event.sorted) {
      RC_ASSERT(seen.at("sorted").at(key).as_array().size() == values.size());
    }
  });
}

TEST_CASE("what Boost.JSON writes is read to the same values", "[codec][property]") {
  rc::prop("witness of reading", [] {
    const auto event = any_event();
    // Parsed and written by the other library: other spacing, other escapes, other number forms.
    auto other = boost::json::parse(to_json(event)).as_object();
    other.erase("rough");  // that library keeps 17 digits of a double, which is no float's text
    const auto back = from_json<everything>(boost::json::serialize(other));
    RC_ASSERT_FALSE(back.has_value());
    RC_ASSERT(back.error().message == "rough: is missing");
    other["rough"] = 0;
    other["fine"] = 0;
    other["maybe"] = nullptr;
    auto expected = event;
    expected.rough = 0;
    expected.fine = 0;
    expected.maybe.reset();
    const auto again = from_json<everything>(boost::json::serialize(other));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == expected);
  });
}

TEST_CASE("the smallest and largest numbers of every type are read back", "[codec]") {
  ends_return<std::int8_t>();
  ends_return<std::uint8_t>();
  ends_return<std::int16_t>();
  ends_return<std::uint16_t>();
  ends_return<std::int32_t>();
  ends_return<std::uint32_t>();
  ends_return<std::int64_t>();
  ends_return<std::uint64_t>();
  ends_return<long long>();
  ends_return<float>();
  ends_return<double>();
  returns(std::numeric_limits<double>::denorm_min());
  returns(std::numeric_limits<float>::denorm_min());
  CHECK(std::signbit(from_json<double>(to_json(-0.0)).value()));
}

TEST_CASE("a double beyond 64-bit integers but written without exponent is read back", "[codec]") {
  // Shortest forms with 20 and 21 digits before the point: too long for an integer parser.
  for (const double number : {92345678901234567000.0, 1e20, 123456789012345680000.0, -3e20}) {
    returns(number);
  }
}

TEST_CASE("the first and the last time of each precision are read back", "[codec]") {
  using namespace std::chrono;
  returns(sys_time<nanoseconds>::min());
  returns(sys_time<nanoseconds>::max());
  returns(sys_days{year{0} / 1 / 1});
  returns(sys_days{year{9999} / 12 / 31});
  returns(time_point_cast<microseconds>(sys_days{year{9999} / 12 / 31}) + microseconds{1});
  returns(nanoseconds::min());
  returns(nanoseconds::max());
  returns(hours{-2'000'000});
}

TEST_CASE("a type that contains itself is read back", "[codec]") {
  returns(tree{1, {{2, {}}, {3, {{4, {}}}}}});
}
