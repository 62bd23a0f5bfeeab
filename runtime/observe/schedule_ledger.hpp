// SPDX-License-Identifier: BSD-3-Clause
// What became of scheduled events: accepted = published + cancelled + refused + unpublished +
// pending, always.
#pragma once

#include <cstdint>
#include <vector>

#include "weir/runtime/observe/metric.hpp"

namespace weir::observe {

struct schedule_ledger {
  std::uint64_t accepted = 0;
  std::uint64_t published = 0;
  std::uint64_t cancelled = 0;
  /// At their time the topic did not take them; logged as `scheduled-event-refused`.
  std::uint64_t refused = 0;
  /// Left when the node stopped.
  std::uint64_t unpublished = 0;
  std::uint64_t pending = 0;

  bool balanced() const noexcept {
    return accepted == published + cancelled + refused + unpublished + pending;
  }
};

/// The gauge `weir_events_scheduled` and the counters `weir_scheduled_events_total{outcome=}`.
std::vector<metric_family> schedule_families(const schedule_ledger& counts);

}  // namespace weir::observe
