// SPDX-License-Identifier: BSD-3-Clause
// How a transactional subscriber's effects become true: one commit has its positions, its states
// and, through the partitions that give them their offsets, the events it has published. Only then
// is anything settled, which returns credit: so what is on its way is bounded, and handlers go on
// meanwhile.
#include <utility>

#include "weir/actors/broker/partition_actor.hpp"
#include "weir/actors/subscriber/subscriber_actor.hpp"

namespace weir::actors {

subscriber_actor::commit_begun subscriber_actor::begin_commit() {
  commit_begun begun;
  if (!state_->commits) return begun;
  begun.what = std::make_shared<store::changes>();
  begun.progress = state_->consumer.write_progress(*begun.what);
  if (!begun.progress.any) return begun;
  const bool room = state_->consumer.outlets().take_outputs(
      [&](const topic::settings& to, std::uint32_t partition, batch events) {
        begun.published[directory::lane_of(to, partition)].push_back(std::move(events));
      });
  if (room) tell(caf::actor{this}, room_made{});
  return begun;
}

void subscriber_actor::end_commit(commit_begun begun, weir::delivery::effects& out) {
  auto& held = state_->held_back;
  held.insert(held.end(), out.settlements.begin(), out.settlements.end());
  out.settlements.clear();
  // What was done before the event that ended the subscriber is written by the next incarnation.
  if (state_->consumer.interrupted() || (!begun.progress.any && held.empty())) return;

  std::vector<std::pair<caf::actor, settled>> after;
  for (const auto& range : std::exchange(held, {})) {
    after.emplace_back(partitions_->at(range.lane).actor,
                       settled{state_->slots.at(range.lane), range.up_to, range.counts, false,
                               true});
  }
  transaction_ptr parts;
  if (!begun.published.empty()) {
    parts = std::make_shared<transaction>(1 + begun.published.size());
  }
  for (auto& [lane, events] : begun.published) {
    tell_from(*this, partitions_->at(lane).actor, transaction_part{std::move(events), parts});
  }
  auto flushed = std::make_shared<completion<result<void>>>(
      [after = std::move(after), states = std::move(begun.progress.states),
       halted = state_->on_halted](const result<void>& outcome) {
        if (!outcome) {
          if (outcome.error().code != errc::closed) halted(outcome.error());
          return;
        }
        for (const auto& one : states) one.mark->store(one.number, std::memory_order_release);
        for (const auto& [partition, range] : after) tell(partition, range);
      });
  state_->commits.write({std::move(begun.what), std::move(flushed), true, parts});
}

}  // namespace weir::actors
