// SPDX-License-Identifier: BSD-3-Clause
// Dead letters as events again: of a topic that the program handles them from, in a store that no
// node has open.
#pragma once

#include <cstddef>
#include <string>

#include "weir/runtime/delivery/letter_filter.hpp"

namespace weir::delivery {

struct redrive_request {
  /// Which letters, of those that are dead.
  letter_filter which{};
  /// The topic that gets their events.
  std::string into;
  /// At most so many, the oldest first: a canary.
  std::size_t limit = ~std::size_t{0};
  /// Only says what would be done.
  bool dry_run = false;
};

struct redrive_report {
  std::size_t redriven = 0;
  /// Not redriven, because their payload is no JSON: what was stored could not be decoded.
  std::size_t undecoded = 0;
};

/// Appends the events to the log of `into`, with their ids, keys, times, lineage and partition, in
/// the order in which they died, and marks their letters as redriven: one commit, so each is
/// redriven once. Errors of store::scan and store::commit.
result<redrive_report> redrive(store::store& where, const redrive_request& request);

}  // namespace weir::delivery
