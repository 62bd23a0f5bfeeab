// SPDX-License-Identifier: BSD-3-Clause
// Stops giving events to a handler whose surroundings fail, and looks with one event at a time
// whether they work again. (Nygard, "Release It!", 2007, gave the pattern its name; the window of
// the last outcomes is one of several ways to count.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/result.hpp"

namespace weir {

struct breaker_settings {
  static constexpr std::uint32_t window_max = 10'000;
  static constexpr duration open_least = std::chrono::milliseconds{1};
  static constexpr duration open_longest = std::chrono::hours{24};

  /// Opens when of the last `window` outcomes this share or more were failures; above 0, to 1.
  double failure_share = 0.5;
  /// 1..10,000. Fewer outcomes never open it.
  std::uint32_t window = 20;
  /// How long nothing is tried then; 1 ms..24 h.
  duration open_for = std::chrono::seconds{10};

  /// errc::invalid_argument naming the first number out of range.
  result<void> check() const;

  bool operator==(const breaker_settings&) const = default;
};

/// `open for 10s when 50 % of 20 fail`
std::string to_string(const breaker_settings& settings);

/// One thread at a time.
class circuit_breaker {
 public:
  /// `open` ends by itself; `half_open` until the outcome of one event is known.
  enum class state : std::uint8_t { closed, open, half_open };

  /// Settings that check() accepts.
  explicit circuit_breaker(const breaker_settings& settings);

  /// How many of `events` (at least one) may be tried now: all if it is closed, one if it has been
  /// open long enough, and then no other until the outcome of that one is told.
  std::uint32_t admit(std::uint32_t events, timestamp now) noexcept;
  /// What admit() would not refuse.
  bool admits(timestamp now) const noexcept;
  /// Outcomes. Those of what was begun before it opened count as well.
  void succeeded(std::uint32_t events) noexcept;
  void failed(timestamp now) noexcept;
  /// What was admitted has no outcome: it was not tried after all.
  void not_tried() noexcept { probing_ = false; }

  state now_is() const noexcept { return state_; }
  bool closed() const noexcept { return state_ == state::closed; }
  /// How long until it is worth asking again; zero if only an outcome can change anything.
  duration wait(timestamp now) const noexcept;

 private:
  void note(bool failure) noexcept;
  void open(timestamp now) noexcept;
  void close() noexcept;

  breaker_settings settings_;
  std::vector<bool> outcomes_;  // the last of them; true: a failure
  std::uint32_t next_ = 0;
  std::uint32_t known_ = 0;
  std::uint32_t failures_ = 0;
  state state_ = state::closed;
  bool probing_ = false;
  timestamp open_until_{};
};

/// `closed`, `open`, `half_open`
std::string_view to_string(circuit_breaker::state state) noexcept;

}  // namespace weir
