// SPDX-License-Identifier: BSD-3-Clause
// Dead letters for people, and as CloudEvents for other programs.
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
/// The event as a CloudEvent, and what became of it as extensions whose names begin with
/// `deadletter`. No line end.
std::string cloud_event_of(const delivery::found_letter& one);
/// One JSON object. No line end.
std::string json_of(const delivery::letter_group& group);

}  // namespace weir::cli
