// SPDX-License-Identifier: BSD-3-Clause
// How much of a partition's log is kept: arithmetic on extents of records, no store and no clock.
// Records are counted in segments, about sixteen of them within the limits; the oldest go, whole.
//
// Invariants: segments are dense and rise in offset; the newest is never given up, so a log always
// knows where it ends; nothing at or above `unsettled_from` is.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "weir/runtime/core/clock.hpp"

namespace weir::store {

/// Zero: no limit.
struct retention_limits {
  duration age{};
  std::uint64_t bytes = 0;
  bool any() const noexcept { return age > duration::zero() || bytes > 0; }
};

/// A record of a log.
struct record_extent {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  std::uint64_t bytes = 0;
  timestamp latest{};  // time of any of its events
};

/// One thread at a time.
class retention {
 public:
  explicit retention(retention_limits limits) : limits_(limits) {}

  /// The record that follows those before. True if it begins a segment: something else may be
  /// given up now.
  bool add(const record_extent& one);
  /// Where the log would begin if nobody had anything unsettled; nothing if that is where it does.
  std::optional<std::uint64_t> due(timestamp now) const noexcept;
  /// Where the log may begin: what lies below is to be deleted. Nothing if that is where it begins.
  /// What is older than the age, or has `bytes` behind it, is given up unless somebody has not
  /// settled it.
  std::optional<std::uint64_t> give_up(timestamp now, std::uint64_t unsettled_from);
  /// How often to ask, for the sake of what grows old or is settled while nothing comes; nothing:
  /// never.
  std::optional<duration> look_every() const noexcept;

 private:
  struct segment {
    std::uint64_t end;
    std::uint64_t bytes;
    timestamp begun;
    timestamp latest;
  };
  static constexpr std::size_t segments_max = 1024;
  /// A segment that the record is not added to.
  bool full(const segment& one, const record_extent& next) const noexcept;
  /// Of a log that is this large with its oldest segment.
  bool may_go(const segment& oldest, std::uint64_t bytes, timestamp now) const noexcept;

  retention_limits limits_;
  std::deque<segment> segments_;
  std::uint64_t bytes_ = 0;
};

}  // namespace weir::store
