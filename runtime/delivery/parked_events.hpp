// SPDX-License-Identifier: BSD-3-Clause
// The events of one lane that wait outside of it: for the time of their redelivery, behind an
// earlier event of their key, or, dead, for somebody to redrive or discard them. The dead-letter
// store keeps them too, as letters, so that they outlive the process; here is their order.
//
// They stand in queues. Where failed events park their key (park_key) there is one queue for each
// such key: its head waits or is dead, and the others, in the order of the lane, are done after it.
// Everything else stands alone in a queue of its own, and nobody waits behind it.
//
// Invariants: at most one event is in hand; what is given out has been stored, is the head of its
// queue, and its time has come. No clock: times are compared with what the caller says.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "weir/runtime/delivery/dead_letter.hpp"

namespace weir::delivery {

/// Not thread-safe: part of one lane of one consumer.
class parked_events {
 public:
  using letter_ptr = std::shared_ptr<const dead_letter>;
  struct parked {
    letter_ptr letter;
    /// The ledger counts it as in flight; otherwise as dead-lettered, or not at all.
    bool in_flight = false;
    /// Somebody has asked for it: its next failure is for him to see, and ends in a dead letter.
    bool redriven = false;
  };

  explicit parked_events(bool parks_keys) noexcept : parks_keys_(parks_keys) {}

  bool empty() const noexcept { return queues_.empty(); }
  /// Some event must wait behind another: blocks() has to be asked.
  bool blocking() const noexcept { return keyed_ > 0; }
  bool blocks(std::string_view key) const {
    return keyed_ > 0 && !key.empty() && queues_.contains(name_of(key));
  }
  /// The head of the key's queue is dead: what waits behind it does so until somebody acts.
  bool head_is_dead(std::string_view key) const;

  /// An event has failed, or must wait behind one that has: parked, with its time or none, or dead.
  /// A dead one is of interest only where keys are parked. `stored`: the store has it already.
  void park(parked what, bool stored);
  /// The store has the letter of this offset. Unknown ones are none of ours.
  void stored(std::uint64_t offset);

  /// When the next is due; nothing if none is, or one is in hand.
  std::optional<timestamp> next_due() const;
  /// One that is due at `now`, if any: in hand until the next three say what has become of it.
  std::optional<parked> take(timestamp now);
  /// It is done: the next of its key is due.
  void done();
  /// It has failed, and is as `letter` says: parked or dead. Returns how many events behind it are
  /// to be counted as dead-lettered, and not in flight any more.
  std::uint64_t failed(letter_ptr letter);
  /// Nothing has become of it: it is due again.
  void put_back();
  /// Whether the event of this offset is in hand.
  bool has_in_hand(std::uint64_t offset) const;

  /// Somebody wants the letter's event handled again, now, as the letter is. False if it waits
  /// behind another.
  bool redrive(letter_ptr letter);
  /// The letter has been edited.
  void replace(letter_ptr letter);
  /// Nobody waits for the event of this offset any more. What was said of it, if it was here and is
  /// not in hand.
  std::optional<parked> discard(std::uint64_t offset);

  std::size_t size() const noexcept { return events_.size(); }

 private:
  struct entry {
    parked what;
    bool stored = false;
  };
  struct queue {
    std::deque<entry> entries;
    timestamp due = timestamp::max();  // of the head; max: it is dead
  };
  using queue_map = std::map<std::string, queue, std::less<>>;

  static std::string name_of(std::string_view key) { return 'k' + std::string{key}; }
  std::string name_of(const dead_letter& letter) const;
  queue_map::iterator queue_of(std::uint64_t offset);
  static timestamp due_of(const dead_letter& letter) noexcept;
  void schedule(queue_map::iterator which);
  void unschedule(queue_map::iterator which);
  /// Its head has gone.
  void go_on(queue_map::iterator which);

  bool parks_keys_;
  queue_map queues_;
  std::map<std::uint64_t, std::string> events_;  // offsets and their queues
  std::set<std::tuple<timestamp, std::uint64_t, std::string>> due_;  // heads that may be taken
  std::optional<std::string> in_hand_;
  std::size_t keyed_ = 0;  // queues that events may have to wait in
};

}  // namespace weir::delivery
