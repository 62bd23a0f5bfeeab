// SPDX-License-Identifier: BSD-3-Clause
// The topology of the flights sample: records in, four consumers out. Returned as a value that owns
// what the consumers count, in memory or in their states; read it only when the node is drained.
#pragma once

#include <memory>

#include "weir/actors/node/node.hpp"
#include "weir/samples/flights/airports.hpp"
#include "weir/samples/flights/disruption.hpp"
#include "weir/samples/flights/events.hpp"
#include "weir/samples/flights/statistics.hpp"
#include "weir/samples/flights/tally.hpp"

namespace flights {

/// What a departure may be late (or early) by; beyond it the record is wrong.
inline constexpr std::int32_t delay_least_minutes = -120;
inline constexpr std::int32_t delay_most_minutes = 1440;

/// What each of the consumers counts: by airport, by day since 1970, by the change.
struct tallies {
  explicit tallies(bool kept)
      : delays{"airport-statistics", kept},
        departures{"departures-per-day", kept},
        detectors{"disruption-detector", kept},
        changes{"notifier", kept} {}
  tally<std::uint32_t, delay_summary> delays;
  tally<std::int64_t, std::uint64_t> departures;
  tally<std::uint32_t, disruption_detector> detectors;
  tally<std::uint32_t, std::uint64_t> changes;
};

/// What the consumers found out.
struct findings {
  airport_statistics airports;
  day_statistics days;
  std::uint64_t enriched = 0;
  std::uint64_t disrupted = 0;
  std::uint64_t recovered = 0;
};

struct topology {
  weir::topic_handle departures;
  weir::topic_handle malformed;
  std::shared_ptr<tallies> counted;
};

/// Declares everything on `node`. `kept`: topics are durable, and whatever consumers do is done
/// once, across runs.
topology declare(weir::node& node, std::shared_ptr<const airport_table> airports,
                 std::uint32_t partitions, bool kept);

/// What has been counted. Errors of node::scan_state.
weir::result<findings> collect(weir::node& node, const tallies& counted);

}  // namespace flights
