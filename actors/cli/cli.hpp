// SPDX-License-Identifier: BSD-3-Clause
// START HERE. The command line of a program that embeds Weir: it hands over argc, argv and its
// topologies and gets `list`, `describe` and `run`.
//
// Example:
//   int main(int argc, char** argv) {
//     return weir::cli::main(argc, argv, {{.name = "orders", .summary = "orders and payments",
//         .options = {{"orders", "how many", weir::cli::number{.standard = 1000}}},
//         .build = build_orders}});
//   }
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "weir/actors/cli/interrupt.hpp"
#include "weir/actors/cli/settings.hpp"
#include "weir/actors/node/node.hpp"
#include "weir/actors/testkit/simulated_run.hpp"

namespace weir::cli {

/// A topology declared on a node, and what a run of it does.
struct program {
  /// Publishes, drains and writes the report to `out`; the node is running. Looks at `stop` between
  /// two steps and, once it is requested, publishes nothing more but still drains and reports.
  /// An error is printed as one line, exit code 1.
  std::function<result<void>(std::ostream& out, const interrupt& stop)> run{};
  /// Declared after `run`, hence destroyed before it: what run captured outlives the handlers.
  std::unique_ptr<weir::node> node{};
  /// For `simulate`: what else must hold when a run has ended without an error.
  std::vector<testkit::invariant> invariants{};
};

/// One topology a program can describe and run.
struct topology {
  std::string name{};
  /// One line for `list`.
  std::string summary{};
  /// Beside the common ones: threads, partitions, seed, memory-budget, log-level, report.
  std::vector<option> options{};
  /// Where the common options start from; those given replace its fields.
  node_options node{};
  /// For `simulate`: what must hold when a run has ended without an error, as far as the node can
  /// be asked; what needs more is the program's to declare.
  std::vector<testkit::invariant> invariants{};
  /// Declares everything and starts nothing, for `describe` as for `run`; for `simulate` it is
  /// called by several threads at once. errc::invalid_argument
  /// means that the options do not fit together: exit code 2; other errors: 1.
  std::function<result<program>(const settings& chosen)> build{};
};

/// The whole program. `list`; `describe [TOPOLOGY] [options]`; `run [TOPOLOGY] [options]`;
/// `simulate [TOPOLOGY] [options]`, see simulate.hpp; with one topology its name and the word `run`
/// may be left out, with several the word. And the tools for data directories, see tool.hpp: they
/// know the event types of the program.
///
/// Returns the exit code: 0; 1 for a failure; 2 for wrong use; 128 + signal (Ctrl-C: 130) for a run
/// that was interrupted and reported. Every mistake is one line on stderr that names it, except
/// that an invalid topology has one line per reason. Call it once, from the main thread.
int main(int argc, char** argv, std::vector<topology> topologies);

}  // namespace weir::cli
