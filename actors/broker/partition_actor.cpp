// SPDX-License-Identifier: BSD-3-Clause
// Rings in, batches out.
#include "weir/actors/broker/partition_actor.hpp"

#include <algorithm>

#include "weir/actors/broker/ring_notes.hpp"

namespace weir::actors {
namespace {

/// A fraction of a microsecond between two looks for a complete block.
constexpr int pauses_per_look = 16;
/// Some microseconds between two looks at what is not complete, which slow the publisher.
constexpr unsigned looks_per_check = 32;
/// A block must be about to complete within this many checks: some tens of microseconds.
constexpr unsigned checks_max = 8;

}  // namespace

partition_actor::partition_actor(caf::actor_config& config, partition_setup setup)
    : caf::event_based_actor(config),
      lane_(setup.lane),
      core_(std::move(setup.core)),
      bell_(std::move(setup.bell)),
      batch_events_max_(setup.topic->options.batch_events_max),
      on_halt_(std::move(setup.on_halt)),
      name_of_(std::move(setup.name_of)),
      takes_undecoded_(std::move(setup.takes_undecoded)),
      stored_(std::move(setup.stored)),
      subscribers_(core_.cursors().size()) {}

caf::behavior partition_actor::make_behavior() {
  if (stored_) retain();
  return {
      [this](const settled& range) { settle(range); },
      [this](doorbell_rung) {
        if (bell_up_ && core_.hungry()) gather();
        bell_up_ = true;
        work();
        answer_when_idle();
      },
      [this](const ring_joined& joined) {
        join(joined);
        work();
        answer_when_idle();
      },
      [this](const subscriber_ready& ready) {
        if (!core_.holds(ready.slot)) return;
        subscribers_[ready.slot] = ready.subscriber;
        core_.rewind(ready.slot, ready.received);
        send_pending(ready.slot);
      },
      [this](const cursor_halted& cursor) {
        core_.halt(cursor.slot);
        work();
        answer_when_idle();
      },
      [this](const batches_flushed& flush) { show(flush); },
      [this](const transaction_part& part) { take(part); },
      [this](const unparked& ended) {
        core_.unpark(ended.slot, ended.counts);
        answer_when_idle();
      },
      [this](retention_due) { retain(); },
      [this](const cursor_wanted& wanted) { open(wanted); },
      [this](const cursor_unwanted& unwanted) {
        subscribers_[unwanted.slot] = nullptr;
        const auto last = core_.unsubscribe(unwanted.slot);
        if (stored_) stored_->erase_position(name_of_(last.id));
        unwanted.answer->add({lane_, last, core_.next_offset()});
        work();
        complete_handled();
        answer_when_idle();
      },
      [this](const cursor_paused& cursor) {
        pause(cursor);
        work();
        answer_when_idle();
      },
      [this](const await_level& request) { await(request); },
      [this](const status_query& query) {
        if (query.when_idle) {
          idle_queries_.push_back(query);
          answer_when_idle();
        } else {
          answer(query);
        }
      },
  };
}

void partition_actor::settle(const settled& range) {
  if (range.rest_delivered) {
    core_.settle_rest(range.slot, range.up_to, range.counts);
  } else {
    core_.settle(range.slot, range.up_to, range.counts);
  }
  if (stored_ && !range.position_kept) keep_position(range.slot);
  send_pending(range.slot);
  if (bell_up_ && core_.hungry()) gather();
  work();
  complete_handled();
  answer_when_idle();
}

void partition_actor::on_exit() {
  for (const auto& from : rings_) from.owner.wake();
  // Handles to subscribers and publishers would form circles that nobody frees.
  rings_.clear();
  subscribers_.clear();
  idle_queries_.clear();
  for (auto& waiter : waiters_) {
    waiter.request.done->complete(
        fail(errc::closed, "the node stopped before the event was handled"));
  }
  waiters_.clear();
}

void partition_actor::open(const cursor_wanted& wanted) {
  auto slot = stored_ ? subscribe_stored(wanted)
                      : core_.subscribe(wanted.id, wanted.credit, wanted.policy, wanted.from);
  if (!slot) {
    wanted.answer->add(fail(std::move(slot.error())));
    return;
  }
  if (wanted.paused) core_.pause(*slot);
  subscribers_.resize(core_.cursors().size());
  if (!wanted.answer->add(opened_lane{lane_, *slot, core_.cursors()[*slot].start})) {
    core_.unsubscribe(*slot);
  }
}

void partition_actor::pause(const cursor_paused& cursor) {
  if (cursor.paused) {
    core_.pause(cursor.slot);
  } else {
    core_.resume(cursor.slot);
    send_pending(cursor.slot);
  }
  cursor.answer->add(lane_);
}

void partition_actor::join(const ring_joined& joined) {
  for (auto& known : rings_) {
    if (known.ring != joined.ring) continue;
    // A new incarnation of its owner: the old one may have been told of room and forgotten it.
    known.owner = joined.owner;
    known.owner.wake();
    return;
  }
  rings_.push_back({joined.ring, joined.owner, joined.notes});
}

void partition_actor::work() {
  if (stored_) return work_stored();
  // While every subscription has something in flight, only complete blocks are taken: batches grow
  // with load, and what is being filled waits for a subscription that asks for more by settling.
  // (Nagle's rule, RFC 896, with batches for segments: no timer, and no delay when idle.)
  if (!core_.hungry()) {
    take_from_rings(true);
    return;
  }
  if (!take_from_rings(false) && bell_up_) {
    bell_->answer();
    // What was committed before the bell went down has rung nobody.
    bell_up_ = take_from_rings(false);
    if (bell_up_) bell_->ring();
  }
  // The bell stays up while there is work, and settlements wake us; where nobody settles, we must.
  if (bell_up_ && !core_.awaits_settlement()) tell(caf::actor{this}, doorbell_rung{});
}

void partition_actor::gather() const {
  // Called when a subscription asks for more while publishers are at work. A batch taken now would
  // be small, and small batches cost everybody more than they gain; so as long as publishers add
  // to their rings fast enough to complete a block soon, wait for that.
  std::uint32_t before = available();
  for (unsigned checks = 0; checks < checks_max; ++checks) {
    for (unsigned looks = 0; looks < looks_per_check; ++looks) {
      for (const auto& from : rings_) {
        if (from.ring->has_complete()) return;
      }
      for (int pauses = 0; pauses < pauses_per_look; ++pauses) __builtin_ia32_pause();
    }
    const auto now = available();
    if ((now - before) * checks_max < batch_events_max_) return;
    before = now;
  }
}

std::uint32_t partition_actor::available() const {
  std::uint32_t events = 0;
  for (const auto& from : rings_) events += from.ring->available();
  return events;
}

bool partition_actor::take_from_rings(bool complete_only) {
  bool any = false;
  for (auto& from : rings_) {
    // What follows complete blocks is being filled: taken now it would be a small batch, and its
    // publisher would be slowed. A ring without complete blocks gives what it has.
    const bool only = complete_only || from.ring->has_complete();
    for (auto takes = topic::blocks_per_ring; takes > 0 && has_room(); --takes) {
      auto events = from.ring->take(only);
      if (from.ring->room_made()) from.owner.wake();
      if (events.empty()) break;
      any = true;
      append(from, std::move(events));
    }
  }
  if (stored_) stored_->send(*this);
  if (!waiters_.empty()) complete_waiters();
  return any;
}

void partition_actor::append(publisher_ring& from, batch events) {
  const auto count = events.size();
  if (stored_) {
    stored_->add(std::move(events));
    if (from.notes) from.notes->take(count, stored_->added());
  } else {
    core_.append(std::move(events));
    for (const auto slot : core_.take_failed()) {
      const auto id = core_.cursors()[slot].id;
      on_halt_(id, {errc::overflowed, name_of_(id) + " lagged more than a ring behind"});
    }
  }
  for (auto& waiter : waiters_) {
    // The taken events of this ring end at the offset just given; count back to the one awaited.
    if (waiter.sequenced || waiter.request.ring != from.ring) continue;
    const auto taken = from.ring->taken();
    if (taken < waiter.request.published) continue;
    waiter.sequenced = true;
    waiter.end_offset = end_of_taken() -
                        std::min<std::uint64_t>(taken - waiter.request.published, count - 1);
  }
  if (!stored_) send_pending();
}

void partition_actor::send_pending() {
  for (std::size_t i = 0; i < subscribers_.size(); ++i) send_pending(core_.cursors()[i].slot);
}

void partition_actor::send_pending(topic::cursor_slot slot) {
  const auto& reader = subscribers_[slot];
  if (!reader) return;
  do {
    while (auto next = core_.next(slot)) send(reader, std::move(*next));
  } while (stored_ && send_stored(slot, reader));
}

void partition_actor::send(const caf::actor& to, topic::outgoing next) {
  const auto kind = static_cast<std::size_t>(next.settle_now);
  const auto first = next.events.first_offset();
  const auto end = next.events.end_offset();
  const auto message = [&] {
    return caf::make_message(
        delivery{lane_, std::move(next.events), next.settle_now, next.follows});
  };
  if (next.follows != first) {
    // What was dropped in front of it is this subscription's own affair.
    tell_from(*this, to, message());
    return;
  }
  if (shared_first_[kind] != first || shared_end_[kind] != end) {
    shared_first_[kind] = first;
    shared_end_[kind] = end;
    shared_[kind] = message();
  }
  tell_from(*this, to, shared_[kind]);
}

void partition_actor::await(await_level request) {
  level_waiter waiter{std::move(request), 0, false};
  if (waiter.request.ring->taken() >= waiter.request.published) {
    // Which offset it got is forgotten; everything sequenced so far is a safe upper bound.
    waiter.sequenced = true;
    waiter.end_offset = end_of_taken();
  }
  waiters_.push_back(std::move(waiter));
  if (stored_) {
    work_stored();
  } else if (take_from_rings(false)) {
    take_from_rings(false);  // the first round may leave what follows complete blocks
  }
  complete_waiters();
}

void partition_actor::complete_waiters() {
  const auto handled = core_.settled_everywhere();
  std::erase_if(waiters_, [&](level_waiter& waiter) {
    const bool settles = waiter.request.level == publish_level::handled;
    const auto reached = settles ? handled : core_.next_offset();
    if (waiter.sequenced && reached >= waiter.end_offset) {
      waiter.request.done->complete({});
      return true;
    }
    auto why = settles ? hopeless(waiter) : std::nullopt;
    if (!why && stored_) why = stored_->failure();
    if (why) waiter.request.done->complete(fail(std::move(*why)));
    return why.has_value();
  });
}

std::optional<error> partition_actor::hopeless(const level_waiter& waiter) const {
  for (const auto& reader : core_.cursors()) {
    if (!reader.active || !reader.halted) continue;
    // What is not even sequenced comes after everything that a halted subscription may settle.
    if (waiter.sequenced && waiter.end_offset <= reader.settled) continue;
    return error{errc::subscription_halted,
                 name_of_(reader.id) + " halted before it handled the event"};
  }
  return std::nullopt;
}

void partition_actor::complete_handled() {
  if (!waiters_.empty()) complete_waiters();
}

bool partition_actor::idle() const {
  if (core_.awaits_settlement() || core_.awaits_parked()) return false;
  if (stored_ && !stored_->idle()) return false;
  // A ring that a halted subscription keeps from being drained holds nothing that could move.
  return !has_room() || std::all_of(rings_.begin(), rings_.end(),
                                          [](const auto& from) { return from.ring->drained(); });
}

void partition_actor::answer_when_idle() {
  if (idle_queries_.empty() || !idle()) return;
  for (const auto& query : std::exchange(idle_queries_, {})) answer(query);
}

void partition_actor::answer(const status_query& query) {
  auto status = std::make_shared<partition_status>();
  status->lane = lane_;
  status->next_offset = core_.next_offset();
  for (const auto& from : rings_) {
    if (!from.ring->drained()) ++status->waiting_in_rings;
  }
  status->kept_bytes = core_.kept_bytes();
  if (stored_) {
    status->unstored = stored_->unstored();
    status->store_failure = stored_->failure();
  }
  status->cursors = core_.cursors();
  status->unsettled.resize(status->cursors.size());
  for (const auto& reader : status->cursors) {
    if (reader.active) status->unsettled[reader.slot] = core_.unsettled_of(reader.slot);
  }
  tell_from(*this, query.answer_to, status_answer{query.round, query.number, std::move(status)});
}

}  // namespace weir::actors
