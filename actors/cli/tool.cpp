// SPDX-License-Identifier: BSD-3-Clause
// The list.
#include "weir/actors/cli/tool.hpp"

namespace weir::cli {

std::span<const tool> tools() {
  static const std::vector<tool> all{topics_tool(), tail_tool(), inspect_tool(), verify_tool(),
                                     checkpoint_tool(), replay_tool(),
                                     dead_letters_tool(), status_tool()};
  return all;
}

}  // namespace weir::cli
