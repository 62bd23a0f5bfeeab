// SPDX-License-Identifier: BSD-3-Clause
// Seeds on threads, then a look into each kind of failure.
#include "weir/actors/testkit/simulation.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/sim/shrink.hpp"

namespace weir::testkit {
namespace {

constexpr std::size_t failures_max = 20;
/// Lines and calls of a run that are kept when it is looked into.
constexpr std::size_t kept_max = 200'000;

}  // namespace

result<void> settled(weir::node& node, duration deadline) {
  const auto report = node.drain(deadline);
  if (report.drained) return {};
  return fail(errc::timeout, to_string(report));
}

std::string simulation_report::text() const {
  std::string text = std::to_string(seeds.seeds() - seeds.failed()) + " seeds passed, " +
                     std::to_string(seeds.failed()) + " failed\n";
  for (const auto& one : failures) {
    text += std::to_string(one.seeds) + " seeds, the first " + std::to_string(one.first) + ": " +
            one.message + "\n  with " + (one.minimal ? "no more than " : "") +
            to_string(one.faults) + "\n";
  }
  return text;
}

simulation& simulation::seeds(std::uint64_t first, std::uint64_t last) {
  WEIR_INVARIANT(first >= 1 && first <= last, "seeds are from 1, the last not below the first");
  seeds_ = {first, last};
  return *this;
}

simulation& simulation::faults(sim::fault_list wanted) {
  faults_ = std::move(wanted);
  return *this;
}

simulation& simulation::options(node_options chosen) {
  options_ = std::move(chosen);
  return *this;
}

simulation& simulation::invariant(std::string name,
                                  std::function<result<void>(weir::node&)> holds) {
  invariants_.push_back({std::move(name), std::move(holds)});
  return *this;
}

simulation& simulation::threads(unsigned count) {
  threads_ = count != 0 ? count : std::max(std::thread::hardware_concurrency(), 1U);
  return *this;
}

simulation& simulation::shrink_runs(std::uint64_t most) {
  shrink_runs_ = most;
  return *this;
}

simulation& simulation::watch(std::function<void(const sim::campaign&)> progress) {
  watch_ = std::move(progress);
  return *this;
}

simulation& simulation::until(std::function<bool()> stop) {
  until_ = std::move(stop);
  return *this;
}

topology_builder simulation::whole() const {
  return [this](const node_options& options,
                sim::outside_effects& outside) -> result<declared_topology> {
    auto made = build_(options, outside);
    if (made) {
      made->invariants.insert(made->invariants.end(), invariants_.begin(), invariants_.end());
    }
    return made;
  };
}

run_wanted simulation::wanted(std::uint64_t seed, const sim::fault_list& faults, bool kept) const {
  return {.seed = seed, .faults = faults, .node = options_, .kept_max = kept ? kept_max : 0};
}

/// Those who take the next seed until there is none.
struct simulation::crew {
  void work() {
    while (!owner.until_ || !owner.until_()) {
      const auto seed = next++;
      if (seed > owner.seeds_.last) return;
      const auto found = simulate_once(build, owner.wanted(seed, owner.faults_, false));
      const std::lock_guard lock{access};
      all.add(found.summary);
      if (owner.watch_) owner.watch_(all);
    }
  }

  const simulation& owner;
  const topology_builder& build;
  std::atomic<std::uint64_t> next{owner.seeds_.first};
  std::mutex access{};
  sim::campaign all{};
};

simulation_report simulation::run() {
  const auto build = whole();
  crew hands{.owner = *this, .build = build};
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < threads_; ++i) threads.emplace_back([&] { hands.work(); });
  hands.work();
  for (auto& one : threads) one.join();
  simulation_report report{.seeds = std::move(hands.all)};
  for (const auto& [fingerprint, group] : report.seeds.failures()) {
    if (report.failures.size() == failures_max) break;
    report.failures.push_back(look_into(build, group));
  }
  return report;
}

run_found simulation::run_one(std::uint64_t seed) const {
  return simulate_once(whole(), wanted(seed, faults_, true));
}

found_failure simulation::look_into(const topology_builder& build,
                                    const sim::failure_group& group) const {
  found_failure found{.message = group.message,
                      .seeds = group.seeds,
                      .first = group.first,
                      .faults = faults_};
  const auto print = sim::failure_fingerprint(group.message);
  const auto same = [&](const sim::fault_script& script) {
    if (until_ && until_()) return false;
    const auto run = simulate_once(build, wanted(group.first, {.script = script}, false));
    return sim::failure_fingerprint(run.summary.failure) == print;
  };
  auto all = simulate_once(build, wanted(group.first, faults_, true));
  if (shrink_runs_ > 0 && same(all.struck)) {
    auto fewest = sim::shrink(std::move(all.struck), same, shrink_runs_);
    found.faults = {.script = std::move(fewest.script)};
    found.minimal = fewest.minimal;
    found.runs = fewest.runs;
    all = simulate_once(build, wanted(group.first, found.faults, true));
  }
  found.transcript = all.lines.text();
  found.trace = all.picture.json();
  return found;
}

}  // namespace weir::testkit
