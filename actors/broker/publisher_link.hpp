// SPDX-License-Identifier: BSD-3-Clause
// How a publisher reaches its node: shared by all publishers of the node, and closed by it.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "weir/actors/base/directory.hpp"
#include "weir/actors/broker/ring_notes.hpp"
#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/sim/fault_source.hpp"
#include "weir/runtime/topic/entrance.hpp"

namespace weir::actors {

/// Everything outside threads need of a node while it runs.
struct node_link {
  /// Destroyed after every handle that points into it; a publisher may outlive its node.
  std::shared_ptr<caf::actor_system_config> config;
  std::shared_ptr<caf::actor_system> system;
  std::atomic<bool> closed{false};
  directory_ptr partitions;
  std::shared_ptr<const clock> time;
  /// In a node that runs on the calling thread: makes one step of progress, false if none is left
  /// before the given time, which it then is.
  std::function<bool(timestamp)> step;
  /// Of a simulation; null otherwise.
  std::shared_ptr<sim::fault_source> faults;
};

/// What stays of a named producer when somebody else takes its name: what it has published then is
/// stored before the other begins. Rings by partition, written by who is inside the entrance.
struct named_producer {
  std::vector<std::shared_ptr<topic::ring>> rings;
  std::shared_ptr<topic::entrance> entrance;
};

struct publisher_link {
  std::shared_ptr<node_link> node;
  std::shared_ptr<topic::entrance> entrance = std::make_shared<topic::entrance>();
  std::shared_ptr<room_signal> room = std::make_shared<room_signal>();
  std::vector<std::shared_ptr<ring_notes>> notes{};  // by partition; empty: there are none
  std::shared_ptr<named_producer> named{};           // null: it has no name
};

/// "For ever" in waits: more would leave the range of a clock.
constexpr duration longest_wait = std::chrono::hours{24 * 365 * 100};

/// Waits for a completion, at most `deadline`; drives a node that runs on the calling thread.
template <class T>
std::optional<T> wait(const node_link& node, completion<T>& done, duration deadline) {
  deadline = std::min(deadline, longest_wait);
  if (!node.step) return done.wait_for(deadline);
  const auto until = node.time->now() + deadline;
  for (;;) {
    if (auto value = done.peek()) return value;
    if (!node.step(until)) return done.peek();
  }
}

}  // namespace weir::actors
