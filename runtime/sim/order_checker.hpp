// SPDX-License-Identifier: BSD-3-Clause
// Watches the promise of order from outside: for each subscription and key, sequences must rise.
// Invariant: it believes nobody and keeps its own memory of what was seen. One owner at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace weir::sim {

/// Feed it every event in the order a subscription's handler sees them.
class order_checker {
 public:
  /// `subscription` saw the event with `sequence` (an offset, or anything that rises in the order
  /// of publishing) under `key`, delivered for the `delivery`-th time. A sequence must be above the
  /// last one seen, unless a tail is redelivered: then its delivery count must be above that of the
  /// last one seen. A first delivery must be above every sequence seen before.
  void seen(std::string_view subscription, std::string_view key, std::uint64_t sequence,
            unsigned delivery = 1);

  bool ok() const noexcept { return violation_.empty(); }
  /// The first violation: `subscription billing, key c-7: sequence 4 after 9`; empty if there is
  /// none.
  const std::string& violation() const noexcept { return violation_; }
  std::uint64_t violations() const noexcept { return violations_; }
  /// Events fed in.
  std::uint64_t events() const noexcept { return events_; }

 private:
  struct progress {
    std::uint64_t last;
    unsigned delivery;
    std::uint64_t highest;
  };
  using progress_by_key = std::map<std::string, progress, std::less<>>;

  std::map<std::string, progress_by_key, std::less<>> progress_;
  std::string violation_;
  std::uint64_t violations_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace weir::sim
