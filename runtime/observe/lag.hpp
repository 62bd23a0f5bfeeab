// SPDX-License-Identifier: BSD-3-Clause
// How far behind a subscription is, and how it is doing: what an operator looks at first. The
// counts of what became of its events are the ledger's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/observe/metric.hpp"

namespace weir::observe {

/// Of one subscription in one topic, or a sum of such.
struct lag {
  /// Events its subscriber has been sent and has not settled; the ledger's `in_flight` is these and
  /// those that still wait for credit.
  std::uint64_t sent = 0;
  /// How long ago its oldest unsettled event was published; empty if all are settled.
  std::optional<duration> oldest_age;
  /// It handles nothing more.
  bool halted = false;

  /// The sum of counts, the older of ages.
  lag& operator+=(const lag& other) noexcept;
  bool operator==(const lag&) const = default;
};

/// A lag and the labels it goes under, usually topic and subscription.
struct labelled_lag {
  std::vector<metric_label> labels;
  lag behind;
};

/// The gauges `weir_subscription_sent_events`, `weir_subscription_oldest_age_seconds` (0 if nothing
/// is unsettled) and `weir_subscription_halted` (1 or 0).
std::vector<metric_family> lag_families(std::span<const labelled_lag> lags);

}  // namespace weir::observe
