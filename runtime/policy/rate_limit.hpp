// SPDX-License-Identifier: BSD-3-Clause
// How many events a second, as a value, and the bucket that keeps to it: arithmetic on times, no
// clock and no timer. The algorithm is the generic cell rate algorithm in its virtual scheduling
// form (ITU-T I.371, ATM Forum Traffic Management 4.0), which is a token bucket whose whole state
// is one time: when the bucket will be full again. So nothing is refilled, and nothing drifts.
#pragma once

#include <cstdint>
#include <string>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/result.hpp"

namespace weir {

struct rate_limit {
  static constexpr double per_second_min = 0.001;
  static constexpr double per_second_max = 1'000'000.0;
  static constexpr std::uint32_t burst_max = 1'000'000;

  /// 0.001..1,000,000. Events are apart by whole nanoseconds, rounded up: the rate is never
  /// exceeded, and at most 0.1 % lower than said.
  double per_second = 1.0;
  /// How many may come at once after a pause; 1..1,000,000.
  std::uint32_t burst = 1;

  /// errc::invalid_argument naming the first number out of range.
  result<void> check() const;

  bool operator==(const rate_limit&) const = default;
};

/// `10 events/s, bursts of 5`
std::string to_string(const rate_limit& limit);

/// Full at the start. One thread at a time.
class token_bucket {
 public:
  /// A limit that check() accepts.
  explicit token_bucket(const rate_limit& limit) noexcept;

  /// Tokens there are now, 0..burst. Times need not rise: a clock that goes back empties the bucket
  /// at most, it never stops it.
  std::uint32_t available(timestamp now) noexcept;
  /// Takes so many; not more than available(now) has just said.
  void take(std::uint32_t tokens, timestamp now) noexcept;
  /// How long until it is worth looking again: for one token, or, where tokens are closer than a
  /// millisecond, for those of a millisecond as far as the burst holds them. Zero if there are.
  duration wait(timestamp now) const noexcept;

 private:
  duration interval_;
  std::uint32_t burst_;
  timestamp full_at_{};
};

}  // namespace weir
