// SPDX-License-Identifier: BSD-3-Clause
// Dead letters for people; runtime/delivery/letter_event.hpp has them for other programs.
#pragma once

#include <string>
#include <vector>

#include "weir/runtime/delivery/letter_filter.hpp"

namespace weir::cli {

/// One row for each.
std::string letter_table(const std::vector<delivery::found_letter>& letters);
/// One row for each.
std::string group_table(const std::vector<delivery::letter_group>& groups);
/// All that a letter holds, over many lines.
std::string letter_story(const delivery::found_letter& one);

}  // namespace weir::cli
