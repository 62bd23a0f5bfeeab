// SPDX-License-Identifier: BSD-3-Clause
// What scheduling an event gives: the means to take it back.
#pragma once

#include <memory>

#include "weir/runtime/topic/schedule.hpp"

namespace weir {

namespace actors {
class shared_schedule;
}

/// Names one scheduled event; copies name the same. Any thread. It may outlive its node.
class scheduled {
 public:
  /// Names none.
  scheduled() noexcept = default;
  scheduled(std::shared_ptr<actors::shared_schedule> where, topic::schedule_ticket ticket) noexcept
      : where_(std::move(where)), ticket_(ticket) {}

  /// True if the event was cancelled by this call: it will not be published. False if it has fired,
  /// which it has once its time has come and the schedule has handed it out for publishing, even
  /// where it still waits for room; false too if it was cancelled before, or its node has stopped.
  bool cancel();

 private:
  std::shared_ptr<actors::shared_schedule> where_;
  topic::schedule_ticket ticket_;
};

}  // namespace weir
