// SPDX-License-Identifier: BSD-3-Clause
// `simulate`: a topology's whole run under many seeds, in virtual time and with faults drawn from
// the seed or written down; see actors/testkit/simulation.hpp, which does it. What fails is told
// with its seed, the fewest faults it takes, and a command that brings it about again.
//
// The same seed gives the same run, on any machine: its digest says so. A topology whose run waits
// for real time (instead of node::sleep), or does things on threads of its own, is none to be
// simulated. The store is one in memory, of each seed's own: whatever directory the topology asks
// for, none is touched.
#pragma once

#include <iosfwd>
#include <string>

#include "weir/actors/cli/cli.hpp"
#include "weir/actors/testkit/simulation.hpp"

namespace weir::cli {

/// What the command takes beside the options of the topology.
std::vector<option> simulate_options();

/// The faults of `--faults`: what read_faults reads, or the name of a file of it (see
/// runtime/sim/FORMAT.md). errc::invalid_argument names what is wrong, in a file with its line.
result<sim::fault_list> faults_of(const std::string& text);

/// The topology under these options, to be simulated; both must outlive it.
testkit::simulation simulation_of(const topology& target, const settings& chosen);

/// Runs all seeds, on as many threads as there are cores, and writes what came of them to `out`; on
/// a terminal, how far it has come to standard error. Where `--failures` names a directory, plan,
/// transcript and trace of each kind of failure are written there. errc::invalid_argument: wrong
/// use. errc::cancelled once `stop` is requested. errc::io_failed: a file cannot be written.
/// errc::seeds_failed: the report says which.
result<void> simulate(const std::string& program, const topology& target, const settings& chosen,
                      std::ostream& out, const interrupt& stop);

}  // namespace weir::cli
