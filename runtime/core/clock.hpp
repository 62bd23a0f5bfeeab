// SPDX-License-Identifier: BSD-3-Clause
// The only place that reads time. A clock is either the machine's or a hand that a test moves; both
// are one class, so that asking for the time costs a branch and not a virtual call.
#pragma once

#include <ctime>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace weir {

using duration = std::chrono::nanoseconds;
/// A point in time as nanoseconds since the Unix epoch, UTC.
using timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Thread-safe. `machine()` follows the system clock; a manual clock stands still until moved.
class clock {
 public:
  /// A clock that follows the machine.
  clock() noexcept = default;
  /// A manual clock that shows `start`.
  explicit clock(timestamp start) noexcept
      : manual_(true), now_(start.time_since_epoch().count()) {}
  clock(const clock&) = delete;
  clock& operator=(const clock&) = delete;

  /// The time, to the nanosecond where the machine gives it.
  timestamp now() const noexcept;
  /// The time to a few milliseconds, at a quarter of the cost: for stamping under load.
  timestamp coarse_now() const noexcept {
    if (manual_) [[unlikely]] {
      return timestamp{duration{now_.load(std::memory_order_relaxed)}};
    }
    timespec spec{};
    clock_gettime(CLOCK_REALTIME_COARSE, &spec);
    return timestamp{std::chrono::seconds{spec.tv_sec} + duration{spec.tv_nsec}};
  }

  bool is_manual() const noexcept { return manual_; }
  /// Moves a manual clock forward; a machine clock cannot be moved (invariant). `step` >= 0.
  void advance(duration step) noexcept;
  /// Sets a manual clock, backwards too: clocks of real machines do that.
  void set(timestamp time) noexcept;

 private:
  bool manual_ = false;
  std::atomic<std::int64_t> now_{0};
};

/// The process-wide clock that follows the machine.
const clock& machine_clock() noexcept;

/// RFC 3339 in UTC with milliseconds: `2001-01-31T23:59:00.000Z`.
std::string to_string(timestamp time);

}  // namespace weir
