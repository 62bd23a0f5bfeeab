// SPDX-License-Identifier: BSD-3-Clause
// `simulate`: a topology's whole run under many seeds, in virtual time and with faults drawn from
// the seed: handlers that fail, throw, refuse events or end their subscriber, and nodes that crash
// and begin again on what their store has. A seed fails if the (last) run says so, if a ledger does
// not balance, or if something is left; it is then tried again with fewer kinds of faults.
//
// The same seed gives the same run, on any machine: its digest says so. A topology whose run waits
// for real time, or does things on threads of its own, is none to be simulated. The store is one in
// memory, of each seed's own: whatever directory the topology asks for, none is touched.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "weir/actors/cli/cli.hpp"
#include "weir/runtime/sim/fault_plan.hpp"
#include "weir/runtime/sim/transcript.hpp"

namespace weir::cli {

/// What the command takes beside the options of the topology: seeds, faults, transcript.
std::vector<option> simulate_options();

/// What became of one seed.
struct seed_outcome {
  /// Why it failed; empty if it did not.
  std::string failure;
  /// Every call of a handler, in order.
  sim::transcript calls;
};
/// Runs the topology once in a simulated node under this plan, whose seed is the node's too. Keeps
/// the text of the first `lines_kept_max` calls. Nothing is written anywhere but by the topology.
seed_outcome simulate_seed(const topology& target, const settings& chosen,
                           const sim::fault_plan& plan, std::size_t lines_kept_max = 0);

/// The plan of `--faults`: `none`, or names and shares (of calls; event-rejected of events,
/// node-crashes of seeds) as `handler-throws=0.05,subscriber-dies=0.01`. errc::invalid_argument
/// names what is wrong.
result<sim::fault_plan> plan_of(const std::string& text, std::uint64_t seed);

/// Runs all seeds, on as many threads as there are cores, and writes what came of them.
/// errc::invalid_argument: wrong use. errc::cancelled once `stop` is requested. Another error: some
/// seed failed, and the report says which.
result<void> simulate(const std::string& program, const topology& target, const settings& chosen,
                      std::ostream& out, const interrupt& stop);

}  // namespace weir::cli
