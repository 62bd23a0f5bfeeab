// SPDX-License-Identifier: BSD-3-Clause
// What a partition of a durable topic does otherwise: it shows batches once they are flushed, and
// reads back what its ring does not hold any more.
#include <algorithm>

#include "weir/actors/broker/partition_actor.hpp"
#include "weir/runtime/codec/undecoded_event.hpp"

namespace weir::actors {

void partition_actor::work_stored() {
  // While something is on its way to the disk only complete blocks follow it: a flush takes as long
  // for one event as for many, and its end wakes us.
  if (!stored_->idle()) {
    take_from_rings(true);
    return;
  }
  if (take_from_rings(false) || !bell_up_) return;
  bell_->answer();
  bell_up_ = take_from_rings(false);
  if (bell_up_) bell_->ring();
}

void partition_actor::show(const batches_flushed& flush) {
  for (auto& events : stored_->flushed(flush)) core_.append(std::move(events));
  if (stored_->take_more_to_retain()) delete_old();
  send_pending();
  work();
  complete_handled();
  answer_when_idle();
}

result<batch> partition_actor::read_stored(topic::cursor_slot slot, std::uint64_t offset) {
  auto events = stored_->log().read(offset);
  if (!events) return events;
  const auto* undecoded = codec::undecoded_at(events->slots()[0]);
  if (undecoded == nullptr || takes_undecoded_(core_.cursors()[slot].id)) return events;
  return fail(undecoded->why);
}

void partition_actor::take(const transaction_part& part) {
  // Rings leave nothing added and not sent, so this is the part's alone. There is always room: it
  // is bounded by what the publishing subscription may have unsettled.
  for (const auto& events : part.events) stored_->add(events);
  stored_->send(*this, part.of);
}

bool partition_actor::send_stored(topic::cursor_slot slot, const caf::actor& to) {
  const auto wanted = core_.wants_stored(slot);
  if (!wanted) return false;
  auto events = read_stored(slot, *wanted);
  if (!events) {
    core_.halt(slot);
    on_halt_(core_.cursors()[slot].id, events.error());
    return false;
  }
  send(to, core_.hand_stored(slot, *events));
  return true;
}

result<topic::cursor_slot> partition_actor::subscribe_stored(const cursor_wanted& wanted) {
  auto what = std::make_shared<store::changes>();
  auto slot = stored_->subscribe(core_,
                                 {wanted.id, name_of_(wanted.id), wanted.credit, wanted.from,
                                  is_lossy(wanted.policy)},
                                 *what);
  if (slot) stored_->write(std::move(what));
  return slot;
}

std::optional<duration> partition_actor::delete_old() {
  std::vector<std::uint64_t> before;
  for (const auto& reader : core_.cursors()) before.push_back(reader.settled);
  const auto again = stored_->retain(core_);
  // An idle node must not write the same positions again and again.
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (core_.cursors()[i].settled != before[i]) keep_position(core_.cursors()[i].slot);
  }
  return again;
}

void partition_actor::retain() {
  const auto again = delete_old();
  send_pending();
  complete_handled();
  answer_when_idle();
  if (again) tell_later(*this, *again, retention_due{});
}

void partition_actor::keep_position(topic::cursor_slot slot) {
  if (!core_.holds(slot)) return;
  const auto& reader = core_.cursors()[slot];
  stored_->put_position(name_of_(reader.id), reader.settled);
}

}  // namespace weir::actors
