// SPDX-License-Identifier: BSD-3-Clause
// How records get into the node: a batch at a time; or, where the node keeps its data, each under
// the number of its record, so that a run that reads again what an earlier one has read publishes
// nothing twice.
#pragma once

#include <span>
#include <vector>

#include "weir/actors/node/node.hpp"
#include "weir/samples/flights/topology.hpp"

namespace flights {

/// One thread at a time. Errors of its calls are those of publishing.
class way_in {
 public:
  virtual ~way_in() = default;
  static weir::result<std::unique_ptr<way_in>> open(weir::node& node, const topology& topics,
                                                    bool kept);

  virtual weir::result<void> departed(flight_departed flight) = 0;
  virtual weir::result<void> malformed(record_malformed record) = 0;
  /// What departed() has not published yet.
  virtual weir::result<void> flush() { return {}; }
};

}  // namespace flights
