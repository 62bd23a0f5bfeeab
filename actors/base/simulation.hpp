// SPDX-License-Identifier: BSD-3-Clause
// A node without threads: CAF's testing scheduler, a virtual clock, and a seeded choice of which
// actor runs next. The same seed gives the same run.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "weir/actors/base/caf.hpp"
#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/runtime/sim/fault_source.hpp"

namespace weir::actors {

class simulation {
 public:
  /// `system` must have been configured with configure(). With `faults`, timers are late, the clock
  /// jumps and actors stall; all else that is said of time here holds.
  simulation(caf::actor_system& system, std::shared_ptr<clock> time, std::uint64_t seed,
             std::shared_ptr<sim::fault_source> faults = {});
  ~simulation();
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  static void configure(caf::actor_system_config& config);

  /// One actor, chosen by the seed, handles one message. False if none has any.
  bool step();
  /// Moves time to the next timer and lets it fire; if that is after `latest`, or there is none,
  /// moves time to `latest` and returns false.
  bool next_timer(timestamp latest);
  /// Moves time forward, firing timers in their order and running what they cause to the end.
  void advance(duration by);
  /// Time passes while an actor runs: what becomes due is delivered later.
  void pass(duration by) { move_time(by); }
  /// Kills the actor that runs, once it has handled its message; nobody runs: nothing.
  void kill_running();
  /// Runs until no actor has a message; timers do not fire.
  std::uint64_t run();
  std::uint64_t steps() const noexcept { return steps_; }

 private:
  /// An actor that does not run for a while although it could.
  struct stalled {
    caf::resumable* job;
    std::uint64_t until;  // this step
  };
  std::optional<duration> until_timer() const;
  void move_time(duration by);
  void end_stalls(bool all);
  bool stalls();

  caf::actor_system& system_;
  std::shared_ptr<clock> time_;
  random chance_;
  std::shared_ptr<sim::fault_source> faults_;
  std::deque<stalled> stalled_;
  caf::resumable* running_ = nullptr;
  std::uint64_t steps_ = 0;
  std::uint64_t timers_ = 0;
};

}  // namespace weir::actors
