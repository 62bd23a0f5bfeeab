// SPDX-License-Identifier: BSD-3-Clause
// Counting under a lock. Who is next is told after the lock is released.
#include "weir/runtime/policy/bulkhead.hpp"

#include <algorithm>
#include <utility>

#include "weir/runtime/core/invariant.hpp"

namespace weir {

result<void> bulkhead::check() const {
  if (name.empty() || name.size() > 128) {
    return fail(errc::invalid_argument,
                "a bulkhead's name has " + std::to_string(name.size()) + " bytes, not 1 to 128");
  }
  if (at_most == 0 || at_most > at_most_max) {
    return fail(errc::invalid_argument, "bulkhead '" + name + "': at_most is " +
                                            std::to_string(at_most) + ", not 1 to " +
                                            std::to_string(at_most_max));
  }
  return {};
}

std::string to_string(const bulkhead& limit) {
  return "at most " + std::to_string(limit.at_most) + " at once in " + limit.name;
}

permits::counts permits::now() const {
  const std::lock_guard lock{access_};
  return {taken_, queue_.size()};
}

bool permits::take(const std::shared_ptr<waiter>& who) {
  const std::lock_guard lock{access_};
  if (std::exchange(who->granted, false)) return true;
  if (who->queued) return false;
  if (taken_ < limit_.at_most) {
    ++taken_;
    return true;
  }
  who->queued = true;
  queue_.push_back(who);
  return false;
}

void permits::give_back() {
  std::function<void()> wake;
  {
    const std::lock_guard lock{access_};
    WEIR_INVARIANT(taken_ > 0, "a permit was given back twice");
    if (queue_.empty()) {
      --taken_;
      return;
    }
    const auto next = std::move(queue_.front());
    queue_.pop_front();
    next->queued = false;
    next->granted = true;
    wake = next->wake;
  }
  if (wake) wake();
}

std::uint32_t permits::admitted(std::uint32_t events) const {
  const std::lock_guard lock{access_};
  return queue_.empty() ? std::min(events, events_max) : 1;
}

permits::place::place(std::shared_ptr<permits> of)
    : of_(std::move(of)), self_(std::make_shared<waiter>()) {}

void permits::place::attend(std::function<void()> wake) {
  // What was there ends after the lock: it may hold the last of an actor.
  const std::lock_guard lock{of_->access_};
  self_->wake.swap(wake);
}

std::uint32_t permits::place::enter(std::uint32_t events) {
  return held_ > 0 ? of_->admitted(events) : take(events);
}

std::uint32_t permits::place::take(std::uint32_t events) {
  if (!of_->take(self_)) return 0;
  ++held_;
  return of_->admitted(events);
}

void permits::place::exit() {
  if (held_ == 0) return;
  --held_;
  of_->give_back();
}

void permits::place::pass() {
  bool unused = false;
  {
    const std::lock_guard lock{of_->access_};
    if (std::exchange(self_->queued, false)) std::erase(of_->queue_, self_);
    unused = std::exchange(self_->granted, false);
  }
  if (unused) of_->give_back();
}

void permits::place::leave() {
  attend(nullptr);
  pass();
  while (held_ > 0) exit();
}

}  // namespace weir
