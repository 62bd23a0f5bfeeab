// SPDX-License-Identifier: BSD-3-Clause
// Decisions to orders.
#include "weir/actors/subscriber/group_actor.hpp"

namespace weir::actors {

using weir::delivery::consumer;
using weir::delivery::group_effects;
using weir::delivery::member_id;

group_actor::group_actor(caf::actor_config& config, std::shared_ptr<group_setup> setup)
    : caf::event_based_actor(config),
      core_(std::move(setup->core)),
      members_(std::move(setup->members)) {
  for (const auto& [lane, slot] : setup->slots) lanes_.emplace(lane, lane_entry{slot, nullptr});
}

caf::behavior group_actor::make_behavior() {
  return {
      [this](const lane_released& handed_back) {
        released(handed_back.member, handed_back.state);
      },
      [this](const member_joined& joined) {
        members_.insert_or_assign(joined.member, joined.state);
        drive([&](auto& core, auto& out) { core.join(joined.member, out); });
      },
      [this](const member_leaves& leaves) {
        leaving_.insert_or_assign(leaves.member, leaves.done);
        drive([&](auto& core, auto& out) { core.leave(leaves.member, out); });
      },
      [this](const lane_added& added) {
        const auto lane = consumer::id_of(added.state);
        lanes_.insert_or_assign(lane, lane_entry{added.slot, added.state});
        drive([&](auto& core, auto& out) { core.add_lane(lane, out); });
      },
      [this](const group_query& query) {
        lane_counts counts;
        for (const auto member : core_.living()) {
          counts.emplace_back(member, core_.lanes_of(member).size());
        }
        query.done->complete(std::move(counts));
      },
  };
}

void group_actor::on_exit() {
  // Members know the group, and the group its members.
  members_.clear();
  lanes_.clear();
  for (const auto& [member, asked] : std::exchange(leaving_, {})) asked->complete(true);
}

template <class Step>
void group_actor::drive(Step step) {
  group_effects out;
  step(core_, out);
  for (const auto& move : out.revoke) {
    // One that it was not yet given comes back at once.
    if (auto state = members_.at(move.member)->orders.close(move.lane)) {
      released(move.member, state);
    }
  }
  for (const auto& move : out.assign) {
    auto& lane = lanes_.at(move.lane);
    members_.at(move.member)->orders.adopt({lane.slot, std::exchange(lane.state, nullptr)});
  }
  for (const auto member : out.left) {
    members_.erase(member);
    const auto asked = leaving_.find(member);
    if (asked == leaving_.end()) continue;
    asked->second->complete(true);
    leaving_.erase(asked);
  }
}

void group_actor::released(member_id member, const consumer::carried_lane& state) {
  const auto lane = consumer::id_of(state);
  lanes_.at(lane).state = state;
  drive([&](auto& core, auto& out) { core.released(member, lane, out); });
}

}  // namespace weir::actors
