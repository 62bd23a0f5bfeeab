// SPDX-License-Identifier: BSD-3-Clause
// The batches of a partition that nobody waits for any more, retained for subscriptions that begin
// later. They lie directly in front of those that are kept for somebody, and use only room that the
// ring has to spare.
//
// Invariants: batches are dense and rise in offset. After trim(): while there are any, they and
// what is kept stay within the ring's limits; without the oldest, fewer than `retained_events`
// would be retained. Nothing is ever added where `retained_events` is 0.
#pragma once

#include <cstdint>
#include <deque>

#include "weir/runtime/event/batch.hpp"
#include "weir/runtime/topic/backlog.hpp"

namespace weir::topic {

class history {
 public:
  explicit history(partition_limits limits) : limits_(limits) {}

  /// Something is to be retained.
  bool wanted() const noexcept { return limits_.retained_events > 0; }
  /// The batch behind the newest one here. Call only if wanted().
  void add(batch events);
  /// Takes the newest one back. Call only if there is one.
  batch take_newest();
  /// Forgets the oldest until what remains fits beside what is kept.
  void trim(std::uint64_t kept_events, std::size_t kept_bytes);

  /// Oldest first.
  const std::deque<batch>& batches() const noexcept { return batches_; }
  std::uint64_t events() const noexcept { return events_; }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  partition_limits limits_;
  std::deque<batch> batches_;
  std::uint64_t events_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace weir::topic
