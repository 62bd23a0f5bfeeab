// SPDX-License-Identifier: BSD-3-Clause
// The schedule's ledger as text, and what balanced means.
#include "weir/runtime/observe/schedule_ledger.hpp"

#include <catch2/catch.hpp>

using namespace weir::observe;

TEST_CASE("the schedule's ledger is a gauge and a counter per outcome", "[observe]") {
  const schedule_ledger counts{.accepted = 21,
                               .published = 6,
                               .cancelled = 5,
                               .refused = 3,
                               .unpublished = 1,
                               .pending = 6};
  CHECK(prometheus_text(schedule_families(counts)) ==
        "# HELP weir_events_scheduled Events scheduled and not published yet.\n"
        "# TYPE weir_events_scheduled gauge\n"
        "weir_events_scheduled 6\n"
        "# HELP weir_scheduled_events_total Scheduled events that wait no more, by outcome.\n"
        "# TYPE weir_scheduled_events_total counter\n"
        "weir_scheduled_events_total{outcome=\"published\"} 6\n"
        "weir_scheduled_events_total{outcome=\"cancelled\"} 5\n"
        "weir_scheduled_events_total{outcome=\"refused\"} 3\n"
        "weir_scheduled_events_total{outcome=\"unpublished\"} 1\n");
}

TEST_CASE("a schedule is balanced when every accepted event is somewhere", "[observe]") {
  schedule_ledger counts;
  CHECK(counts.balanced());
  counts.accepted = 5;
  CHECK_FALSE(counts.balanced());
  counts.published = counts.cancelled = counts.refused = counts.unpublished = counts.pending = 1;
  CHECK(counts.balanced());
}
