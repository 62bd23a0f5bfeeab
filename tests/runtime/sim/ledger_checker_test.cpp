// SPDX-License-Identifier: BSD-3-Clause
// The ledger checker: each way a ledger can lie, and that an honest one passes.
#include "weir/runtime/sim/ledger_checker.hpp"

#include <catch2/catch.hpp>

using weir::observe::drop_reason;
using weir::observe::ledger;
using weir::sim::ledger_checker;

namespace {

ledger busy() {
  ledger counts;
  counts.published = 10;
  counts.delivered = counts.filtered = counts.expired = counts.dead_lettered = 2;
  counts.in_flight = 1;
  counts.drop(drop_reason::skipped);
  return counts;
}

}  // namespace

TEST_CASE("honest snapshots that end with nothing in flight pass and are summed", "[sim]") {
  ledger_checker checker;
  auto counts = busy();
  checker.seen("billing", counts);
  --counts.in_flight;
  ++counts.delivered;
  checker.seen("billing", counts);
  checker.seen("audit", counts);
  checker.finish();
  CHECK(checker.violation().empty());
  CHECK(checker.ok());
  CHECK(checker.total() == counts + counts);
}

TEST_CASE("a ledger that does not balance is a violation with its equation", "[sim]") {
  ledger_checker checker;
  auto counts = busy();
  ++counts.published;
  checker.seen("billing", counts);
  CHECK_FALSE(checker.ok());
  CHECK(
      checker.violation() ==
      "subscription billing: the ledger does not balance: published 11 = delivered 2 + filtered 2 "
      "+ in flight 1 + expired 2 + dropped 1 (skipped 1) + dead-lettered 2; missing 1");
}

TEST_CASE("a count that runs backwards is a violation even if the ledger balances", "[sim]") {
  const auto lower = GENERATE(&ledger::published, &ledger::delivered, &ledger::filtered,
                              &ledger::expired, &ledger::dead_lettered);
  auto before = busy();
  auto after = busy();
  --(after.*lower);
  if (lower == &ledger::published) {
    --after.in_flight;
  } else {
    ++after.in_flight;
  }
  ledger_checker checker;
  checker.seen("billing", before);
  CHECK(checker.ok());
  checker.seen("billing", after);
  CHECK_THAT(checker.violation(), Catch::Contains("ran backwards"));
}

TEST_CASE("drops that run backwards are a violation", "[sim]") {
  ledger_checker checker;
  checker.seen("billing", busy());
  auto after = busy();
  after.dropped.fill(0);
  ++after.in_flight;
  checker.seen("billing", after);
  CHECK_THAT(checker.violation(), Catch::Contains("dropped ran backwards"));
}

TEST_CASE("events in flight are fine during a run and a violation at its end", "[sim]") {
  ledger_checker checker;
  checker.seen("billing", busy());
  CHECK(checker.ok());
  checker.finish();
  CHECK_THAT(checker.violation(), Catch::Contains("billing: events are still in flight"));
}
