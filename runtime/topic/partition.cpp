// SPDX-License-Identifier: BSD-3-Clause
// The partition's arithmetic.
#include "weir/runtime/topic/partition.hpp"

#include <algorithm>
#include <utility>

#include "weir/runtime/core/invariant.hpp"

namespace weir::topic {

settled_counts& settled_counts::operator+=(const settled_counts& more) noexcept {
  delivered += more.delivered;
  filtered += more.filtered;
  skipped += more.skipped;
  dead_lettered += more.dead_lettered;
  return *this;
}

void partition::append(batch events) {
  WEIR_INVARIANT(has_room() && !events.empty(), "append without room or without events");
  events.set_first_offset(next_offset_);
  next_offset_ = events.end_offset();
  if (active_ == 0) return;
  kept_events_ += events.size();
  kept_bytes_ += events.bytes();
  caught_up_ = 0;
  // Nothing was kept: everybody had settled everything before.
  if (kept_.empty()) front_wanted_ = active_;
  kept_.push_back(std::move(events));
}

cursor_slot partition::subscribe(subscription_id id, std::uint32_t credit) {
  WEIR_INVARIANT(credit > 0, "a subscription without credit would never receive anything");
  cursor fresh{.id = id,
               .active = true,
               .halted = false,
               .credit = credit,
               .start = next_offset_,
               .settled = next_offset_,
               .sent = next_offset_,
               .next_batch = first_kept_ + kept_.size(),
               .unsettled_ends = {},
               .counts = {}};
  ++active_;
  ++going_;
  ++caught_up_;
  for (cursor_slot slot = 0; slot < cursors_.size(); ++slot) {
    if (!cursors_[slot].active) {
      cursors_[slot] = std::move(fresh);
      return slot;
    }
  }
  cursors_.push_back(std::move(fresh));
  return static_cast<cursor_slot>(cursors_.size() - 1);
}

cursor partition::unsubscribe(cursor_slot slot) {
  auto last = std::move(active(slot));
  cursors_[slot].active = false;
  --active_;
  if (!last.halted) stop_counting(last);
  if (keeps_front(last) && --front_wanted_ == 0) release_settled();
  return last;
}

void partition::halt(cursor_slot slot) {
  auto& reader = active(slot);
  if (std::exchange(reader.halted, true)) return;
  stop_counting(reader);
}

void partition::stop_counting(const cursor& reader) noexcept {
  --going_;
  if (reader.settled == next_offset_) --caught_up_;
}

std::optional<outgoing> partition::next(cursor_slot slot) {
  auto& reader = active(slot);
  if (reader.halted || reader.unsettled_ends.size() >= reader.credit) return std::nullopt;
  const auto index = reader.next_batch - first_kept_;
  if (index >= kept_.size()) return std::nullopt;
  const auto& whole = kept_[index];
  // Invariant: a cursor points into its next batch; past the start only after a rewind.
  WEIR_INVARIANT(whole.first_offset() <= reader.sent && reader.sent < whole.end_offset(),
                 "the cursor has left its batch");
  auto events = whole.from(static_cast<std::uint32_t>(reader.sent - whole.first_offset()));
  reader.sent = events.end_offset();
  ++reader.next_batch;
  ++reader.batches_sent;
  reader.unsettled_ends.push_back(reader.sent);
  const auto half = std::max<std::uint64_t>(reader.credit / 2, 1);
  const bool last = reader.sent == next_offset_;
  // The last of its credit always asks: earlier requests may have died with their receiver.
  const bool spent = reader.unsettled_ends.size() == reader.credit;
  return outgoing{std::move(events), last || spent || reader.batches_sent % half == 0};
}

void partition::settle(cursor_slot slot, std::uint64_t up_to, const settled_counts& counts) {
  auto& reader = active(slot);
  if (up_to <= reader.settled) return;
  WEIR_INVARIANT(up_to <= reader.sent, "settled what was never sent");
  WEIR_INVARIANT(counts.total() == up_to - reader.settled, "settled a range, counted another");
  const bool kept_front = keeps_front(reader);
  reader.settled = up_to;
  if (up_to == next_offset_ && !reader.halted) ++caught_up_;
  reader.counts += counts;
  while (!reader.unsettled_ends.empty() && reader.unsettled_ends.front() <= up_to) {
    reader.unsettled_ends.pop_front();
  }
  if (kept_front && !keeps_front(reader) && --front_wanted_ == 0) release_settled();
}

void partition::rewind(cursor_slot slot, std::uint64_t received) {
  auto& reader = active(slot);
  WEIR_INVARIANT(reader.settled <= received && received <= reader.sent,
                 "received what was never sent");
  reader.sent = received;
  while (!reader.unsettled_ends.empty() && reader.unsettled_ends.back() > received) {
    reader.unsettled_ends.pop_back();
  }
  const auto after = std::find_if(kept_.begin(), kept_.end(), [received](const batch& events) {
    return events.end_offset() > received;
  });
  reader.next_batch = first_kept_ + static_cast<std::uint64_t>(after - kept_.begin());
}

cursor& partition::active(cursor_slot slot) noexcept {
  WEIR_INVARIANT(slot < cursors_.size() && cursors_[slot].active, "no such cursor");
  return cursors_[slot];
}

std::uint64_t partition::settled_everywhere() const noexcept {
  auto lowest = next_offset_;
  for (const auto& entry : cursors_) {
    if (entry.active) lowest = std::min(lowest, entry.settled);
  }
  return lowest;
}

void partition::release_settled() {
  while (!kept_.empty() && front_wanted_ == 0) {
    kept_events_ -= kept_.front().size();
    kept_bytes_ -= kept_.front().bytes();
    kept_.pop_front();
    ++first_kept_;
    for (const auto& entry : cursors_) {
      if (entry.active && keeps_front(entry)) ++front_wanted_;
    }
  }
}

}  // namespace weir::topic
