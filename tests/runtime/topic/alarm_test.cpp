// SPDX-License-Identifier: BSD-3-Clause
// Few timers, and none too late.
#include "weir/runtime/topic/alarm.hpp"

#include <map>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::duration;
using weir::timestamp;
using alarm_timers = weir::topic::alarm;

namespace {
constexpr auto noon = timestamp{std::chrono::hours{1'000'000}};
}

TEST_CASE("one time is one timer, for exactly that time", "[topic]") {
  alarm_timers tested{1h};
  CHECK(tested.set(noon, noon + 7s) == 7s);
  CHECK_FALSE(tested.set(noon, noon + 7s));
  CHECK_FALSE(tested.set(noon + 1s, noon + 8s));
  tested.rang();
  CHECK(tested.set(noon + 7s, noon + 8s) == 1s);
  tested.rang();
  CHECK(tested.set(noon, noon - 1s) == 0s);
}

TEST_CASE("a far time is looked at once in a while", "[topic]") {
  alarm_timers tested{1s};
  CHECK(tested.set(noon, timestamp::max()) == 1s);
  tested.rang();
  CHECK(tested.set(noon + 1s, noon + 1h) == 1s);
}

TEST_CASE("an alarm rings in time, with a timer per power of two at most", "[topic][property]") {
  rc::prop("alarm", [] {
    alarm_timers tested{1h};
    auto now = noon;
    std::multimap<timestamp, int> timers;
    const auto steps = *rc::gen::inRange(1, 200);
    for (int step = 0; step < steps; ++step) {
      const auto due = now + duration{*rc::gen::inRange<std::int64_t>(1, 3'600'000'000'000)};
      // An earlier time again and again, or the next ring.
      if (const auto delay = tested.set(now, due)) timers.emplace(now + *delay, 0);
      RC_ASSERT(!timers.empty());
      RC_ASSERT(timers.begin()->first <= due);
      RC_ASSERT(timers.size() == tested.running());
      RC_ASSERT(timers.size() <= 43U);  // an hour is 2^41.7 ns
      if (*rc::gen::inRange(0, 3) > 0) continue;
      now = timers.begin()->first;
      timers.erase(timers.begin());
      tested.rang();
    }
  });
}
