// SPDX-License-Identifier: BSD-3-Clause
// A node's schedule behind a lock: threads add and cancel, the schedule actor takes what is due.
//
// Why a lock and not a message for each event: adding answers at once (full, closed), cancelling
// says truly whether it came in time, and an event costs no mailbox element. The actor is told only
// if an event is due before it would look by itself, and once however many those are.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "weir/actors/base/caf.hpp"
#include "weir/runtime/observe/schedule_ledger.hpp"
#include "weir/runtime/topic/schedule.hpp"

namespace weir::actors {

/// To the schedule actor: something is due before it would look.
struct schedule_woken {};

/// Any thread. Handles of scheduled events keep it alive, beyond its node if need be.
class shared_schedule {
 public:
  using event_ptr = std::unique_ptr<topic::scheduled_event>;

  explicit shared_schedule(topic::schedule_limits limits) : events_(limits) {}

  /// From now on events may be added; `keeper` is woken for them.
  void open(caf::actor keeper, std::shared_ptr<const clock> time);
  /// For `at`, or at once if that has passed. errc::closed, errc::schedule_full.
  result<topic::schedule_ticket> add(event_ptr event, timestamp at);
  /// The same, `delay` from now; what no clock will show is for ever.
  result<topic::schedule_ticket> add_after(event_ptr event, duration delay);
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
  /// The keeper has nothing to do until the time given, or until it is woken.
  std::optional<timestamp> sleep();

 private:
  result<topic::schedule_ticket> add_locked(event_ptr& event, timestamp at, timestamp now);

  mutable std::mutex access_;
  topic::schedule events_;
  observe::schedule_ledger counts_;  // pending is events_.held()
  caf::actor keeper_;
  std::shared_ptr<const clock> time_;
  timestamp looks_at_ = timestamp::min();  // when the keeper looks by itself; min: it is awake
  timestamp last_ = timestamp::max();
  bool open_ = false;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::schedule_woken)
