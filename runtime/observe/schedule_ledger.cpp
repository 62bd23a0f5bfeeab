// SPDX-License-Identifier: BSD-3-Clause
// The schedule's families.
#include "weir/runtime/observe/schedule_ledger.hpp"

namespace weir::observe {

std::vector<metric_family> schedule_families(const schedule_ledger& counts) {
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  // "Events scheduled" ends in no _total, and no counter has that name with one: OpenMetrics takes
  // both for the same family.
  metric_family outcomes{"weir_scheduled_events_total",
                         "Scheduled events that wait no more, by outcome.",
                         metric_kind::counter,
                         {{{{"outcome", "published"}}, number(counts.published)},
                          {{{"outcome", "cancelled"}}, number(counts.cancelled)},
                          {{{"outcome", "refused"}}, number(counts.refused)},
                          {{{"outcome", "unpublished"}}, number(counts.unpublished)}}};
  return {{"weir_events_scheduled",
           "Events scheduled and not published yet.",
           metric_kind::gauge,
           {{{}, number(counts.pending)}}},
          std::move(outcomes)};
}

}  // namespace weir::observe
