// SPDX-License-Identifier: BSD-3-Clause
// Where a subscription begins that joins a topic which is running already. A value: what it means
// in one partition is that partition's to say, because it depends on what is retained there.
#pragma once

#include <cstdint>
#include <string>

#include "weir/runtime/core/clock.hpp"

namespace weir {

/// Made by from_latest(), from_earliest(), from_offset() or from_time(). Applies to every partition
/// of every topic that the subscription matches, within what is retained when it begins.
class start_position {
 public:
  enum class kind : std::uint8_t { latest, earliest, offset, time };

  /// As from_latest().
  constexpr start_position() noexcept = default;

  constexpr kind from() const noexcept { return from_; }
  /// Of from_offset(); otherwise 0.
  constexpr std::uint64_t offset() const noexcept { return offset_; }
  /// Of from_time(); otherwise the epoch.
  constexpr timestamp time() const noexcept { return time_; }

  friend constexpr bool operator==(const start_position&, const start_position&) = default;

 private:
  constexpr start_position(kind from, std::uint64_t offset, timestamp time) noexcept
      : from_(from), offset_(offset), time_(time) {}
  friend constexpr start_position from_latest() noexcept;
  friend constexpr start_position from_earliest() noexcept;
  friend constexpr start_position from_offset(std::uint64_t offset) noexcept;
  friend constexpr start_position from_time(timestamp time) noexcept;

  kind from_ = kind::latest;
  std::uint64_t offset_ = 0;
  timestamp time_{};
};

/// What is published from now on, and nothing from before.
constexpr start_position from_latest() noexcept { return {}; }
/// The oldest event that is retained; from_latest() where nothing is.
constexpr start_position from_earliest() noexcept {
  return {start_position::kind::earliest, 0, {}};
}
/// The event with this offset. errc::not_found where it is not retained any more, or lies beyond
/// the offset that the next event will get.
constexpr start_position from_offset(std::uint64_t offset) noexcept {
  return {start_position::kind::offset, offset, {}};
}
/// The first retained event that was published at `time` or later, in the order of the partition;
/// from_latest() where there is none. Later events may be older: publishers' clocks differ.
constexpr start_position from_time(timestamp time) noexcept {
  return {start_position::kind::time, 0, time};
}

/// `latest`, `earliest`, `offset 17`, `time 2001-01-31T23:59:00.000Z`.
inline std::string to_string(const start_position& start) {
  switch (start.from()) {
    case start_position::kind::earliest: return "earliest";
    case start_position::kind::offset: return "offset " + std::to_string(start.offset());
    case start_position::kind::time: return "time " + to_string(start.time());
    case start_position::kind::latest: break;
  }
  return "latest";
}

}  // namespace weir
