// SPDX-License-Identifier: BSD-3-Clause
// What a program may choose about one child of a supervisor, as a value.
#pragma once

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/policy/backoff.hpp"
#include "weir/runtime/supervision/supervisor.hpp"

namespace weir::supervision {

/// OTP's child specification, as far as it is a choice. The defaults restart always and at once.
struct child_choice {
  static constexpr duration shutdown_max = std::chrono::hours{1};

  /// Which of its ends are followed by a restart.
  restart_type restart = restart_type::permanent;
  /// How long it may take to stop once it is asked to (0..1 h); then it is killed. Zero: it is
  /// killed at once.
  duration shutdown = duration::zero();
  /// How long restarts in a row wait; see restart_delays.
  weir::backoff backoff = no_backoff();

  /// errc::invalid_argument for a shutdown outside 0..1 h, or a backoff out of range.
  result<void> check() const;
  bool operator==(const child_choice&) const = default;
};

}  // namespace weir::supervision
