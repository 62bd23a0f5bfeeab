// SPDX-License-Identifier: BSD-3-Clause
// Publishes scheduled events when they are due: woken by a timer or by who adds an event that is
// due earlier, it takes what is due and builds it in rings of its own, as any publisher does. What
// finds a ring full waits here, in order, until the partition makes room; other topics go on.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "weir/actors/base/directory.hpp"
#include "weir/actors/broker/shared_schedule.hpp"
#include "weir/actors/broker/timer_notes.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/runtime/topic/alarm.hpp"
#include "weir/runtime/topic/publisher.hpp"

namespace weir::actors {

/// A timer of the schedule actor has rung.
struct schedule_rung {};
/// Complete this when everything that is due now is in rings, or waits for room there.
struct due_query {
  completion_ptr<bool> done;
};

/// A topic that exists from now on; they come in the order of their indices.
struct topic_added {
  std::shared_ptr<const topic::settings> topic;
};

struct schedule_setup {
  std::shared_ptr<shared_schedule> events;
  directory_ptr partitions;
  std::vector<std::shared_ptr<const topic::settings>> topics;  // by index
  std::shared_ptr<const clock> time;
  random seeds;
};

class schedule_actor : public caf::event_based_actor {
 public:
  schedule_actor(caf::actor_config& config, schedule_setup setup);
  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.schedule"; }

 private:
  using event_ptr = shared_schedule::event_ptr;
  struct outlet {
    topic::publisher core;
    std::deque<event_ptr> waiting;
    bool full = false;  // and its partitions know that we wait
    std::vector<std::shared_ptr<timer_notes>> timers{};  // by partition, if the topic is durable
  };
  struct outcome {
    std::uint64_t published = 0;
    std::uint64_t refused = 0;
    std::uint64_t bytes = 0;
  };

  void work();
  outlet& outlet_of(const topic::scheduled_event& event);
  void publish_waiting(outlet& to, outcome& sum);
  bool publish_first(outlet& to, outcome& sum);
  void commit(outlet& to);
  void room_is_made();
  void rest();

  schedule_setup setup_;
  topic::alarm alarm_;
  std::vector<std::unique_ptr<outlet>> outlets_;  // by topic index
  std::vector<event_ptr> due_;
  std::vector<due_query> queries_;
  timestamp last_published_{};
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::schedule_rung)
WEIR_LOCAL_MESSAGE(weir::actors::due_query)
WEIR_LOCAL_MESSAGE(weir::actors::topic_added)
