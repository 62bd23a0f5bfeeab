// SPDX-License-Identifier: BSD-3-Clause
// Topics whose events can come back to them: a subscription publishes to a topic from which, over
// other subscriptions, it is fed again. Such a cycle amplifies if some handler publishes more than
// it takes, and then no bound of a ring helps: its publishers wait for each other. It may be meant
// (a retry, a simulation), so it is reported and not refused.
#pragma once

#include <string>
#include <vector>

#include "weir/runtime/topology/description.hpp"

namespace weir::topology {

/// One shortest cycle of each group of topics that reach each other, as
/// `orders -> [billing] -> invoices -> [audit] -> orders`, in the order of the topics. Counts on
/// publishes_to being told; mistakes that check() reports are passed over.
std::vector<std::string> cycles_of(const description& topology);

}  // namespace weir::topology
