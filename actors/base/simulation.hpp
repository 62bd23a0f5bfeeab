// SPDX-License-Identifier: BSD-3-Clause
// A node without threads: CAF's testing scheduler, a virtual clock, and a seeded choice of which
// actor runs next. The same seed gives the same run.
#pragma once

#include <memory>
#include <optional>

#include "weir/actors/base/caf.hpp"
#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/random.hpp"

namespace weir::actors {

class simulation {
 public:
  /// `system` must have been configured with configure().
  simulation(caf::actor_system& system, std::shared_ptr<clock> time, std::uint64_t seed);

  static void configure(caf::actor_system_config& config);

  /// One actor, chosen by the seed, handles one message. False if none has any.
  bool step();
  /// Moves time to the next timer and lets it fire; if that is after `latest`, or there is none,
  /// moves time to `latest` and returns false.
  bool next_timer(timestamp latest);
  /// Moves time forward, firing timers in their order and running what they cause to the end.
  void advance(duration by);
  /// Runs until no actor has a message; timers do not fire.
  std::uint64_t run();
  std::uint64_t steps() const noexcept { return steps_; }

 private:
  std::optional<duration> until_timer() const;
  void move_time(duration by);

  caf::actor_system& system_;
  std::shared_ptr<clock> time_;
  random chance_;
  std::uint64_t steps_ = 0;
};

}  // namespace weir::actors
