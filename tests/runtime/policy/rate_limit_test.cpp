// SPDX-License-Identifier: BSD-3-Clause
// Limits that make no sense are refused; a bucket lets through what a table of times would.
#include "weir/runtime/policy/rate_limit.hpp"

#include <cmath>
#include <deque>
#include <limits>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::rate_limit;
using weir::token_bucket;

namespace {

const weir::timestamp start{std::chrono::hours{12}};

std::string mistake(double per_second, std::uint32_t burst) {
  const auto sound = rate_limit{per_second, burst}.check();
  if (sound) return "";
  CHECK(sound.error().code == weir::errc::invalid_argument);
  return sound.error().message;
}

/// The naive bucket: when each of its tokens is, or will be, there.
struct table_of_tokens {
  table_of_tokens(weir::duration interval, std::uint32_t burst)
      : apart(interval), there_at(burst, start) {}
  std::uint32_t available(weir::timestamp now) const {
    std::uint32_t count = 0;
    for (const auto at : there_at) count += at <= now ? 1 : 0;
    return count;
  }
  void take(weir::timestamp now) {
    there_at.pop_front();
    // Tokens come back one after the other.
    last = std::max(last, now) + apart;
    there_at.push_back(last);
  }
  weir::duration apart;
  std::deque<weir::timestamp> there_at;
  weir::timestamp last = start;
};

}  // namespace

TEST_CASE("a rate limit out of range is refused with its number", "[policy]") {
  CHECK(mistake(10, 1).empty());
  CHECK(mistake(0.001, 1'000'000).empty());
  CHECK(mistake(1'000'000, 1).empty());
  CHECK(mistake(0, 1) == "rate_limit: 0 events/s is not in 0.001..1000000");
  CHECK(mistake(-5, 1) == "rate_limit: -5 events/s is not in 0.001..1000000");
  CHECK(mistake(1e9, 1) == "rate_limit: 1e+09 events/s is not in 0.001..1000000");
  CHECK(mistake(std::numeric_limits<double>::infinity(), 1) != "");
  CHECK(mistake(std::nan(""), 1) != "");
  CHECK(mistake(10, 0) == "rate_limit: burst 0 is not in 1..1000000");
  CHECK(mistake(10, static_cast<std::uint32_t>(-1)) ==
        "rate_limit: burst 4294967295 is not in 1..1000000");
}

TEST_CASE("a rate limit says what it is", "[policy]") {
  CHECK(to_string(rate_limit{10, 5}) == "10 events/s, bursts of 5");
  CHECK(to_string(rate_limit{0.5, 1}) == "0.5 events/s, bursts of 1");
}

TEST_CASE("a bucket is full at the start and gives its burst at once", "[policy]") {
  token_bucket bucket{{10, 3}};
  CHECK(bucket.available(start) == 3);
  CHECK(bucket.wait(start) == 0s);
  bucket.take(2, start);
  CHECK(bucket.available(start) == 1);
  bucket.take(1, start);
  CHECK(bucket.available(start) == 0);
  CHECK(bucket.wait(start) == 100ms);
  CHECK(bucket.available(start + 100ms - 1ns) == 0);
  CHECK(bucket.wait(start + 40ms) == 60ms);
  CHECK(bucket.available(start + 100ms) == 1);
  CHECK(bucket.available(start + 299ms) == 2);
  CHECK(bucket.available(start + 300ms) == 3);
  CHECK(bucket.available(start + 10h) == 3);
}

TEST_CASE("an event at a time at the moment it may come takes the interval each", "[policy]") {
  token_bucket bucket{{10, 1}};
  auto now = start;
  for (int i = 0; i < 100; ++i) {
    now += bucket.wait(now);
    REQUIRE(bucket.available(now) == 1);
    bucket.take(1, now);
  }
  CHECK(now - start == 9900ms);
}

TEST_CASE("the rate is never exceeded, however it divides a second", "[policy]") {
  const auto rate = GENERATE(3.0, 7.0, 0.3, 999'999.0, 300'000.0);
  token_bucket bucket{{rate, 1}};
  auto now = start;
  for (int i = 0; i < 1000; ++i) {
    bucket.take(1, now);
    while (bucket.available(now) == 0) now += bucket.wait(now);
  }
  const auto exact = 1000.0 / rate;
  const auto taken = std::chrono::duration<double>(now - start).count();
  CHECK(taken >= exact * (1 - 1e-12));
  CHECK(taken <= exact * 1.001);
}

TEST_CASE("where events are close, it waits for a millisecond of them if the burst holds them",
          "[policy]") {
  token_bucket wide{{1'000'000, 5000}};
  wide.take(5000, start);
  CHECK(wide.wait(start) == 1ms);
  CHECK(wide.available(start + 1ms) == 1000);
  token_bucket narrow{{1'000'000, 10}};
  narrow.take(10, start);
  CHECK(narrow.wait(start) == 10us);
}

TEST_CASE("a clock that goes back costs no more than a burst", "[policy]") {
  token_bucket bucket{{10, 2}};
  bucket.take(2, start);
  const auto back = start - 1h;
  CHECK(bucket.available(back) == 0);
  CHECK(bucket.wait(back) == 100ms);
  CHECK(bucket.available(back + 200ms) == 2);
}

TEST_CASE("a bucket is a table of tokens", "[policy][property]") {
  rc::prop("the same number at every time", [] {
    const rate_limit limit{*rc::gen::element(0.1, 1.0, 3.0, 250.0),
                           *rc::gen::inRange<std::uint32_t>(1, 6)};
    token_bucket bucket{limit};
    const weir::duration interval{static_cast<std::int64_t>(std::ceil(1e9 / limit.per_second))};
    table_of_tokens naive{interval, limit.burst};
    auto now = start;
    for (int steps = *rc::gen::inRange(0, 60); steps > 0; --steps) {
      now += *rc::gen::element(weir::duration{0}, weir::duration{1}, interval / 2, interval,
                               interval * 3 - weir::duration{1});
      RC_ASSERT(bucket.available(now) == naive.available(now));
      const auto taken = *rc::gen::inRange<std::uint32_t>(0, naive.available(now) + 1);
      bucket.take(taken, now);
      for (std::uint32_t i = 0; i < taken; ++i) naive.take(now);
    }
  });
}
