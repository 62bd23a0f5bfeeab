// SPDX-License-Identifier: BSD-3-Clause
// Times as text, by the letter of RFC 3339, and exact conversions between ticks.
#include "weir/runtime/codec/rfc3339.hpp"

#include <limits>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace std::chrono;
using namespace weir::codec::internal;

namespace {

std::string written(std::int64_t at_seconds, std::int64_t at_nanoseconds = 0) {
  std::string out;
  return append_time({at_seconds, at_nanoseconds}, out) ? out : "none" + out;
}

// The time read, as seconds.nanoseconds; empty if it is none.
std::string read_back(std::string_view text) {
  const auto time = parse_time(text);
  if (!time) return "";
  return std::to_string(time->seconds) + "." + std::to_string(time->nanoseconds);
}

}  // namespace

TEST_CASE("a time is written with as few digits of fraction as keep it whole", "[codec]") {
  CHECK(written(0) == "\"1970-01-01T00:00:00Z\"");
  CHECK(written(0, 500'000'000) == "\"1970-01-01T00:00:00.500Z\"");
  CHECK(written(0, 1'000) == "\"1970-01-01T00:00:00.000001Z\"");
  CHECK(written(0, 1) == "\"1970-01-01T00:00:00.000000001Z\"");
  CHECK(written(-1, 999'999'999) == "\"1969-12-31T23:59:59.999999999Z\"");
  CHECK(written(951'827'696) == "\"2000-02-29T12:34:56Z\"");
}

TEST_CASE("years that four digits cannot write are not written", "[codec]") {
  CHECK(written(-62'167'219'200) == "\"0000-01-01T00:00:00Z\"");
  CHECK(written(-62'167'219'201) == "none");
  CHECK(written(253'402'300'799) == "\"9999-12-31T23:59:59Z\"");
  CHECK(written(253'402'300'800) == "none");
}

TEST_CASE("RFC 3339 is read: its examples, offsets, fractions, lower case", "[codec]") {
  CHECK(read_back("1985-04-12T23:20:50.52Z") == "482196050.520000000");
  CHECK(read_back("1996-12-19T16:39:57-08:00") == "851042397.0");
  CHECK(read_back("1996-12-20T00:39:57Z") == "851042397.0");
  CHECK(read_back("1937-01-01T12:00:27.87+00:20") == "-1041337173.870000000");
  CHECK(read_back("1970-01-01t00:00:00z") == "0.0");
  CHECK(read_back("1970-01-01T00:00:00-00:00") == "0.0");
  CHECK(read_back("1970-01-01T23:59:00+23:59") == "0.0");
  CHECK(read_back("1970-01-01T00:00:00.123456789Z") == "0.123456789");
  CHECK(read_back("2000-02-29T00:00:00Z") == "951782400.0");
}

TEST_CASE("what is not RFC 3339 is not read", "[codec]") {
  for (const std::string_view text :
       {"", "now", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z",
        "1970-01-01T00:00Z", "70-01-01T00:00:00Z", "1970-1-01T00:00:00Z", "1970-13-01T00:00:00Z",
        "1970-00-01T00:00:00Z", "1970-01-32T00:00:00Z", "1970-01-00T00:00:00Z",
        "1900-02-29T00:00:00Z", "2001-02-29T00:00:00Z", "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z", "1990-12-31T23:59:60Z", "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00.1234567890Z", "1970-01-01T00:00:00,5Z", "1970-01-01T00:00:00+0100",
        "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00+01:60", "1970-01-01T00:00:00Zz",
        " 1970-01-01T00:00:00Z", "-970-01-01T00:00:00Z", "+970-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z+01:00", "1970-01-01T-1:00:00Z"}) {
    INFO(text);
    CHECK(read_back(text).empty());
  }
}

TEST_CASE("every nanosecond is read as it was written", "[codec][property]") {
  rc::prop("nanoseconds", [](std::int64_t count) {
    const auto parts = split(nanoseconds{count});
    RC_ASSERT(parts.has_value());
    std::string out;
    RC_ASSERT(append_time(*parts, out));
    const auto back = parse_time(std::string_view{out}.substr(1, out.size() - 2));
    RC_ASSERT(back.has_value());
    RC_ASSERT(join<nanoseconds>(*back) == nanoseconds{count});
  });
}

TEST_CASE("splitting and joining agree with the standard library", "[codec][property]") {
  rc::prop("floor", [](std::int32_t count) {
    const milliseconds length{count};
    const auto parts = split(length);
    RC_ASSERT(seconds{parts->seconds} == floor<seconds>(length));
    RC_ASSERT(nanoseconds{parts->nanoseconds} == length - floor<seconds>(length));
    RC_ASSERT(join<milliseconds>(*parts) == length);
    RC_ASSERT(to_nanoseconds(length) == nanoseconds{length}.count());
    RC_ASSERT(from_nanoseconds<milliseconds>(nanoseconds{length}.count()) == length);
  });
}

TEST_CASE("a time that a type cannot hold exactly is not joined", "[codec]") {
  CHECK_FALSE(join<seconds>({1, 1}).has_value());
  CHECK_FALSE(join<milliseconds>({1, 1}).has_value());
  CHECK_FALSE(join<hours>({3601, 0}).has_value());
  CHECK(join<hours>({-7200, 0}) == hours{-2});
  CHECK_FALSE(join<nanoseconds>({9'223'372'037, 0}).has_value());
  CHECK(join<nanoseconds>({9'223'372'036, 854'775'807}) == nanoseconds::max());
  CHECK_FALSE(join<nanoseconds>({9'223'372'036, 854'775'808}).has_value());
  CHECK(join<nanoseconds>({-9'223'372'037, 145'224'192}) == nanoseconds::min());
  CHECK_FALSE(join<nanoseconds>({-9'223'372'037, 145'224'191}).has_value());
  using short_seconds = duration<std::int16_t>;
  CHECK(join<short_seconds>({32767, 0}) == short_seconds{32767});
  CHECK_FALSE(join<short_seconds>({32768, 0}).has_value());
  using unsigned_seconds = duration<std::uint64_t>;
  CHECK(join<unsigned_seconds>({5, 0}) == unsigned_seconds{5});
  CHECK_FALSE(join<unsigned_seconds>({-5, 0}).has_value());
}

TEST_CASE("lengths beyond 292 years have no nanoseconds", "[codec]") {
  CHECK(to_nanoseconds(hours{1}) == 3'600'000'000'000);
  CHECK_FALSE(to_nanoseconds(hours{2'562'048}).has_value());
  CHECK_FALSE(to_nanoseconds(hours{std::numeric_limits<hours::rep>::max()}).has_value());
  CHECK_FALSE(to_nanoseconds(seconds::min()).has_value());
  CHECK_FALSE(to_nanoseconds(duration<std::uint64_t>{~std::uint64_t{0}}).has_value());
}
