// SPDX-License-Identifier: BSD-3-Clause
// Is an airport disrupted? Its last 20 departures say so, once there are 20: a mean delay of 60
// minutes or more disrupts it, and a disrupted one recovers when the mean falls below 15. Means are
// never divided out: sums of integers are compared, so that the answer cannot drift.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace flights {

enum class disruption_change : std::uint8_t { none, disrupted, recovered };

/// One airport; its departures in input order. A plain value: one thread at a time, copies are
/// free.
class disruption_detector {
 public:
  static constexpr std::size_t window = 20;
  static constexpr std::int64_t disrupted_from_minutes = 60;
  static constexpr std::int64_t recovered_below_minutes = 15;

  /// Takes the next departure's delay; says what it changed.
  constexpr disruption_change observe(std::int32_t delay_minutes) noexcept {
    sum_ += delay_minutes - last_[next_];  // an empty place holds 0
    last_[next_] = delay_minutes;
    next_ = (next_ + 1) % window;
    if (count_ < window && ++count_ < window) return disruption_change::none;
    constexpr auto size = static_cast<std::int64_t>(window);
    if (!disrupted_ && sum_ >= disrupted_from_minutes * size) {
      disrupted_ = true;
      return disruption_change::disrupted;
    }
    if (disrupted_ && sum_ < recovered_below_minutes * size) {
      disrupted_ = false;
      return disruption_change::recovered;
    }
    return disruption_change::none;
  }

  constexpr bool disrupted() const noexcept { return disrupted_; }
  /// Departures in the window, at most 20.
  constexpr std::size_t count() const noexcept { return count_; }
  /// Of the window; 0 if it is empty.
  constexpr double mean_minutes() const noexcept {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
  }

 private:
  std::array<std::int64_t, window> last_{};
  std::int64_t sum_ = 0;
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  bool disrupted_ = false;
};

}  // namespace flights
