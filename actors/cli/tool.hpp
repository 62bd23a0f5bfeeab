// SPDX-License-Identifier: BSD-3-Clause
// Words beside list, describe and run: they work on a data directory, need no topology, and know no
// types but those of the program. `replay` and `dead-letters discard` write; the others only read,
// also beside a node that is running. Dead letters of one that runs are its own to show and to work
// with: it is asked over its control socket.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "weir/actors/cli/interrupt.hpp"
#include "weir/actors/cli/settings.hpp"
#include "weir/runtime/core/result.hpp"

namespace weir::cli {

struct tool {
  std::string name;
  std::string summary;
  /// What stands before the options, by the names help gives it: `TOPIC`. All of it must be given,
  /// and is among the values under these names.
  std::vector<std::string> takes;
  std::vector<option> options;
  /// Options that must be given.
  std::vector<std::string> needs;
  /// Writes to `out`. errc::invalid_argument is wrong use, exit code 2; another error 1.
  result<void> (*use)(const settings& chosen, std::ostream& out, const interrupt& stop);
};

/// All there are.
std::span<const tool> tools();

// One file each, except that `inspect` is beside `topics`.
tool topics_tool();
tool inspect_tool();
tool tail_tool();
tool verify_tool();
tool checkpoint_tool();
tool replay_tool();
tool dead_letters_tool();
tool status_tool();

}  // namespace weir::cli
