// SPDX-License-Identifier: BSD-3-Clause
// What is wrong with a topology, all of it at once. Invariant: a description without mistakes can
// be started, and its memory stays under its budget.
#pragma once

#include <vector>

#include "weir/runtime/core/error.hpp"
#include "weir/runtime/topology/description.hpp"

namespace weir::topology {

/// Every mistake, in the order of the description; empty if there is none. Each message names the
/// part it is about. Codes: invalid_name, already_exists (a name or handler twice), unknown_topic
/// (an undeclared topic, a pattern that matches none), no_handler (an event type of a topic that a
/// subscription to it does not take), missing_key (order asked for, no key), invalid_argument (a
/// number outside limits.hpp), out_of_memory_budget (the bound exceeds the budget).
std::vector<error> check(const description& topology);

}  // namespace weir::topology
