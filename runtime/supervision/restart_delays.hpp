// SPDX-License-Identifier: BSD-3-Clause
// How long the next restart of one child waits. OTP restarts at once; so does this unless a backoff
// is chosen.
#pragma once

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/runtime/policy/backoff.hpp"

namespace weir::supervision {

/// Counts restarts in a row: one that comes when the child has run for longer than the window is
/// the first again. Never waits itself. One owner at a time.
class restart_delays {
 public:
  explicit restart_delays(backoff delays = no_backoff()) : delays_(delays) {}

  /// The child has begun to run.
  void started(timestamp now) noexcept { since_ = now; }
  /// The delay of the restart that is decided at `now`: `delay(n)` of the backoff for the n-th in a
  /// row. A clock that was set back makes no row shorter.
  duration next(timestamp now, duration window, random& chance) noexcept {
    row_ = now > since_ + window ? 1 : row_ + 1;
    return delays_.delay(row_, chance);
  }

 private:
  backoff delays_;
  timestamp since_{};
  unsigned row_ = 0;
};

}  // namespace weir::supervision
