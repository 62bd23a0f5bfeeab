// SPDX-License-Identifier: BSD-3-Clause
// The consumer's bulkhead: a call of its handler needs a permit that other subscriptions want too.
// Without one its lanes hold their events, which costs these nothing, until it is told that its
// turn has come.
#include "weir/runtime/delivery/consumer.hpp"

#include <algorithm>

namespace weir::delivery {

void consumer::confine(std::shared_ptr<permits> shared) {
  bulkhead_ = std::make_unique<permits::place>(std::move(shared));
  confine_handlers();
}

void consumer::confine_handlers() {
  if (bulkhead_ && handlers_.deferring() != nullptr) handlers_.deferring()->confine(*bulkhead_);
}

void consumer::end_incarnation() {
  handlers_ = {};
  if (bulkhead_) bulkhead_->leave();
}

std::uint32_t consumer::admit_by_bulkhead(lane_progress& lane, std::uint32_t events) {
  const auto admitted = bulkhead_->enter(events);
  if (admitted == 0) {
    lane.state = lane_state::waits_permit;
    lane.turn = ++turns_;
  }
  return admitted;
}

void consumer::permitted(timestamp now, effects& out) {
  if (!bulkhead_) return;
  if (!confines_lanes() && !halted_) {
    handlers_.deferring()->permitted();
    return complete_ready(now, out);
  }
  for (;;) {
    lane_progress* next = nullptr;
    for (auto& lane : lanes_) {
      if (lane.state != lane_state::waits_permit || lane.closing) continue;
      if (next == nullptr || lane.turn < next->turn) next = &lane;
    }
    if (next == nullptr || halted_) {
      bulkhead_->pass();
      break;
    }
    if (bulkhead_->enter(1) == 0) break;
    next->state = lane_state::ready;
    run(*next, now, out);
    bulkhead_->exit();
  }
  complete_ready(now, out);
}

std::uint32_t consumer::held_lanes() const noexcept {
  if (!tokens_ && !breaker_ && !bulkhead_) return 0;
  const auto held = [](const lane_progress& lane) {
    return lane.state == lane_state::waits_tokens || lane.state == lane_state::waits_breaker ||
           lane.state == lane_state::waits_permit;
  };
  return static_cast<std::uint32_t>(std::count_if(lanes_.begin(), lanes_.end(), held));
}

}  // namespace weir::delivery
