// SPDX-License-Identifier: BSD-3-Clause
// Cursors that lag behind the ring of a stored partition.
#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/topic/partition.hpp"

namespace weir::topic {

cursor_slot partition::subscribe_at(subscription_id id, std::uint32_t credit,
                                    std::uint64_t start) {
  WEIR_INVARIANT(limits_.stored && start <= next_offset_, "begins where nothing is stored");
  const auto slot = subscribe(id, credit);
  if (start < next_offset_) go_back(slot, start);
  return slot;
}

std::optional<std::uint64_t> partition::wants_stored(cursor_slot slot) const noexcept {
  if (!holds(slot)) return std::nullopt;
  const auto& reader = cursors_[slot];
  if (!may_be_sent(reader) || !lags(reader)) return std::nullopt;
  return reader.sent;
}

outgoing partition::hand_stored(cursor_slot slot, const batch& events) {
  auto& reader = cursors_[slot];
  WEIR_INVARIANT(holds(slot) && lags(reader) && events.first_offset() <= reader.sent &&
                     reader.sent < events.end_offset() && events.end_offset() <= next_offset_,
                 "the store has handed something else");
  auto rest = events.from(static_cast<std::uint32_t>(reader.sent - events.first_offset()));
  const bool last = rest.end_offset() == next_offset_;
  auto given = hand_out(reader, std::move(rest), last);
  reader.next_batch = number_of_batch_behind(reader.sent);
  return given;
}

}  // namespace weir::topic
