// SPDX-License-Identifier: BSD-3-Clause
// Cursors that lag behind the ring of a stored partition, and what they lose if they yield.
#include <algorithm>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/topic/partition.hpp"

namespace weir::topic {

cursor_slot partition::subscribe_at(subscription_id id, std::uint32_t credit, std::uint64_t start,
                                    bool yields) {
  WEIR_INVARIANT(limits_.stored && start <= next_offset_, "begins where nothing is stored");
  const auto slot = subscribe(id, credit);
  cursors_[slot].yields = yields;
  if (start < next_offset_) go_back(slot, start);
  return slot;
}

std::optional<std::uint64_t> partition::wants_stored(cursor_slot slot) const noexcept {
  if (!holds(slot)) return std::nullopt;
  const auto& reader = cursors_[slot];
  if (!may_be_sent(reader) || !lags(reader)) return std::nullopt;
  return reader.position();
}

outgoing partition::hand_stored(cursor_slot slot, const batch& events) {
  auto& reader = cursors_[slot];
  const auto from = reader.position();
  WEIR_INVARIANT(holds(slot) && lags(reader) && events.first_offset() <= from &&
                     from < events.end_offset() && events.end_offset() <= next_offset_,
                 "the store has handed something else");
  auto rest = events.from(static_cast<std::uint32_t>(from - events.first_offset()));
  const bool last = rest.end_offset() == next_offset_;
  auto given = hand_out(reader, std::move(rest), last);
  reader.next_batch = number_of_batch_behind(reader.sent);
  return given;
}

void partition::lose_stored(std::uint64_t offset) {
  for (const auto& reader : cursors_) {
    if (reader.active && reader.yields) lose_stored(reader.slot, offset);
  }
}

void partition::lose_stored(cursor_slot slot, std::uint64_t offset) {
  auto& reader = cursors_[slot];
  WEIR_INVARIANT(holds(slot) && reader.yields, "it does not yield");
  reader.lost_below = std::max(reader.lost_below, std::min(offset, next_offset_));
  lose(reader);
}

void partition::lose(cursor& reader) {
  if (reader.in_hand() || reader.lost_below <= reader.settled) return;
  const bool kept_front = keeps_front(reader);
  reader.dropped += reader.lost_below - reader.settled;
  reader.settled = reader.lost_below;
  reader.next_batch = number_of_batch_behind(reader.settled);
  if (reader.settled == next_offset_ && reader.going()) ++caught_up_;
  if (kept_front && !keeps_front(reader) && --front_wanted_ == 0) release_settled();
}

std::uint64_t partition::held_from() const noexcept {
  auto lowest = next_offset_;
  for (const auto& reader : cursors_) {
    if (reader.active && (!reader.yields || reader.in_hand())) {
      lowest = std::min(lowest, reader.settled);
    }
  }
  return lowest;
}

}  // namespace weir::topic
