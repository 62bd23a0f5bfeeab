// SPDX-License-Identifier: BSD-3-Clause
// One partition of a topic: gives events their offsets, keeps the recent batches, and remembers how
// far each subscription has come. It has no mailbox and no clock; its owner sends what next()
// returns. Subscriptions come and go at any time; what is said late about one that left is ignored.
//
// Invariants: offsets are dense; every cursor satisfies settled <= sent <= next offset; a batch is
// kept exactly as long as a cursor has not settled it; a cursor never has more than its credit of
// batches in flight. A slow cursor lags behind and, once the ring is full, stops has_room(): that
// is the overflow policy `block`. A lossy cursor keeps its batches in a backlog of its own, never
// touches has_room(), and its `settled` moves over what was dropped by itself, even past `sent`.
// What is retained is dense up to next offset: the history, then what is kept.
//
// A stored partition always has room: its ring holds the newest batches, and a cursor that lags
// behind the ring is handed what its owner reads from the store, until it is in the ring again. A
// cursor that yields loses what the store no longer keeps, but nothing that its subscriber has in
// hand; its `settled` moves over what was lost, past `sent`.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/event/batch.hpp"
#include "weir/runtime/topic/backlog.hpp"
#include "weir/runtime/topic/history.hpp"
#include "weir/runtime/topic/overflow.hpp"
#include "weir/runtime/topic/start_position.hpp"

namespace weir::topic {

/// How the events of a settled range ended. One subscriber's own count, checked against offsets.
struct settled_counts {
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t skipped = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t expired = 0;
  /// Wait outside of the partition, and are still in flight: see partition::unpark().
  std::uint64_t parked = 0;

  std::uint64_t total() const noexcept {
    return delivered + filtered + skipped + dead_lettered + expired + parked;
  }
  settled_counts& operator+=(const settled_counts& more) noexcept;
  friend bool operator==(const settled_counts&, const settled_counts&) = default;
};

using subscription_id = std::uint32_t;

/// Where a partition keeps a cursor, from subscribe() to unsubscribe(). The index is reused then,
/// the generation is not: a slot never means another subscription than the one it was given to.
struct cursor_slot {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;

  /// For tables by slot, as partition::cursors().
  constexpr operator std::uint32_t() const noexcept { return index; }
  friend constexpr auto operator<=>(const cursor_slot&, const cursor_slot&) = default;
};

/// How far one subscription has come in one partition.
struct cursor {
  cursor_slot slot;
  subscription_id id;
  bool active;
  bool halted;
  bool paused;  // never if halted
  std::uint32_t credit;
  std::uint64_t start;
  std::uint64_t settled;
  std::uint64_t sent;
  std::uint64_t next_batch;
  std::uint64_t batches_sent = 0;
  std::deque<std::uint64_t> unsettled_ends;
  settled_counts counts;
  std::uint64_t unparked = 0;  // of counts.parked; may be said before that is
  overflow policy = overflow::block;
  std::uint64_t dropped = 0;  // by its overflow policy, or by retention
  std::uint64_t kept = 0;     // events kept for it, if it is lossy
  bool yields = false;        // in a stored partition: to retention
  std::uint64_t lost_below = 0;  // of one that yields: what it is not to be sent any more

  /// It may be sent something.
  bool going() const noexcept { return !halted && !paused; }
  /// Its subscriber has something that it has not settled.
  bool in_hand() const noexcept { return sent > settled; }
  /// What it is sent next begins here or later.
  std::uint64_t position() const noexcept { return sent > settled ? sent : settled; }
  /// Published to it and neither settled nor dropped, in a partition that ends at `next_offset`; or
  /// settled as parked.
  std::uint64_t in_flight(std::uint64_t next_offset) const noexcept {
    return (is_lossy(policy) ? kept : next_offset - settled) + (counts.parked - unparked);
  }
};

/// What the owner must send. With `settle_now` the subscriber should settle when it is done with
/// this batch; without it, it may settle later together with others. What it was sent before ends
/// at `follows`: events between that and this batch were dropped for it.
struct outgoing {
  batch events;
  bool settle_now;
  std::uint64_t follows;
};

/// What a subscription has not settled in one partition, beyond how much that is.
struct unsettled {
  /// Events sent to its subscriber.
  std::uint64_t sent = 0;
  /// When the oldest event that is kept for it was published; empty if none is, or if it has left
  /// the ring of a stored partition.
  std::optional<timestamp> oldest;
};

class partition {
 public:
  /// One that begins at `next_offset`: what is stored ends there.
  explicit partition(partition_limits limits, std::uint64_t next_offset = 0)
      : limits_(limits), history_(limits), next_offset_(next_offset) {}

  /// False when the ring is full: leave further events where they are.
  bool has_room() const noexcept { return limits_.stored || ring_has_room(); }
  /// Sequences a batch. Call only while has_room().
  void append(batch events);
  std::uint64_t next_offset() const noexcept { return next_offset_; }
  std::uint64_t kept_events() const noexcept { return kept_events_; }
  std::size_t kept_bytes() const noexcept { return kept_bytes_; }
  /// What is kept for somebody, and the history in front of it.
  std::uint64_t retained_events() const noexcept { return history_.events() + kept_events_; }
  std::size_t retained_bytes() const noexcept { return history_.bytes() + kept_bytes_; }
  /// The oldest event that is retained; next_offset() if none is.
  std::uint64_t earliest_offset() const noexcept { return next_offset_ - retained_events(); }

  /// A subscription that sees everything from now on. `credit` >= 1 batches.
  cursor_slot subscribe(subscription_id id, std::uint32_t credit,
                        overflow policy = overflow::block);
  /// A subscription that begins at `from`: everything retained from there on counts as published to
  /// it, and settled_everywhere() may go back. A blocking one has it kept again, which may end
  /// has_room(); to a lossy one it comes as if it were appended now, and never is too much for it.
  /// errc::not_found: no such offset is retained. Reads every retained event's time at worst.
  result<cursor_slot> subscribe(subscription_id id, std::uint32_t credit, overflow policy,
                                const start_position& from);
  /// In a stored partition: one that begins at `start`, at most next_offset(), whatever of it the
  /// ring still holds. One that `yields` is subject to lose_stored().
  cursor_slot subscribe_at(subscription_id id, std::uint32_t credit, std::uint64_t start,
                           bool yields = false);
  /// The slot still means what it was given to. Everything below ignores a slot that was left (a
  /// late message), except unsubscribe(); one that never was is our own bug.
  bool holds(cursor_slot slot) const noexcept;
  /// Forgets the subscription, in whatever state; what it had not settled is no longer kept for it.
  /// Returns its cursor. Leaving twice is our own bug.
  cursor unsubscribe(cursor_slot slot);
  /// The subscription handles nothing more, for good; what it had is kept for it.
  void halt(cursor_slot slot);
  /// The subscription gets nothing more until resume(); it may settle what it was sent, and what
  /// comes is kept or dropped for it as its policy says. No effect on one that has halted.
  void pause(cursor_slot slot);
  /// Goes on where pause() stopped it; no effect on one that is not paused.
  void resume(cursor_slot slot);
  /// The next batch that this subscription has credit for; none while it is paused or halted.
  std::optional<outgoing> next(cursor_slot slot);
  /// Where the next batch of this subscription begins, if it has credit for one that has left the
  /// ring: next() gives none then.
  std::optional<std::uint64_t> wants_stored(cursor_slot slot) const noexcept;
  /// Hands it what the store had there: a run of events with their offsets in which the one that
  /// wants_stored() names lies.
  outgoing hand_stored(cursor_slot slot, const batch& events);
  /// The store will keep nothing below `offset`: cursors that yield lose what they were not sent of
  /// it, counted as dropped, those with something in hand as soon as that is settled.
  void lose_stored(std::uint64_t offset);
  /// The same for one cursor, which yields.
  void lose_stored(cursor_slot slot, std::uint64_t offset);
  /// The cursor yields no more.
  void keep_stored(cursor_slot slot) noexcept { cursors_[slot].yields = false; }
  /// What is stored from here on may still be sent to somebody.
  std::uint64_t held_from() const noexcept;
  /// Everything below `up_to` is settled. Values that are no news are ignored (a late message);
  /// what was never sent is our own bug.
  void settle(cursor_slot slot, std::uint64_t up_to, const settled_counts& counts);
  /// The same, where everything that `counts` does not mention was delivered.
  void settle_rest(cursor_slot slot, std::uint64_t up_to, settled_counts counts);
  /// So many events that were, or will be, settled as parked have ended like this.
  void unpark(cursor_slot slot, const settled_counts& counts);
  /// Some subscription that goes on has parked events.
  bool awaits_parked() const noexcept;
  /// Subscriptions that append() has halted (overflow `fail`) since the last call.
  std::vector<cursor_slot> take_failed() { return std::exchange(failed_, {}); }
  /// The subscriber was replaced and has everything below `received`: send the rest again, without
  /// what was dropped.
  void rewind(cursor_slot slot, std::uint64_t received);

  /// All slots, in order; skip those that are not active.
  const std::vector<cursor>& cursors() const noexcept { return cursors_; }
  /// What the slot, which must be active, has not settled. For whoever looks: it searches.
  unsettled unsettled_of(cursor_slot slot) const noexcept;
  /// Everything below this offset is settled by every subscription.
  std::uint64_t settled_everywhere() const noexcept;
  /// Some subscription that goes on has settled everything, or there is none that goes on.
  bool hungry() const noexcept { return going_ == 0 || caught_up_ > 0; }
  /// Some subscription that goes on has something unsettled.
  bool awaits_settlement() const noexcept { return caught_up_ < going_; }
  /// Nothing is kept for anybody.
  bool settled() const noexcept { return settled_everywhere() == next_offset_; }

 private:
  // Null if it was left.
  cursor* find(cursor_slot slot) noexcept { return holds(slot) ? &cursors_[slot] : nullptr; }
  bool ring_has_room() const noexcept {
    return kept_events_ < limits_.ring_events && kept_bytes_ < limits_.ring_bytes;
  }
  /// Where the ring begins.
  std::uint64_t first_kept_offset() const noexcept {
    return kept_.empty() ? next_offset_ : kept_.front().first_offset();
  }
  bool lags(const cursor& reader) const noexcept {
    return limits_.stored && reader.position() < first_kept_offset();
  }
  bool may_be_sent(const cursor& reader) const noexcept {
    return reader.going() && reader.unsettled_ends.size() < reader.credit &&
           reader.position() >= reader.lost_below;
  }
  bool keeps_front(const cursor& reader) const noexcept {
    return !kept_.empty() && reader.settled < kept_.front().end_offset() &&
           !is_lossy(reader.policy);
  }
  result<std::uint64_t> offset_of(const start_position& from) const;
  std::uint64_t offset_of(timestamp time) const noexcept;
  void go_back(cursor_slot slot, std::uint64_t start);
  void keep_again(std::uint64_t start);
  void retain(batch events);
  std::uint64_t number_of_batch_behind(std::uint64_t offset) const noexcept;
  void offer(cursor_slot slot, const batch& events);
  void lose(cursor& reader);
  static outgoing hand_out(cursor& reader, batch events, bool last);
  std::uint64_t sent_in(cursor_slot slot, std::uint64_t up_to) const noexcept;
  void start_counting(const cursor& reader) noexcept;
  void stop_counting(const cursor& reader) noexcept;
  void drop_front();
  void release_settled();

  partition_limits limits_;
  std::vector<cursor> cursors_;
  std::vector<std::optional<backlog>> backlogs_;  // by cursor slot; of lossy ones
  std::vector<cursor_slot> lossy_;
  std::vector<cursor_slot> failed_;
  std::uint32_t left_ = 0;  // slots that are not active
  // Counts over the cursors, so that a settlement costs the same however many there are.
  std::uint32_t blocking_ = 0;      // active and not lossy
  std::uint32_t going_ = 0;         // active, neither paused nor halted
  std::uint32_t caught_up_ = 0;     // of those, with everything settled
  std::uint32_t front_wanted_ = 0;  // blocking with something of the oldest batch unsettled
  history history_;
  std::deque<batch> kept_;
  std::uint64_t first_kept_ = 0;  // the number of the batch at kept_.front()
  std::uint64_t next_offset_ = 0;
  std::uint64_t kept_events_ = 0;
  std::size_t kept_bytes_ = 0;
};

}  // namespace weir::topic
