// SPDX-License-Identifier: BSD-3-Clause
// Sums of lags and their families.
#include "weir/runtime/observe/lag.hpp"

#include <algorithm>

namespace weir::observe {

lag& lag::operator+=(const lag& other) noexcept {
  sent += other.sent;
  // An empty optional is less than any age.
  oldest_age = std::max(oldest_age, other.oldest_age);
  halted = halted || other.halted;
  return *this;
}

std::vector<metric_family> lag_families(std::span<const labelled_lag> lags) {
  metric_family sent{"weir_subscription_sent_events",
                     "Events sent to the subscriber and not settled yet.", metric_kind::gauge, {}};
  metric_family age{"weir_subscription_oldest_age_seconds",
                    "Age of the oldest unsettled event; 0 if there is none.", metric_kind::gauge,
                    {}};
  metric_family halted{"weir_subscription_halted",
                       "1 if the subscription has halted and handles nothing more.",
                       metric_kind::gauge, {}};
  for (const auto& [labels, behind] : lags) {
    const std::chrono::duration<double> seconds = behind.oldest_age.value_or(duration::zero());
    sent.samples.push_back({labels, static_cast<double>(behind.sent)});
    age.samples.push_back({labels, seconds.count()});
    halted.samples.push_back({labels, behind.halted ? 1.0 : 0.0});
  }
  return {std::move(sent), std::move(age), std::move(halted)};
}

}  // namespace weir::observe
