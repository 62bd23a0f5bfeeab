// SPDX-License-Identifier: BSD-3-Clause
// Driving CAF 0.17's testing scheduler.
#include "weir/actors/base/simulation.hpp"

#include <algorithm>

#include <caf/scheduler/test_coordinator.hpp>

#include "weir/runtime/core/invariant.hpp"

namespace weir::actors {
namespace {

caf::scheduler::test_coordinator& coordinator(caf::actor_system& system) {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
}

}  // namespace

void simulation::configure(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("testing"));
}

simulation::simulation(caf::actor_system& system, std::shared_ptr<clock> time, std::uint64_t seed)
    : system_(system), time_(std::move(time)), chance_(seed) {
  WEIR_INVARIANT(time_->is_manual(), "a simulation needs a clock it can move");
}

bool simulation::step() {
  auto& jobs = coordinator(system_).jobs;
  if (jobs.empty()) return false;
  const auto chosen = chance_.below(jobs.size());
  std::swap(jobs.front(), jobs[chosen]);
  coordinator(system_).run_once();
  ++steps_;
  return true;
}

std::uint64_t simulation::run() {
  std::uint64_t count = 0;
  while (step()) ++count;
  return count;
}

std::optional<duration> simulation::until_timer() const {
  const auto& timers = coordinator(system_).clock();
  if (!timers.has_pending_timeout()) return std::nullopt;
  const auto wait = timers.schedule().begin()->first - timers.current_time;
  return std::max(duration::zero(), std::chrono::duration_cast<duration>(wait));
}

void simulation::move_time(duration by) {
  // The node's clock first: what a timer wakes reads it.
  time_->advance(by);
  coordinator(system_).advance_time(by);
}

bool simulation::next_timer(timestamp latest) {
  const auto left = std::max(duration::zero(), latest - time_->now());
  const auto wait = until_timer();
  const bool fires = wait && *wait <= left;
  move_time(fires ? *wait : left);
  return fires;
}

void simulation::advance(duration by) {
  const auto end = time_->now() + by;
  do run();
  while (next_timer(end));
}

}  // namespace weir::actors
