// SPDX-License-Identifier: BSD-3-Clause
// The city's day: drivers send where they are, riders ask for quotes and request rides.
#pragma once

#include <functional>

#include "weir/samples/ride_hailing/topology.hpp"

namespace ride_hailing {

/// Positions sent while one rider makes up his mind; and, three times a day, by every driver at
/// once, as phones do that come out of a tunnel.
inline constexpr std::int64_t positions_per_ride = 12;
inline constexpr std::int64_t positions_per_tunnel = 40;

struct day {
  std::int64_t rides = 0;
  std::function<bool()> over;
  /// Between two riders.
  std::function<void()> pause;
};

struct traffic {
  std::uint64_t positions = 0;
  std::uint64_t quotes = 0;
  std::uint64_t quotes_answered = 0;
  std::uint64_t declined = 0;
};

/// Lets the day pass, up to the first error, which is in the second.
std::pair<traffic, weir::result<void>> pass(const day& today, weir::node& node,
                                            const entrances& into, city& town);

/// Drains until every ride has ended, at most `patience` of the node's time.
weir::drain_report finish(weir::node& node, const city& town, weir::duration patience);

}  // namespace ride_hailing
