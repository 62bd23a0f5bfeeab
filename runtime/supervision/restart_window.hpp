// SPDX-License-Identifier: BSD-3-Clause
// How many restarts are too many, as arithmetic on times. Invariant: it remembers at most
// `restarts + 1` times, allocated once. Owned by a supervisor.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/result.hpp"

namespace weir::supervision {

/// At most `restarts` restarts within any `window` (both ends count, as in OTP's supervisor).
struct intensity {
  static constexpr unsigned restarts_max = 10'000;
  static constexpr duration window_max = std::chrono::hours{24 * 7};

  unsigned restarts = 3;
  duration window = std::chrono::seconds{5};

  /// errc::invalid_argument for more than `restarts_max` restarts, or a window that is not positive
  /// or longer than a week. Zero restarts is fine: the first failure escalates.
  result<void> check() const;
  bool operator==(const intensity&) const = default;
};

/// `3 restarts in 5000ms`.
std::string to_string(const intensity& limit);

/// Remembers restarts and says when one is too many.
class restart_window {
 public:
  /// Numbers outside `intensity::check` are clamped into it, so that this cannot fail.
  explicit restart_window(intensity limit);

  /// Counts a restart at `now`; true if it stays within the intensity. A `now` before an earlier
  /// one (a clock that was set back) counts as that earlier one: restarts are never forgotten
  /// early.
  bool allow(timestamp now);
  /// Restarts that would count against one at `now`.
  std::size_t recent(timestamp now) const noexcept;
  /// Forgets every restart, as a restarted supervisor does.
  void clear() noexcept;

  const intensity& limit() const noexcept { return limit_; }

 private:
  intensity limit_;
  // The latest `restarts + 1` times, oldest first from `oldest_`; never decreasing.
  std::vector<timestamp> times_;
  std::size_t oldest_ = 0;
  std::size_t count_ = 0;
};

}  // namespace weir::supervision
