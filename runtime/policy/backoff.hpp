// SPDX-License-Identifier: BSD-3-Clause
// How long to wait before a retry, as a value: a shape (none, fixed, linear, exponential), its
// numbers and a share of chance. Invariant: a delay is never negative and never above `max`,
// whatever the numbers and the attempt; arithmetic saturates. Owned by whoever describes a
// subscription.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/runtime/core/result.hpp"

namespace weir {

enum class backoff_kind : std::uint8_t { none, fixed, linear, exponential };
std::string_view to_string(backoff_kind kind) noexcept;

/// Build it with `exponential`, `linear`, `fixed` or `no_backoff`; the fields are open for those
/// who read policies from a file, and `check` says what is wrong with them.
struct backoff {
  /// The longest delay `check` accepts: while a retry waits, its partition waits too, and what
  /// should wait longer than a day wants redelivery instead.
  static constexpr duration longest = std::chrono::hours{24};
  static constexpr double factor_max = 100.0;

  backoff_kind kind = backoff_kind::none;
  /// The delay before the first retry.
  duration first{0};
  /// No delay is longer than this.
  duration max = std::chrono::seconds{30};
  /// linear: added before each further retry.
  duration step{0};
  /// exponential: each further delay is this many times the one before; 1..100.
  double factor = 2.0;
  /// The share of a delay that is random, 0..1: 0.25 draws uniformly from the last quarter, so the
  /// delay lies in [75 %, 100 %] of the undisturbed one.
  double jitter = 0.0;

  /// The same backoff with another share of chance.
  [[nodiscard]] backoff with_jitter(double share) const noexcept;
  /// The delay before retry number `retry` (1 is the first; 0 waits for nothing), in [0, max].
  /// Draws from `chance` once if jitter is above 0, else not at all.
  duration delay(unsigned retry, random& chance) const noexcept;
  /// errc::invalid_argument naming the first number out of range: a `first` that is not positive
  /// (except in `no_backoff`), `max` under `first` or over a day, a negative or huge `step`, a
  /// `factor` outside 1..100, a `jitter` outside 0..1.
  result<void> check() const;

  bool operator==(const backoff&) const = default;
};

/// Retries at once.
constexpr backoff no_backoff() noexcept { return {}; }
/// Waits `pause` before every retry.
backoff fixed(duration pause) noexcept;
/// Waits `first`, `first + step`, `first + 2 * step`, ... up to `max`.
backoff linear(duration first, duration step, duration max = std::chrono::seconds{30}) noexcept;
/// `linear(first, first)`: first, twice, three times, ...
backoff linear(duration first) noexcept;
/// Waits `first`, `first * factor`, `first * factor^2`, ... up to `max`.
backoff exponential(duration first, duration max = std::chrono::seconds{30},
                    double factor = 2.0) noexcept;

/// `2s`, `1500ms`: whole numbers of the largest unit that is exact.
std::string duration_text(duration value);
/// `exponential from 100ms, x2, at most 30s, jitter 20%`.
std::string to_string(const backoff& delays);
/// A pause in the largest unit that says it exactly, from ns to s: `1500ms`.
std::string text_of(duration value);

}  // namespace weir
