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
  expired += more.expired;
  parked += more.parked;
  return *this;
}

void partition::append(batch events) {
  WEIR_INVARIANT(has_room() && !events.empty(), "append without room or without events");
  events.set_first_offset(next_offset_);
  next_offset_ = events.end_offset();
  caught_up_ = 0;
  for (const auto slot : lossy_) offer(slot, events);
  if (blocking_ == 0) {
    if (!history_.wanted()) return;
    ++first_kept_;
    return retain(std::move(events));
  }
  kept_events_ += events.size();
  kept_bytes_ += events.bytes();
  // Nothing was kept: everybody had settled everything before.
  if (kept_.empty()) front_wanted_ = blocking_;
  kept_.push_back(std::move(events));
  if (history_.wanted()) history_.trim(kept_events_, kept_bytes_);
  while (limits_.stored && !ring_has_room() && kept_.size() > 1) drop_front();
}

void partition::retain(batch events) {
  history_.add(std::move(events));
  history_.trim(kept_events_, kept_bytes_);
}

void partition::offer(cursor_slot slot, const batch& events) {
  auto& reader = cursors_[slot];
  auto& own = *backlogs_[slot];
  if (own.full()) {
    if (reader.policy != overflow::drop_oldest) {
      reader.dropped += events.size();
      if (reader.policy == overflow::fail && !reader.halted) {
        halt(slot);
        failed_.push_back(slot);
      }
      return;
    }
    while (own.full()) {
      const auto oldest = own.drop_oldest();
      reader.dropped += oldest;
      reader.kept -= oldest;
    }
  }
  own.keep(events);
  reader.kept += events.size();
  reader.settled = own.position(reader.settled, next_offset_);
}

cursor_slot partition::subscribe(subscription_id id, std::uint32_t credit, overflow policy) {
  WEIR_INVARIANT(credit > 0, "a subscription without credit would never receive anything");
  cursor fresh{.slot = {.index = static_cast<std::uint32_t>(cursors_.size()), .generation = 0},
               .id = id,
               .active = true,
               .halted = false,
               .paused = false,
               .credit = credit,
               .start = next_offset_,
               .settled = next_offset_,
               .sent = next_offset_,
               .next_batch = first_kept_ + kept_.size(),
               .unsettled_ends = {},
               .counts = {},
               .policy = policy};
  start_counting(fresh);
  // Searched for only if there is one: subscriptions may come by the hundred thousand.
  const auto free = left_ == 0 ? cursors_.end()
                               : std::find_if(cursors_.begin(), cursors_.end(),
                                              [](const cursor& one) { return !one.active; });
  if (free != cursors_.end()) {
    fresh.slot = free->slot;
    --left_;
  }
  const auto slot = fresh.slot;
  if (free == cursors_.end()) {
    cursors_.push_back(std::move(fresh));
    backlogs_.emplace_back();
  } else {
    *free = std::move(fresh);
  }
  if (is_lossy(policy)) {
    backlogs_[slot].emplace(limits_);
    lossy_.push_back(slot);
  } else {
    ++blocking_;
  }
  return slot;
}

cursor partition::unsubscribe(cursor_slot slot) {
  WEIR_INVARIANT(holds(slot), "unsubscribed twice");
  auto last = std::move(cursors_[slot]);
  cursors_[slot].active = false;
  ++cursors_[slot].slot.generation;
  ++left_;
  if (last.going()) stop_counting(last);
  if (is_lossy(last.policy)) {
    backlogs_[slot].reset();
    std::erase(lossy_, slot);
    std::erase(failed_, slot);
    return last;
  }
  --blocking_;
  if (keeps_front(last) && --front_wanted_ == 0) release_settled();
  return last;
}

void partition::halt(cursor_slot slot) {
  auto* reader = find(slot);
  if (reader == nullptr || reader->halted) return;
  if (reader->going()) stop_counting(*reader);
  reader->halted = true;
  reader->paused = false;
}

void partition::pause(cursor_slot slot) {
  auto* reader = find(slot);
  if (reader == nullptr || !reader->going()) return;
  stop_counting(*reader);
  reader->paused = true;
}

void partition::resume(cursor_slot slot) {
  auto* reader = find(slot);
  if (reader == nullptr || !reader->paused) return;
  reader->paused = false;
  start_counting(*reader);
}

void partition::start_counting(const cursor& reader) noexcept {
  ++going_;
  if (reader.settled == next_offset_) ++caught_up_;
}

void partition::stop_counting(const cursor& reader) noexcept {
  --going_;
  if (reader.settled == next_offset_) --caught_up_;
}

std::optional<outgoing> partition::next(cursor_slot slot) {
  auto* found = find(slot);
  if (found == nullptr || !may_be_sent(*found) || lags(*found)) return std::nullopt;
  auto& reader = *found;
  if (is_lossy(reader.policy)) {
    auto events = backlogs_[slot]->next(reader.sent);
    if (!events) return std::nullopt;
    return hand_out(reader, std::move(*events), !backlogs_[slot]->has_next());
  }
  const auto index = reader.next_batch - first_kept_;
  if (index >= kept_.size()) return std::nullopt;
  const auto& whole = kept_[index];
  // Invariant: a cursor points into its next batch; past the start only after a rewind, or where
  // the subscription began.
  const auto from = reader.position();
  WEIR_INVARIANT(whole.first_offset() <= from && from < whole.end_offset(),
                 "the cursor has left its batch");
  auto events = whole.from(static_cast<std::uint32_t>(from - whole.first_offset()));
  ++reader.next_batch;
  const bool last = events.end_offset() == next_offset_;
  return hand_out(reader, std::move(events), last);
}

outgoing partition::hand_out(cursor& reader, batch events, bool last) {
  const auto follows = std::exchange(reader.sent, events.end_offset());
  ++reader.batches_sent;
  reader.unsettled_ends.push_back(reader.sent);
  const auto half = std::max<std::uint64_t>(reader.credit / 2, 1);
  // The last of its credit always asks: earlier requests may have died with their receiver.
  const bool spent = reader.unsettled_ends.size() == reader.credit;
  return {std::move(events), last || spent || reader.batches_sent % half == 0, follows};
}

std::uint64_t partition::sent_in(cursor_slot slot, std::uint64_t up_to) const noexcept {
  const auto& reader = cursors_[slot];
  return is_lossy(reader.policy) ? backlogs_[slot]->count(reader.settled, up_to)
                                 : up_to - reader.settled;
}

void partition::settle(cursor_slot slot, std::uint64_t up_to, const settled_counts& counts) {
  auto* found = find(slot);
  if (found == nullptr || up_to <= found->settled) return;
  auto& reader = *found;
  WEIR_INVARIANT(up_to <= reader.sent, "settled what was never sent");
  const auto events = sent_in(slot, up_to);
  WEIR_INVARIANT(counts.total() == events, "settled a range, counted another");
  const bool kept_front = keeps_front(reader);
  if (is_lossy(reader.policy)) {
    backlogs_[slot]->settle(up_to);
    reader.kept -= events;
    up_to = backlogs_[slot]->position(up_to, next_offset_);
  }
  reader.settled = up_to;
  if (up_to == next_offset_ && reader.going()) ++caught_up_;
  reader.counts += counts;
  while (!reader.unsettled_ends.empty() && reader.unsettled_ends.front() <= up_to) {
    reader.unsettled_ends.pop_front();
  }
  if (kept_front && !keeps_front(reader) && --front_wanted_ == 0) release_settled();
  if (reader.yields) lose(reader);
}

void partition::settle_rest(cursor_slot slot, std::uint64_t up_to, settled_counts counts) {
  const auto* reader = find(slot);
  if (reader == nullptr || up_to <= reader->settled) return;
  counts.delivered += sent_in(slot, up_to) - counts.total();
  settle(slot, up_to, counts);
}

void partition::unpark(cursor_slot slot, const settled_counts& counts) {
  auto* reader = find(slot);
  if (reader == nullptr) return;
  reader->counts += counts;
  reader->unparked += counts.total();
}

bool partition::awaits_parked() const noexcept {
  return std::any_of(cursors_.begin(), cursors_.end(), [](const cursor& one) {
    return one.active && one.going() && one.counts.parked != one.unparked;
  });
}

void partition::rewind(cursor_slot slot, std::uint64_t received) {
  auto* found = find(slot);
  if (found == nullptr) return;
  auto& reader = *found;
  // `settled` may have moved on, over what its subscriber was never sent.
  WEIR_INVARIANT((reader.settled <= received || is_lossy(reader.policy) ||
                  received == reader.sent) &&
                     received <= reader.sent,
                 "received what was never sent");
  reader.sent = received;
  while (!reader.unsettled_ends.empty() && reader.unsettled_ends.back() > received) {
    reader.unsettled_ends.pop_back();
  }
  if (is_lossy(reader.policy)) {
    backlogs_[slot]->rewind(received);
    return;
  }
  reader.next_batch = number_of_batch_behind(reader.position());
  if (reader.yields) lose(reader);
}

std::uint64_t partition::number_of_batch_behind(std::uint64_t offset) const noexcept {
  const auto after = std::find_if(kept_.begin(), kept_.end(), [offset](const batch& events) {
    return events.end_offset() > offset;
  });
  return first_kept_ + static_cast<std::uint64_t>(after - kept_.begin());
}

bool partition::holds(cursor_slot slot) const noexcept {
  WEIR_INVARIANT(slot.index < cursors_.size(), "no such cursor");
  return cursors_[slot].slot.generation == slot.generation;
}

std::uint64_t partition::settled_everywhere() const noexcept {
  auto lowest = next_offset_;
  for (const auto& entry : cursors_) {
    if (entry.active) lowest = std::min(lowest, entry.settled);
  }
  return lowest;
}

void partition::release_settled() {
  while (!kept_.empty() && front_wanted_ == 0) drop_front();
}

void partition::drop_front() {
  kept_events_ -= kept_.front().size();
  kept_bytes_ -= kept_.front().bytes();
  if (history_.wanted()) retain(std::move(kept_.front()));
  kept_.pop_front();
  ++first_kept_;
  front_wanted_ = 0;
  for (const auto& entry : cursors_) {
    if (entry.active && keeps_front(entry)) ++front_wanted_;
  }
}

}  // namespace weir::topic
