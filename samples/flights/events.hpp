// SPDX-License-Identifier: BSD-3-Clause
// The events of the flights sample. All are made of numbers and short inline strings: three million
// of them pass through the node without an allocation each.
#pragma once

#include "weir/runtime/core/inline_string.hpp"
#include "weir/runtime/event/describe.hpp"
#include "weir/samples/flights/departure.hpp"

namespace flights {

/// A departure as it was read.
struct flight_departed {
  std::uint64_t record = 0;
  weir::timestamp at{};
  std::int32_t delay_minutes = 0;
  std::int32_t distance_miles = 0;
  iata origin;
  iata destination;
};
WEIR_EVENT(flight_departed, "flight.departed", 1,
           (record, at, delay_minutes, distance_miles, origin, destination))

/// A record that is not a departure. Nobody can handle it: it becomes a dead letter.
struct record_malformed {
  std::uint64_t record = 0;
  std::string field;
  std::string reason;
  std::string raw;
};
WEIR_EVENT(record_malformed, "record.malformed", 1, (record, field, reason, raw))

/// What the airport service knows of one end of a flight. The longest city has 33 bytes.
struct place {
  weir::inline_string<40> city;
  weir::inline_string<2> state;
  double latitude = 0;
  double longitude = 0;
};
WEIR_FIELDS(place, (city, state, latitude, longitude))

struct flight_enriched {
  weir::timestamp at{};
  weir::timestamp processed_at{};
  std::int32_t delay_minutes = 0;
  std::int32_t distance_miles = 0;
  iata origin;
  iata destination;
  place from;
  place to;
};
WEIR_EVENT(flight_enriched, "flight.enriched", 1,
           (at, processed_at, delay_minutes, distance_miles, origin, destination, from, to))

struct airport_disrupted {
  iata airport;
  double mean_delay_minutes = 0;
};
WEIR_EVENT(airport_disrupted, "airport.disrupted", 1, (airport, mean_delay_minutes))

struct airport_recovered {
  iata airport;
  double mean_delay_minutes = 0;
};
WEIR_EVENT(airport_recovered, "airport.recovered", 1, (airport, mean_delay_minutes))

}  // namespace flights
