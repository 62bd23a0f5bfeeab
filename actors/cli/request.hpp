// SPDX-License-Identifier: BSD-3-Clause
// What a command line asks for, before anything is done about it. CLI11 lives behind this header.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "weir/actors/cli/cli.hpp"
#include "weir/actors/cli/tool.hpp"

namespace weir::cli {

enum class action : std::uint8_t { help, list, describe, run, simulate, tool };

struct request {
  action what = action::help;
  /// What describe, run and simulate are about. Points into the topologies that were given.
  const topology* target = nullptr;
  /// What tool is to be used.
  const tool* used = nullptr;
  settings chosen{};
  /// For help: the text.
  std::string help{};
};

/// Reads the arguments (without the program's name, which `program` is). errc::invalid_argument:
/// one line that names what is wrong and lists what there is.
result<request> read_request(const std::string& program, std::vector<std::string> arguments,
                             std::span<const topology> topologies);

}  // namespace weir::cli
