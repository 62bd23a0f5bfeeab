// SPDX-License-Identifier: BSD-3-Clause
// Is an airport disrupted? Its last 20 departures say so, once there are 20: a mean delay of 60
// minutes or more disrupts it, and a disrupted one recovers when the mean falls below 15. Means are
// never divided out: sums of integers are compared, so that the answer cannot drift.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "weir/runtime/event/describe.hpp"

namespace flights {

enum class disruption_change : std::uint8_t { none, disrupted, recovered };

/// One airport; its departures in input order. A plain value: one thread at a time, copies are
/// free.
struct disruption_detector {
  static constexpr std::size_t window = 20;
  static constexpr std::int64_t disrupted_from_minutes = 60;
  static constexpr std::int64_t recovered_below_minutes = 15;

  /// Takes the next departure's delay; says what it changed.
  constexpr disruption_change observe(std::int32_t delay_minutes) noexcept {
    sum += std::int64_t{delay_minutes} - last[next];  // an empty place holds 0
    last[next] = delay_minutes;
    next = static_cast<std::uint32_t>((next + 1) % window);
    if (count < window && ++count < window) return disruption_change::none;
    constexpr auto size = static_cast<std::int64_t>(window);
    if (!disrupted && sum >= disrupted_from_minutes * size) {
      disrupted = true;
      return disruption_change::disrupted;
    }
    if (disrupted && sum < recovered_below_minutes * size) {
      disrupted = false;
      return disruption_change::recovered;
    }
    return disruption_change::none;
  }
  /// Of the window; 0 if it is empty.
  constexpr double mean_minutes() const noexcept {
    return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count);
  }

  std::array<std::int32_t, window> last{};
  std::int64_t sum = 0;
  std::uint32_t next = 0;
  std::uint32_t count = 0;  ///< departures in the window, at most 20
  bool disrupted = false;
};
WEIR_FIELDS(disruption_detector, (last, sum, next, count, disrupted))

}  // namespace flights
