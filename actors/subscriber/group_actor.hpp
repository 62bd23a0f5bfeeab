// SPDX-License-Identifier: BSD-3-Clause
// The shell of a consumer group: tells members which lanes to close and which to go on with, and
// keeps the lanes that are nobody's. Who gets what is delivery::group's decision.
//
// A member that dies is no business of the group: its supervisor restarts it at once, what it had
// not settled is still in its consumer, and its lanes stay where their state is.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "weir/actors/subscriber/subscriber_actor.hpp"
#include "weir/runtime/delivery/group.hpp"

namespace weir::actors {

struct member_joined {
  weir::delivery::member_id member;
  std::shared_ptr<subscription_state> state;
};
/// Complete this when the member has handed back all its lanes.
struct member_leaves {
  weir::delivery::member_id member;
  completion_ptr<bool> done;
};
/// A lane of a topic that matches from now on.
struct lane_added {
  topic::cursor_slot slot;
  weir::delivery::consumer::carried_lane state;
};
/// How many lanes each member has; for people and benchmarks.
using lane_counts = std::vector<std::pair<weir::delivery::member_id, std::size_t>>;
struct group_query {
  completion_ptr<lane_counts> done;
};

struct group_setup {
  /// Begun: what each member owns at the start is in its consumer already.
  weir::delivery::group core;
  std::unordered_map<weir::delivery::member_id, std::shared_ptr<subscription_state>> members;
  std::unordered_map<lane_id, topic::cursor_slot> slots;
};

class group_actor : public caf::event_based_actor {
 public:
  group_actor(caf::actor_config& config, std::shared_ptr<group_setup> setup);
  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.group"; }

 private:
  /// Runs `step(core, effects)` and carries its effects out, and what those lead to.
  template <class Step>
  void drive(Step step);
  void released(weir::delivery::member_id member,
                const weir::delivery::consumer::carried_lane& state);

  weir::delivery::group core_;
  std::unordered_map<weir::delivery::member_id, std::shared_ptr<subscription_state>> members_;
  std::unordered_map<weir::delivery::member_id, completion_ptr<bool>> leaving_;
  struct lane_entry {
    topic::cursor_slot slot;
    weir::delivery::consumer::carried_lane state;  // while it is nobody's
  };
  std::unordered_map<lane_id, lane_entry> lanes_;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::member_joined)
WEIR_LOCAL_MESSAGE(weir::actors::member_leaves)
WEIR_LOCAL_MESSAGE(weir::actors::lane_added)
WEIR_LOCAL_MESSAGE(weir::actors::group_query)
