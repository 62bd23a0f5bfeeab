// SPDX-License-Identifier: BSD-3-Clause
// Which timers to set for a time that changes, where timers cannot be taken back: as few as one,
// and never more than one for each power of two, however often an earlier time comes.
//
// Why: while a timer runs, another is set only if it must ring before it, and its delay is rounded
// down to a power of two. Of two with the same delay the later one would ring later, so it was not
// set. Who is woken too early by the rounding sets the alarm again.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "weir/runtime/core/clock.hpp"

namespace weir::topic {

class alarm {
 public:
  /// No timer runs longer than `longest`: so late may a jump of the clock be noticed.
  explicit alarm(duration longest) noexcept : longest_(longest) {}

  /// The delay of a timer to set now so that one rings at `due` or before; none if one will.
  std::optional<duration> set(timestamp now, timestamp due) {
    // Compared before subtracting, which could leave the range.
    auto delay = due <= now ? duration::zero() : due > now + longest_ ? longest_ : due - now;
    if (!rings_.empty()) {
      if (rings_.back() <= now + delay) return std::nullopt;
      delay = duration{std::bit_floor(static_cast<std::uint64_t>(delay.count()))};
    }
    rings_.push_back(now + delay);
    return delay;
  }
  /// A timer has rung.
  void rang() noexcept {
    if (!rings_.empty()) rings_.pop_back();
  }
  /// Timers that were set and have not rung.
  std::size_t running() const noexcept { return rings_.size(); }

 private:
  duration longest_;
  std::vector<timestamp> rings_;  // the next one last
};

}  // namespace weir::topic
