// SPDX-License-Identifier: BSD-3-Clause
// The ledger against a naive model: events as tokens that move between boxes.
#include "weir/runtime/observe/ledger.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using weir::observe::drop_reason;
using weir::observe::ledger;

namespace {

// Settles one event in flight in the way numbered `fate`.
void settle(ledger& counts, int fate) {
  --counts.in_flight;
  switch (fate) {
    case 0: ++counts.delivered; break;
    case 1: ++counts.filtered; break;
    case 2: ++counts.expired; break;
    case 3: ++counts.dead_lettered; break;
    default: counts.drop(static_cast<drop_reason>(fate - 4)); break;
  }
}

ledger any_history() {
  ledger counts;
  for (const int fate : *rc::gen::container<std::vector<int>>(rc::gen::inRange(-1, 9))) {
    ++counts.published;
    ++counts.in_flight;
    if (fate >= 0) settle(counts, fate);
  }
  return counts;
}

}  // namespace

TEST_CASE("a ledger whose every event went somewhere is balanced", "[observe][property]") {
  rc::prop("histories balance", [] {
    const auto counts = any_history();
    RC_ASSERT(counts.balanced());
    RC_ASSERT(counts.missing() == 0);
    RC_ASSERT(counts.settled() == (counts.in_flight == 0));
  });
}

TEST_CASE("sums of balanced ledgers are balanced and count every event", "[observe][property]") {
  rc::prop("sums", [] {
    const auto one = any_history();
    const auto two = any_history();
    const auto sum = one + two;
    RC_ASSERT(sum.balanced());
    RC_ASSERT(sum.published == one.published + two.published);
    RC_ASSERT(sum.dropped_total() == one.dropped_total() + two.dropped_total());
    RC_ASSERT(sum == two + one);
  });
}

TEST_CASE("one event lost or counted twice in any column unbalances the ledger", "[observe]") {
  ledger counts;
  counts.published = 6;
  counts.delivered = counts.filtered = counts.in_flight = counts.expired = counts.dead_lettered = 1;
  const auto reason =
      GENERATE(drop_reason::skipped, drop_reason::overflow_oldest, drop_reason::overflow_newest,
               drop_reason::overflow_failed, drop_reason::unsubscribed, drop_reason::retention);
  CHECK(counts.missing() == 1);
  counts.drop(reason);
  CHECK(counts.balanced());
  CHECK(counts.dropped_for(reason) == 1);
  for (auto column : {&ledger::delivered, &ledger::filtered, &ledger::in_flight, &ledger::expired,
                      &ledger::dead_lettered}) {
    auto lost = counts;
    --(lost.*column);
    CHECK(lost.missing() == 1);
    CHECK_FALSE(lost.balanced());
    auto twice = counts;
    ++(twice.*column);
    CHECK(twice.missing() == -1);
  }
}

TEST_CASE("a ledger prints its equation, its drops by reason and what is missing", "[observe]") {
  ledger counts;
  counts.published = 10;
  counts.delivered = 6;
  counts.filtered = 1;
  counts.in_flight = 1;
  CHECK(to_string(counts) ==
        "published 10 = delivered 6 + filtered 1 + in flight 1 + expired 0 + dropped 0 + "
        "dead-lettered 0; missing 2");
  counts.drop(drop_reason::skipped, 2);
  counts.drop(drop_reason::overflow_oldest);
  CHECK(to_string(counts) ==
        "published 10 = delivered 6 + filtered 1 + in flight 1 + expired 0 + dropped 3 "
        "(skipped 2, overflow_oldest 1) + dead-lettered 0; surplus 1");
}

TEST_CASE("every drop reason has its own name", "[observe]") {
  CHECK(to_string(drop_reason::skipped) == "skipped");
  CHECK(to_string(drop_reason::overflow_oldest) == "overflow_oldest");
  CHECK(to_string(drop_reason::overflow_newest) == "overflow_newest");
  CHECK(to_string(drop_reason::overflow_failed) == "overflow_failed");
  CHECK(to_string(drop_reason::unsubscribed) == "unsubscribed");
}
