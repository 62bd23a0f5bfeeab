// SPDX-License-Identifier: BSD-3-Clause
// START HERE for whole topologies: runs one under many seeds, each with faults of its own, and says
// what it found: which seeds fail and why, the fewest faults that takes, and who got what when. The
// same seed is the same run, on any machine.
//
// Example:
//   const auto found = weir::testkit::simulation{
//       [](weir::node& node, weir::sim::outside_effects& outside) {
//         auto orders = node.topic("orders");
//         orders.key<order>(&order::customer);
//         node.subscribe("billing", "orders", [&](const order& one) {
//           outside.happened("charge", one.id);  // twice is a failure
//         }).retry(3);
//         return orders;
//       },
//       [](weir::node& node, weir::topic_handle& orders) -> weir::result<void> {
//         for (int i = 0; i < 50; ++i) {
//           if (auto sent = orders.publish(order{...}); !sent) return sent;
//         }
//         return weir::testkit::settled(node);
//       }}
//       .seeds(1, 1000)
//       .invariant("nothing is dead", [](weir::node& node) { ... })
//       .run();
//   INFO(found.text());
//   CHECK(found.ok());
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/actors/testkit/simulated_run.hpp"

namespace weir::testkit {

/// Drains the node; errc::timeout with what is left.
result<void> settled(weir::node& node, duration deadline = std::chrono::hours{24});

/// Failures that differ in their numbers only.
struct found_failure {
  /// Of the first seed.
  std::string message{};
  std::uint64_t seeds = 0;
  std::uint64_t first = 0;
  /// What the first seed needs to fail like this; the plan of all seeds if it has more faults than
  /// are kept.
  sim::fault_list faults{};
  /// None of them can be left out.
  bool minimal = false;
  /// Runs that it took to find out.
  std::uint64_t runs = 0;
  /// Who got what when, with these faults: as text, and as JSON for chrome://tracing.
  std::string transcript{};
  std::string trace{};
};

struct simulation_report {
  sim::campaign seeds{};
  /// By fingerprint, at most 20 of them.
  std::vector<found_failure> failures{};

  bool ok() const noexcept { return seeds.failed() == 0; }
  /// Some lines: seeds that passed and failed, each failure with its first seed and faults.
  std::string text() const;
};

/// Checked in each run, at its end: what `drive` returns, the order of each key (also on the way),
/// ledgers, exactly-once effects of transactional subscriptions, effects outside, invariants. One
/// thread at a time.
class simulation {
 public:
  /// `declare(node)` or `declare(node, outside)` declares everything and starts nothing; what it
  /// returns, `drive(node, that)` gets by reference, or `drive(node)` does without. Called for each
  /// seed, and again when a node has crashed, on several threads if threads() says so.
  template <class Declare, class Drive>
  simulation(Declare declare, Drive drive) {
    build_ = [declare = std::move(declare), drive = std::move(drive)](
                 const node_options& options,
                 sim::outside_effects& outside) -> result<declared_topology> {
      declared_topology made;
      made.node = std::make_unique<weir::node>(options);
      auto call = [&] {
        if constexpr (std::is_invocable_v<const Declare&, weir::node&, sim::outside_effects&>) {
          return declare(*made.node, outside);
        } else {
          return declare(*made.node);
        }
      };
      using state = decltype(call());
      if constexpr (std::is_void_v<state>) {
        call();
        made.drive = [drive, node = made.node.get()] { return drive(*node); };
      } else {
        made.drive = [drive, node = made.node.get(),
                      kept = std::make_shared<state>(call())]() -> result<void> {
          if constexpr (std::is_invocable_v<const Drive&, weir::node&, state&>) {
            return drive(*node, *kept);
          } else {
            return drive(*node);
          }
        };
      }
      return made;
    };
  }
  explicit simulation(topology_builder build) : build_(std::move(build)) {}

  /// 1..100 unless chosen; `first` from 1.
  simulation& seeds(std::uint64_t first, std::uint64_t last);
  /// The standard shares unless chosen; see runtime/sim/fault_point.hpp and read_faults.
  simulation& faults(sim::fault_list wanted);
  /// What the node's options start from: its store, seed, clock and intensity are ours.
  simulation& options(node_options chosen);
  /// Must hold when a run has ended.
  simulation& invariant(std::string name, std::function<result<void>(weir::node&)> holds);
  /// 1 unless chosen; 0: one per core.
  simulation& threads(unsigned count);
  /// Runs that finding the fewest faults of a failure may take: 400 unless chosen; 0: no looking.
  simulation& shrink_runs(std::uint64_t most);
  /// Called after each seed, under a lock.
  simulation& watch(std::function<void(const sim::campaign&)> progress);
  /// Asked before each seed: true ends the campaign early.
  simulation& until(std::function<bool()> stop);

  simulation_report run();
  /// One seed, with its transcript and trace.
  run_found run_one(std::uint64_t seed) const;

 private:
  struct crew;
  /// What was given, with the invariants beside.
  topology_builder whole() const;
  run_wanted wanted(std::uint64_t seed, const sim::fault_list& faults, bool kept) const;
  found_failure look_into(const topology_builder& build, const sim::failure_group& group) const;

  topology_builder build_;
  sim::seed_range seeds_{};
  sim::fault_list faults_ = sim::standard_faults();
  node_options options_{};
  std::vector<testkit::invariant> invariants_{};
  unsigned threads_ = 1;
  std::uint64_t shrink_runs_ = 400;
  std::function<void(const sim::campaign&)> watch_{};
  std::function<bool()> until_{};
};

}  // namespace weir::testkit
