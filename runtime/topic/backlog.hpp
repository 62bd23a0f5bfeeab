// SPDX-License-Identifier: BSD-3-Clause
// The batches that a lossy subscription has not settled, kept for it alone: references, so that the
// partition's ring owes it nothing and no publisher ever waits for it. First what it has been sent,
// then what waits to be sent; only what waits is limited, and only that may be dropped, because a
// restarted subscriber gets again what it was sent.
//
// Invariants: batches rise in offset; gaps between them are what was dropped. What is kept in front
// of position() is settled or dropped.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "weir/runtime/event/batch.hpp"

namespace weir::topic {

struct partition_limits {
  /// Events and bytes kept for the slowest subscription; the last batch may exceed them.
  std::uint64_t ring_events = 65'536;
  std::size_t ring_bytes = 16 * 1024 * 1024;
  /// The newest events, settled or not, that a later subscription may begin with; whole batches,
  /// as far as the ring has room.
  std::uint64_t retained_events = 0;
  /// What leaves the ring can be read back from a store: nobody waits for room in it.
  bool stored = false;
};

class backlog {
 public:
  explicit backlog(partition_limits limits) : limits_(limits) {}

  /// As much waits as a ring holds.
  bool full() const noexcept {
    return waiting_events_ >= limits_.ring_events || waiting_bytes_ >= limits_.ring_bytes;
  }
  void keep(const batch& events);
  /// Forgets the oldest batch that was never sent, and returns how many events that were. Call only
  /// when something waits.
  std::uint64_t drop_oldest();

  /// The next batch, from offset `sent` on if it was sent before; none if there is none.
  std::optional<batch> next(std::uint64_t sent);
  bool has_next() const noexcept { return again_ < sent_.size() || !waiting_.empty(); }
  /// Everything that ends behind `received` is to be sent again.
  void rewind(std::uint64_t received);

  /// How many kept events are in [settled, up_to).
  std::uint64_t count(std::uint64_t settled, std::uint64_t up_to) const noexcept;
  /// Forgets what ends at or below `up_to`, which must have been sent.
  void settle(std::uint64_t up_to);
  /// The first offset from `settled` on that is kept; `end` if nothing is.
  std::uint64_t position(std::uint64_t settled, std::uint64_t end) const noexcept;
  /// The batch in which the event at position() is; null if nothing is kept.
  const batch* front() const noexcept {
    if (!sent_.empty()) return &sent_.front();
    return waiting_.empty() ? nullptr : &waiting_.front();
  }

 private:
  partition_limits limits_;
  std::deque<batch> sent_;
  std::size_t again_ = 0;  // sent_ from here on is to be sent again
  std::deque<batch> waiting_;
  std::uint64_t waiting_events_ = 0;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace weir::topic
