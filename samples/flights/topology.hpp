// SPDX-License-Identifier: BSD-3-Clause
// The topology of the flights sample: records in, four consumers out. Returned as a value that owns
// what the consumers count; read the counts only when the node is drained.
#pragma once

#include <memory>
#include <unordered_map>

#include "weir/actors/node/node.hpp"
#include "weir/samples/flights/airports.hpp"
#include "weir/samples/flights/disruption.hpp"
#include "weir/samples/flights/events.hpp"
#include "weir/samples/flights/statistics.hpp"

namespace flights {

/// What a departure may be late (or early) by; beyond it the record is wrong.
inline constexpr std::int32_t delay_least_minutes = -120;
inline constexpr std::int32_t delay_most_minutes = 1440;

/// What the consumers found out. Each part belongs to one subscription while the node runs.
struct findings {
  airport_statistics airports;
  day_statistics days;
  std::unordered_map<iata, disruption_detector> detectors;
  std::uint64_t enriched = 0;
  std::uint64_t disrupted = 0;
  std::uint64_t recovered = 0;
};

struct topology {
  weir::topic_handle departures;
  weir::topic_handle malformed;
  std::shared_ptr<findings> found;
};

/// Declares everything on `node`.
topology declare(weir::node& node, std::shared_ptr<const airport_table> airports,
                 std::uint32_t partitions);

}  // namespace flights
