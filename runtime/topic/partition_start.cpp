// SPDX-License-Identifier: BSD-3-Clause
// The partition's subscriptions that begin with what was published before them.
#include <algorithm>
#include <string>
#include <utility>

#include "weir/runtime/topic/partition.hpp"

namespace weir::topic {

result<cursor_slot> partition::subscribe(subscription_id id, std::uint32_t credit,
                                         overflow policy, const start_position& from) {
  const auto start = offset_of(from);
  if (!start) return fail(start.error());
  const auto slot = subscribe(id, credit, policy);
  if (*start < next_offset_) go_back(slot, *start);
  return slot;
}

result<std::uint64_t> partition::offset_of(const start_position& from) const {
  const auto earliest = earliest_offset();
  switch (from.from()) {
    case start_position::kind::latest: return next_offset_;
    case start_position::kind::earliest: return earliest;
    case start_position::kind::time: return offset_of(from.time());
    case start_position::kind::offset: break;
  }
  if (from.offset() >= earliest && from.offset() <= next_offset_) return from.offset();
  return fail(errc::not_found,
              "offset " + std::to_string(from.offset()) +
                  (from.offset() < earliest ? " is not retained: the oldest is "
                                            : " is not there yet: the oldest retained is ") +
                  std::to_string(earliest) + ", the next will be " + std::to_string(next_offset_));
}

std::uint64_t partition::offset_of(timestamp time) const noexcept {
  // Publishers' clocks differ, so times need not rise: only looking at each finds the first.
  for (const auto* batches : {&history_.batches(), &kept_}) {
    for (const auto& events : *batches) {
      for (const auto event : events) {
        if (event.header.time >= time) return event.offset;
      }
    }
  }
  return next_offset_;
}

// A cursor that begins at the end begins at `start` instead, where something is retained.
void partition::go_back(cursor_slot slot, std::uint64_t start) {
  auto& reader = cursors_[slot];
  stop_counting(reader);
  reader.start = reader.settled = reader.sent = start;
  start_counting(reader);
  if (!is_lossy(reader.policy)) {
    if (!limits_.stored) keep_again(start);
    reader.next_batch = number_of_batch_behind(start);
    if (keeps_front(reader)) ++front_wanted_;
    return;
  }
  for (const auto* batches : {&history_.batches(), &std::as_const(kept_)}) {
    for (const auto& events : *batches) {
      if (events.end_offset() <= start) continue;
      const auto skipped = std::max(start, events.first_offset()) - events.first_offset();
      offer(slot, events.from(static_cast<std::uint32_t>(skipped)));
    }
  }
}

void partition::keep_again(std::uint64_t start) {
  while (kept_.empty() || kept_.front().first_offset() > start) {
    auto events = history_.take_newest();
    kept_events_ += events.size();
    kept_bytes_ += events.bytes();
    kept_.push_front(std::move(events));
    --first_kept_;
    front_wanted_ = 0;  // everybody has settled what was history
  }
}

}  // namespace weir::topic
