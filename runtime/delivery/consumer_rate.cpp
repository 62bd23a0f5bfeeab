// SPDX-License-Identifier: BSD-3-Clause
// The consumer's rate limit: lanes that find no tokens queue up, and one timer wakes them in turn.
#include "weir/runtime/delivery/consumer.hpp"

#include <algorithm>

namespace weir::delivery {

std::uint32_t consumer::admit(lane_progress& lane, std::uint32_t events, timestamp now,
                              effects& out) {
  // While lanes wait, whoever else comes waits behind them, or a busy lane would starve the rest.
  const auto free = awaits_tokens_ ? 0 : tokens_->available(now);
  if (free > 0) return std::min(events, free);
  lane.state = lane_state::waits_tokens;
  lane.turn = ++turns_;
  if (!awaits_tokens_) {
    awaits_tokens_ = true;
    out.tokens = effects::refill{tokens_->wait(now), ++refills_};
  }
  return 0;
}

void consumer::refilled(std::uint64_t ticket, timestamp now, effects& out) {
  // A ticket of an earlier incarnation is a late timer.
  if (!awaits_tokens_ || ticket != refills_) return;
  awaits_tokens_ = false;
  while (!awaits_tokens_) {
    lane_progress* next = nullptr;
    for (auto& lane : lanes_) {
      if (lane.state != lane_state::waits_tokens) continue;
      if (next == nullptr || lane.turn < next->turn) next = &lane;
    }
    if (next == nullptr) break;
    next->state = lane_state::ready;
    run(*next, now, out);
  }
  complete_ready(now, out);
}

}  // namespace weir::delivery
