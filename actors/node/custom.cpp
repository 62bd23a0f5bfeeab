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
  {
    const std::lock_guard lock{state_->access_};
    state_->living_ = self.address();
    for (const auto& [lane, place] : state_->lanes_) {
      tell(state_->partitions->at(lane).actor,
           subscriber_ready{place.slot, std::max(place.start, state_->settled[lane]), self});
    }
  }
  // What came while nobody lived.
  answered();
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
  if (!progress.letters.empty() || progress.up_to <= settled_before) return;
  settled_before = progress.up_to;
  auto& reported = state_->reported[lane];
  reported.erase(reported.begin(), reported.lower_bound(settled_before));
  // What was delivered is the partition's to count: only it knows what it dropped in between.
  const std::lock_guard lock{state_->access_};
  tell(state_->partitions->at(lane).actor, settled{state_->lanes_.at(lane).slot, progress.up_to,
                                                   std::exchange(progress.counts, {}), true});
}

void subscriber_link::dead_letter(const delivery& where, std::uint32_t index, error why) {
  auto& progress = waiting_[where.lane];
  ++progress.counts.dead_lettered;
  const auto offset = where.events.first_offset() + index;
  const auto [known, is_new] = state_->reported[where.lane].emplace(offset, false);
  if (!known->second) progress.letters.insert(offset);
  if (!is_new) return;
  const auto& place = state_->partitions->at(where.lane);
  auto letter = weir::delivery::letter_of(where.events[index]);
  letter.topic = place.topic->name;
  letter.partition = place.number;
  letter.subscription = state_->subscription;
  letter.attempts.push_back({state_->time->now(), why});
  letter.attempt_count = 1;
  letter.died_at = state_->time->now();
  letter.failure = std::move(why);
  std::vector<failed_letter> letters;
  letters.push_back({where.lane, std::move(letter)});
  tell(supervisor_, events_failed{state_->letters->hand_over(state_->id, std::move(letters))});
}

void subscriber_link::answered() {
  const auto answers = state_->letters->take();
  for (const auto& [lane, offset] : answers.kept) {
    auto& reported = state_->reported[lane];
    if (const auto known = reported.find(offset); known != reported.end()) known->second = true;
    auto& progress = waiting_[lane];
    // Otherwise an earlier incarnation asked for it.
    if (progress.letters.erase(offset) > 0) settle_if_due(lane, progress);
  }
  if (!answers.refused) return;
  // The store is full: what waits for it stays unsettled, and the partition stops sending.
  state_->on_halted(*answers.refused);
}

}  // namespace weir::actors
