// SPDX-License-Identifier: BSD-3-Clause
// A node's schedule behind a lock: threads add and cancel, the schedule actor takes what is due.
//
// Why a lock and not a message for each event: adding answers at once (full, closed), cancelling
// says truly whether it came in time, and an event costs no mailbox element. The actor is told only
// if an event is due before it would look by itself, and once however many those are.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "weir/actors/base/caf.hpp"
#include "weir/actors/store/commit_port.hpp"
#include "weir/runtime/observe/schedule_ledger.hpp"
#include "weir/runtime/topic/schedule.hpp"

namespace weir::actors {

/// To the schedule actor: something is due before it would look.
struct schedule_woken {};

/// What of an event is written to the store, for its topic is durable; see store/timer_record.hpp.
struct timer_form {
  std::string topic;
  std::string body;
  completion_ptr<result<void>> flushed{};  // null: nobody waits for it
};

/// Any thread. Handles of scheduled events keep it alive, beyond its node if need be.
class shared_schedule {
 public:
  using event_ptr = std::unique_ptr<topic::scheduled_event>;

  explicit shared_schedule(topic::schedule_limits limits) : events_(limits) {}

  /// From now on events may be added; `keeper` is woken for them. `commits` writes timers; empty if
  /// no topic is durable.
  void open(caf::actor keeper, std::shared_ptr<const clock> time, commit_port commits = {});
  /// For `at`, or at once if that has passed; written to the store if `timer` is not null.
  /// errc::closed, errc::schedule_full.
  result<topic::schedule_ticket> add(event_ptr event, timestamp at,
                                     const timer_form* timer = nullptr);
  /// The same, `delay` from now; what no clock will show is for ever.
  result<topic::schedule_ticket> add_after(event_ptr event, duration delay,
                                           const timer_form* timer = nullptr);
  /// Numbers of timers up to this one are taken.
  void number_from(std::uint64_t last);
  /// One that is in the store already, under its number. errc::closed, errc::schedule_full.
  result<void> add_stored(event_ptr event, timestamp at, std::string_view topic);
  bool cancel(const topic::schedule_ticket& ticket);
  observe::schedule_ledger counts() const;

  /// No event may be added, and none fires that is due after `last`.
  void close(timestamp last);
  /// Ends what is left and gives the number of events that were not published. Cancelling is false
  /// from here on. Call when the keeper has ended.
  std::uint64_t end();

  // --- for the keeper ---

  /// Takes at most `most` due events, in order.
  void take(std::vector<event_ptr>& due, std::size_t most, timestamp now);
  /// What became of events that were taken; they take no room any more.
  void settle(std::uint64_t published, std::uint64_t refused, std::uint64_t bytes);
  /// The event was refused: the store need not keep its timer, if it has one.
  void erase_timer(const topic::scheduled_event& event);
  /// The keeper has nothing to do until the time given, or until it is woken.
  std::optional<timestamp> sleep();

 private:
  result<topic::schedule_ticket> add_locked(event_ptr& event, timestamp at, timestamp now,
                                            const timer_form* timer);
  void erase_locked(const topic::scheduled_event& event);

  mutable std::mutex access_;
  topic::schedule events_;
  observe::schedule_ledger counts_;  // pending is events_.held()
  caf::actor keeper_;
  commit_port commits_;
  std::uint64_t last_timer_ = 0;
  std::unordered_map<std::uint32_t, std::string> topics_;  // names of those with timers, by index
  std::shared_ptr<const clock> time_;
  timestamp looks_at_ = timestamp::min();  // when the keeper looks by itself; min: it is awake
  timestamp last_ = timestamp::max();
  bool open_ = false;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::schedule_woken)
