// SPDX-License-Identifier: BSD-3-Clause
// Counting and waking under one lock. No event is destroyed under it.
#include "weir/actors/broker/shared_schedule.hpp"

#include <algorithm>

namespace weir::actors {
namespace {

error closed_error() {
  return {errc::closed, "the node has not started or is stopping, and schedules no events"};
}

}  // namespace

void shared_schedule::open(caf::actor keeper, std::shared_ptr<const clock> time) {
  const std::lock_guard lock{access_};
  keeper_ = std::move(keeper);
  time_ = std::move(time);
  looks_at_ = timestamp::max();
  open_ = true;
}

result<topic::schedule_ticket> shared_schedule::add(event_ptr event, timestamp at) {
  const std::lock_guard lock{access_};
  if (!open_) return fail(closed_error());
  return add_locked(event, at, time_->now());
}

result<topic::schedule_ticket> shared_schedule::add_after(event_ptr event, duration delay) {
  const std::lock_guard lock{access_};
  if (!open_) return fail(closed_error());
  const auto now = time_->now();
  const bool for_ever = delay > timestamp::max() - now;
  return add_locked(event, for_ever ? timestamp::max() : now + delay, now);
}

result<topic::schedule_ticket> shared_schedule::add_locked(event_ptr& event, timestamp at,
                                                           timestamp now) {
  auto ticket = events_.add(event, at, now);
  if (!ticket) return ticket;
  ++counts_.accepted;
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
  return true;
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
