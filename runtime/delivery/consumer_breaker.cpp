// SPDX-License-Identifier: BSD-3-Clause
// The consumer's circuit breaker: while it is open lanes hold the event that comes next, which
// costs that event neither attempts nor its place; then one event of one lane shows whether the
// others may go on.
#include "weir/runtime/core/log.hpp"
#include "weir/runtime/delivery/consumer.hpp"

namespace weir::delivery {

std::uint32_t consumer::admit_by_breaker(lane_progress& lane, std::uint32_t events,
                                         timestamp now) {
  const auto admitted = breaker_->admit(events, now);
  if (admitted == 0) hold_by_breaker(lane);
  return admitted;
}

void consumer::hold_by_breaker(lane_progress& lane) {
  lane.state = lane_state::waits_breaker;
  lane.turn = ++turns_;
}

void consumer::tell_breaker(std::uint32_t delivered, bool left_out) {
  const bool was_closed = breaker_->closed();
  breaker_->succeeded(delivered);
  if (was_closed) return;
  if (breaker_->closed()) {
    log(log_level::info, "breaker-closed", subscription_);
  } else if (delivered == 0 && left_out) {
    breaker_->not_tried();
  }
}

bool consumer::opens_breaker(const error& failure, timestamp now) {
  // What is wrong with an event says nothing about the others.
  if (!breaker_ || failure.kind() != error_class::transient) return false;
  const bool was_closed = breaker_->closed();
  breaker_->failed(now);
  if (breaker_->closed()) return false;
  if (was_closed) {
    ++counts_.breaker_openings;
    log(log_level::warn, "breaker-opened", subscription_ + ": " + to_string(failure));
  }
  return true;
}

void consumer::go_on_behind_breaker(timestamp now, effects& out) {
  for (;;) {
    lane_progress* next = nullptr;
    for (auto& lane : lanes_) {
      if (lane.state != lane_state::waits_breaker) continue;
      if (next == nullptr || lane.turn < next->turn) next = &lane;
    }
    if (next == nullptr || halted_) return;
    if (!breaker_->admits(now)) {
      const auto delay = breaker_->wait(now);
      if (delay > duration::zero() && !awaits_breaker_) {
        awaits_breaker_ = true;
        out.breaker = effects::refill{delay, ++breaker_waits_};
      }
      return;
    }
    next->state = lane_state::ready;
    run(*next, now, out);
  }
}

void consumer::breaker_due(std::uint64_t ticket, timestamp now, effects& out) {
  // A ticket of an earlier incarnation is a late timer.
  if (!awaits_breaker_ || ticket != breaker_waits_) return;
  awaits_breaker_ = false;
  complete_ready(now, out);
}

}  // namespace weir::delivery
