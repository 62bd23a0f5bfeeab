// SPDX-License-Identifier: BSD-3-Clause
// Driving CAF 0.17's testing scheduler.
#include "weir/actors/base/simulation.hpp"

#include <algorithm>

#include <caf/scheduler/test_coordinator.hpp>

#include "weir/runtime/core/invariant.hpp"

namespace weir::actors {
namespace {

/// As long as an actor may stall, in steps of others.
constexpr std::uint64_t stall_steps = 100;

caf::scheduler::test_coordinator& coordinator(caf::actor_system& system) {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
}

}  // namespace

void simulation::configure(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("testing"));
}

simulation::simulation(caf::actor_system& system, std::shared_ptr<clock> time, std::uint64_t seed,
                       std::shared_ptr<sim::fault_source> faults)
    : system_(system), time_(std::move(time)), chance_(seed), faults_(std::move(faults)) {
  WEIR_INVARIANT(time_->is_manual(), "a simulation needs a clock it can move");
}

simulation::~simulation() { end_stalls(true); }

bool simulation::step() {
  auto& jobs = coordinator(system_).jobs;
  do {
    if (!stalled_.empty()) end_stalls(jobs.empty());
    if (jobs.empty()) return false;
    const auto chosen = chance_.below(jobs.size());
    std::swap(jobs.front(), jobs[chosen]);
    ++steps_;
  } while (faults_ != nullptr && stalls());
  running_ = jobs.front();
  coordinator(system_).run_once();
  running_ = nullptr;
  return true;
}

bool simulation::stalls() {
  auto& jobs = coordinator(system_).jobs;
  if (jobs.size() < 2 || !faults_->strikes(sim::fault::actor_stalls, {}, steps_)) return false;
  stalled_.push_back({jobs.front(), steps_ + stall_steps});
  jobs.pop_front();
  return true;
}

void simulation::end_stalls(bool all) {
  while (!stalled_.empty() && (all || stalled_.front().until <= steps_)) {
    coordinator(system_).jobs.push_back(stalled_.front().job);
    stalled_.pop_front();
  }
}

void simulation::kill_running() {
  auto* const actor = dynamic_cast<caf::abstract_actor*>(running_);
  if (actor != nullptr) kill(caf::actor_cast<caf::actor>(actor));
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
  auto by = fires ? *wait : left;
  if (fires && faults_ != nullptr) {
    ++timers_;
    const auto late = faults_->strikes(sim::fault::timer_late, {}, timers_);
    by = std::min(left, by + late.value_or(duration::zero()));
    const auto jump = faults_->strikes(sim::fault::clock_jumps, {}, timers_);
    if (jump) time_->set(time_->now() + *jump);
  }
  move_time(by);
  return fires;
}

void simulation::advance(duration by) {
  const auto end = time_->now() + by;
  do run();
  while (next_timer(end));
}

}  // namespace weir::actors
