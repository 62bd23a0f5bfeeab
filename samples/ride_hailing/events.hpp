// SPDX-License-Identifier: BSD-3-Clause
// What happens in the city, as events. Everything about one ride has the ride's number as its key,
// so whatever happens to a ride happens in sequence; the same for drivers and their positions.
#pragma once

#include <cstdint>
#include <string>

#include "weir/runtime/event/describe.hpp"

namespace ride_hailing {

/// Where a driver is, in metres. Worth something only while it is fresh.
struct position_sent {
  std::int64_t driver = 0;
  std::int64_t x = 0;
  std::int64_t y = 0;
};
WEIR_EVENT(position_sent, "position.sent", 1, (driver, x, y))

struct quote_wanted {
  std::int64_t ride = 0;
  std::int64_t metres = 0;
};
WEIR_EVENT(quote_wanted, "quote.wanted", 1, (ride, metres))

struct quote_given {
  std::int64_t ride = 0;
  std::int64_t cents = 0;
};
WEIR_EVENT(quote_given, "quote.given", 1, (ride, cents))

struct ride_requested {
  std::int64_t ride = 0;
  std::int64_t cents = 0;
};
WEIR_EVENT(ride_requested, "ride.requested", 1, (ride, cents))

/// To a driver: the `round`th that is asked for this ride.
struct ride_offered {
  std::int64_t ride = 0;
  std::int64_t driver = 0;
  std::int64_t round = 0;
};
WEIR_EVENT(ride_offered, "ride.offered", 1, (ride, driver, round))

struct offer_accepted {
  std::int64_t ride = 0;
  std::int64_t driver = 0;
  std::int64_t round = 0;
};
WEIR_EVENT(offer_accepted, "offer.accepted", 1, (ride, driver, round))

/// Scheduled with the offer, cancelled by its answer.
struct offer_timed_out {
  std::int64_t ride = 0;
  std::int64_t round = 0;
};
WEIR_EVENT(offer_timed_out, "offer.timed_out", 1, (ride, round))

struct trip_ended {
  std::int64_t ride = 0;
};
WEIR_EVENT(trip_ended, "trip.ended", 1, (ride))

struct ride_completed {
  std::int64_t ride = 0;
  std::int64_t driver = 0;
};
WEIR_EVENT(ride_completed, "ride.completed", 1, (ride, driver))

struct ride_cancelled {
  std::int64_t ride = 0;
};
WEIR_EVENT(ride_cancelled, "ride.cancelled", 1, (ride))

/// Nobody took it.
struct ride_expired {
  std::int64_t ride = 0;
  std::int64_t rounds = 0;
};
WEIR_EVENT(ride_expired, "ride.expired", 1, (ride, rounds))

}  // namespace ride_hailing
