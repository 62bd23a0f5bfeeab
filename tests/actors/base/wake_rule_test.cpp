// SPDX-License-Identifier: BSD-3-Clause
// When a queue is worth a wake-up, and how long to look before sleeping.
#include "weir/actors/base/wake_rule.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::duration;
using weir::timestamp;
using weir::actors::wake_rule;

namespace {

const timestamp noon{12h};

// A rule that has seen many jobs of this length, the last of which was taken at noon.
void work(wake_rule& rule, duration each) {
  for (int i = 0; i < 200; ++i) rule.job_begins(noon, each);
}

}  // namespace

TEST_CASE("where nobody is awake every job wakes somebody", "[base]") {
  wake_rule rule;
  CHECK(rule.needs_another(1, 0, 1, noon));
  work(rule, 1us);
  CHECK(rule.needs_another(1, 0, 4, noon));
}

TEST_CASE("where nobody sleeps there is nobody to wake", "[base]") {
  wake_rule rule;
  work(rule, 1s);
  CHECK_FALSE(rule.needs_another(1000, 2, 0, noon + 1h));
}

TEST_CASE("short jobs are left to the workers that are awake", "[base]") {
  wake_rule rule;
  work(rule, 2us);
  CHECK_FALSE(rule.needs_another(8, 1, 3, noon));
  CHECK(rule.needs_another(20, 1, 3, noon));
  CHECK_FALSE(rule.needs_another(20, 2, 3, noon));
}

TEST_CASE("long jobs wake another worker at once", "[base]") {
  wake_rule rule;
  work(rule, 1ms);
  CHECK(rule.needs_another(1, 1, 1, noon));
}

TEST_CASE("the last sleeper is left alone longer than others", "[base]") {
  wake_rule rule;
  work(rule, 2us);
  CHECK_FALSE(rule.needs_another(20, 1, 1, noon));
  CHECK(rule.needs_another(100, 1, 1, noon));
}

TEST_CASE("a queue that stands still wakes a worker however short its jobs were", "[base]") {
  wake_rule rule;
  work(rule, 1us);
  CHECK_FALSE(rule.needs_another(1, 1, 1, noon + 90us));
  CHECK(rule.needs_another(1, 1, 1, noon + 110us));
  // So does a clock that was set back: nothing can be said of how long that is.
  CHECK(rule.needs_another(1, 1, 1, noon - 1s));
}

TEST_CASE("a worker looks before it sleeps where jobs come often, and soon gives up where not",
          "[base]") {
  wake_rule rule;
  CHECK(rule.look_time() == 0us);
  rule.idle_ended(20us);
  CHECK(rule.look_time() == 200us);
  rule.idle_ended(1ms);
  CHECK(rule.look_time() == 50us);
  for (int i = 0; i < 10; ++i) rule.idle_ended(1ms);
  CHECK(rule.look_time() == 0us);
}
