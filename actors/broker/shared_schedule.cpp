// SPDX-License-Identifier: BSD-3-Clause
// Counting and waking under one lock. No event is destroyed under it.
#include "weir/actors/broker/shared_schedule.hpp"

#include <algorithm>

#include "weir/runtime/store/timer_record.hpp"

namespace weir::actors {
namespace {

error closed_error() {
  return {errc::closed, "the node has not started or is stopping, and schedules no events"};
}

}  // namespace

void shared_schedule::open(caf::actor keeper, std::shared_ptr<const clock> time,
                           commit_port commits) {
  const std::lock_guard lock{access_};
  commits_ = std::move(commits);
  keeper_ = std::move(keeper);
  time_ = std::move(time);
  looks_at_ = timestamp::max();
  open_ = true;
}

result<topic::schedule_ticket> shared_schedule::add(event_ptr event, timestamp at,
                                                    const timer_form* timer) {
  const std::lock_guard lock{access_};
  if (!open_) return fail(closed_error());
  return add_locked(event, at, time_->now(), timer);
}

result<topic::schedule_ticket> shared_schedule::add_after(event_ptr event, duration delay,
                                                          const timer_form* timer) {
  const std::lock_guard lock{access_};
  if (!open_) return fail(closed_error());
  const auto now = time_->now();
  const bool for_ever = delay > timestamp::max() - now;
  return add_locked(event, for_ever ? timestamp::max() : now + delay, now, timer);
}

void shared_schedule::number_from(std::uint64_t last) {
  const std::lock_guard lock{access_};
  last_timer_ = std::max(last_timer_, last);
}

result<void> shared_schedule::add_stored(event_ptr event, timestamp at, std::string_view topic) {
  const std::lock_guard lock{access_};
  if (!open_) return fail(closed_error());
  topics_.try_emplace(event->topic(), topic);
  auto ticket = add_locked(event, at, time_->now(), nullptr);
  if (!ticket) return fail(std::move(ticket.error()));
  return {};
}

result<topic::schedule_ticket> shared_schedule::add_locked(event_ptr& event, timestamp at,
                                                           timestamp now,
                                                           const timer_form* timer) {
  if (timer != nullptr) event->set_timer(last_timer_ + 1);
  const auto where = event->topic();
  auto ticket = events_.add(event, at, now);
  if (!ticket) return ticket;
  ++counts_.accepted;
  if (timer != nullptr) {
    // Told before anybody can take the event: it is written before it is erased.
    topics_.try_emplace(where, timer->topic);
    auto what = std::make_shared<store::changes>();
    store::put_timer(*what, timer->topic, ++last_timer_, at, timer->body);
    commits_.write({std::move(what), timer->flushed});
  }
  if (std::max(at, now) < looks_at_) {
    looks_at_ = timestamp::min();
    tell(keeper_, schedule_woken{});
  }
  return ticket;
}

bool shared_schedule::cancel(const topic::schedule_ticket& ticket) {
  event_ptr ended;
  const std::lock_guard lock{access_};
  ended = events_.cancel(ticket);
  if (ended == nullptr) return false;
  ++counts_.cancelled;
  erase_locked(*ended);
  return true;
}

void shared_schedule::erase_locked(const topic::scheduled_event& event) {
  if (event.timer() == 0 || !commits_) return;
  auto what = std::make_shared<store::changes>();
  what->erase(store::table::timers, store::timer_key(topics_.at(event.topic()), event.timer()));
  commits_.write({std::move(what), nullptr});
}

void shared_schedule::erase_timer(const topic::scheduled_event& event) {
  const std::lock_guard lock{access_};
  erase_locked(event);
}

observe::schedule_ledger shared_schedule::counts() const {
  const std::lock_guard lock{access_};
  auto counts = counts_;
  counts.pending = events_.held();
  return counts;
}

void shared_schedule::close(timestamp last) {
  const std::lock_guard lock{access_};
  open_ = false;
  last_ = last;
}

std::uint64_t shared_schedule::end() {
  std::vector<event_ptr> left;
  const std::lock_guard lock{access_};
  open_ = false;
  keeper_ = nullptr;
  commits_ = {};
  const auto count = events_.held();
  while (auto event = events_.take(timestamp::max())) left.push_back(std::move(event));
  events_.release(count, events_.held_bytes());
  counts_.unpublished += count;
  return count;
}

void shared_schedule::take(std::vector<event_ptr>& due, std::size_t most, timestamp now) {
  const std::lock_guard lock{access_};
  looks_at_ = timestamp::min();
  while (due.size() < most) {
    auto event = events_.take(std::min(now, last_));
    if (event == nullptr) return;
    due.push_back(std::move(event));
  }
}

void shared_schedule::settle(std::uint64_t published, std::uint64_t refused, std::uint64_t bytes) {
  const std::lock_guard lock{access_};
  counts_.published += published;
  counts_.refused += refused;
  events_.release(published + refused, bytes);
}

std::optional<timestamp> shared_schedule::sleep() {
  const std::lock_guard lock{access_};
  const auto next = events_.next_due();
  if (next && *next <= last_) {
    looks_at_ = *next;
    return next;
  }
  // What is due after the end is nobody's to wake for.
  looks_at_ = timestamp::max();
  return std::nullopt;
}

}  // namespace weir::actors
