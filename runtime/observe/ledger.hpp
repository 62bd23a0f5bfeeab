// SPDX-License-Identifier: BSD-3-Clause
// The ledger: the promise that nothing is lost silently, as plain numbers. For every subscription
// published = delivered + filtered + in flight + expired + dropped(reason) + dead-lettered.
// Owned by one actor at a time, which counts per batch; copies are summed when somebody looks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::observe {

/// Why an event was dropped: `skipped` by the handler or policy, the three overflow policies, the
/// subscription ended before it got to the event, or a durable topic's `retention` deleted it and
/// the subscription yields to that.
enum class drop_reason : std::uint8_t {
  skipped,
  overflow_oldest,
  overflow_newest,
  overflow_failed,
  unsubscribed,
  retention,
};

inline constexpr std::size_t drop_reason_count = 6;
std::string_view to_string(drop_reason reason) noexcept;

/// Counts of events of one subscription (or a sum of such). Not synchronised: one owner at a time.
struct ledger {
  std::uint64_t published = 0;
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t expired = 0;
  std::array<std::uint64_t, drop_reason_count> dropped{};
  std::uint64_t dead_lettered = 0;

  void drop(drop_reason reason, std::uint64_t events = 1) noexcept {
    dropped[static_cast<std::size_t>(reason)] += events;
  }
  std::uint64_t dropped_for(drop_reason reason) const noexcept {
    return dropped[static_cast<std::size_t>(reason)];
  }
  std::uint64_t dropped_total() const noexcept;
  /// The right-hand side of the equation.
  std::uint64_t accounted() const noexcept;
  /// Published minus accounted: above zero events are lost, below zero some are counted twice.
  std::int64_t missing() const noexcept;
  bool balanced() const noexcept { return missing() == 0; }
  /// Balanced and nothing is on its way.
  bool settled() const noexcept { return balanced() && in_flight == 0; }

  ledger& operator+=(const ledger& other) noexcept;
  friend ledger operator+(ledger left, const ledger& right) noexcept { return left += right; }
  bool operator==(const ledger&) const = default;
};

/// `published 10 = delivered 6 + filtered 1 + in flight 2 + expired 0 + dropped 1 (skipped 1) +
/// dead-lettered 0`, and if it is not balanced `; missing 3` or `; surplus 3`.
std::string to_string(const ledger& counts);

}  // namespace weir::observe
