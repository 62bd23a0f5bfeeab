// SPDX-License-Identifier: BSD-3-Clause
// Settling for custom subscribers.
#include "weir/actors/node/custom.hpp"

#include <algorithm>

namespace weir::actors {

void subscriber_link::shared::open(lane_id lane, topic::cursor_slot slot, std::uint64_t start) {
  const std::lock_guard lock{access_};
  lanes_.emplace(lane, place{slot, start});
  if (const auto living = caf::actor_cast<caf::actor>(living_)) {
    tell(partitions->at(lane).actor, subscriber_ready{slot, start, living});
  }
}

void subscriber_link::ready(const caf::actor& self) {
  const std::lock_guard lock{state_->access_};
  state_->living_ = self.address();
  for (const auto& [lane, place] : state_->lanes_) {
    tell(state_->partitions->at(lane).actor,
         subscriber_ready{place.slot, std::max(place.start, state_->settled[lane]), self});
  }
}

void subscriber_link::settle(const delivery& done, topic::settled_counts counts) {
  auto& progress = waiting_[done.lane];
  progress.up_to = done.events.end_offset();
  progress.counts.filtered += counts.filtered;
  progress.counts.skipped += counts.skipped;
  progress.counts.expired += counts.expired;
  settle_if_due(done.lane, progress);
}

void subscriber_link::settle_if_due(lane_id lane, waiting& progress) {
  auto& settled_before = state_->settled[lane];
  if (progress.letters > 0 || progress.up_to <= settled_before) return;
  settled_before = progress.up_to;
  // What was delivered is the partition's to count: only it knows what it dropped in between.
  const std::lock_guard lock{state_->access_};
  tell(state_->partitions->at(lane).actor, settled{state_->lanes_.at(lane).slot, progress.up_to,
                                                   std::exchange(progress.counts, {}), true});
}

void subscriber_link::dead_letter(const delivery& where, std::uint32_t index, error why) {
  const auto& place = state_->partitions->at(where.lane);
  auto letter = weir::delivery::letter_of(where.events[index]);
  letter.topic = place.topic->name;
  letter.partition = place.number;
  letter.subscription = state_->subscription;
  letter.attempts.push_back({state_->time->now(), why});
  letter.attempt_count = 1;
  letter.died_at = state_->time->now();
  letter.failure = std::move(why);
  auto& progress = waiting_[where.lane];
  ++progress.letters;
  ++progress.counts.dead_lettered;
  auto letters = std::make_shared<std::vector<failed_letter>>();
  letters->push_back({where.lane, std::move(letter)});
  tell(supervisor_, events_failed{state_->id, std::move(letters), state_->answers});
}

void subscriber_link::answered() {
  auto answers = state_->answers->take();
  for (const auto lane : answers.kept) {
    auto& progress = waiting_[lane];
    if (progress.letters == 0) continue;  // asked for by an earlier incarnation
    --progress.letters;
    settle_if_due(lane, progress);
  }
  if (!answers.refused) return;
  // The store is full: what waits for it stays unsettled, and the partition stops sending.
  state_->on_halted(*answers.refused);
}

}  // namespace weir::actors
