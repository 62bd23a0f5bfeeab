// SPDX-License-Identifier: BSD-3-Clause
// A topology as text a person reads: what `describe` shows.
#pragma once

#include <string>

#include "weir/runtime/topology/bound.hpp"

namespace weir::topology {

/// Topics, subscriptions, the flow as arrows, and the table of the memory bound with its total and
/// the budget. Plain ASCII, no colours, lines end in '\n'. Works for descriptions with mistakes
/// too.
std::string render(const description& topology, const memory_bound& bound);

}  // namespace weir::topology
