// SPDX-License-Identifier: BSD-3-Clause
// One run of a topology under one seed and its faults, checked: what `simulation` does many times.
// The node lives on the calling thread, its store in memory. If the store crashes, or a commit
// fails, what the run says of itself is no matter: the node begins again, on what the store has.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "weir/actors/node/node.hpp"
#include "weir/runtime/sim/campaign.hpp"
#include "weir/runtime/sim/effects_checker.hpp"
#include "weir/runtime/sim/fault_list.hpp"
#include "weir/runtime/sim/trace.hpp"
#include "weir/runtime/sim/transcript.hpp"

namespace weir::testkit {

/// What must hold when a run has ended, and the node has not.
struct invariant {
  std::string name{};
  std::function<result<void>(weir::node&)> holds{};
};

/// A topology declared on a node that has not been started, and what drives it.
struct declared_topology {
  /// Publishes and drains; the node is running.
  std::function<result<void>()> drive{};
  std::vector<invariant> invariants{};
  /// Declared last, hence destroyed first: handlers may use what `drive` captured.
  std::unique_ptr<weir::node> node{};
};
/// Declares anew, for each life of a node: on one made of these options. Several threads call it.
using topology_builder =
    std::function<result<declared_topology>(const node_options& options, sim::outside_effects&)>;

struct run_wanted {
  std::uint64_t seed = 1;
  sim::fault_list faults{};
  /// Where the node's options start from.
  node_options node{};
  /// So much is kept of the transcript's text and of the trace.
  std::size_t kept_max = 0;
  /// A run with more calls of handlers does not come to rest, and has failed: what is left is
  /// refused.
  std::uint64_t calls_max = 10'000'000;
};

struct run_found {
  sim::seed_result summary{};
  sim::transcript lines;
  sim::trace picture;
  /// What struck, as a script that brings the same run about.
  std::vector<sim::scripted_fault> struck{};
};

/// A node begins so often in one run, at most; the last life is spared what ends it.
inline constexpr unsigned lives_max = 10;

/// The same seed and faults give the same run. Checked: the run's own word, the order of each key,
/// ledgers, effects of transactional subscriptions and those outside, invariants.
run_found simulate_once(const topology_builder& build, const run_wanted& wanted);

}  // namespace weir::testkit
