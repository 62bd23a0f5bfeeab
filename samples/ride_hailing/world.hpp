// SPDX-License-Identifier: BSD-3-Clause
// The people of the city: who wants to go where, who answers an offer and who does not, where
// drivers are. Invariant: each answer is a function of the seed and what is asked, so threads and
// timing have no say in it.
#pragma once

#include <cstdint>
#include <vector>

#include "weir/runtime/core/random.hpp"

namespace ride_hailing {

/// Metres from the south-west corner.
struct point {
  std::int64_t x = 0;
  std::int64_t y = 0;
  bool operator==(const point&) const = default;
};
inline constexpr std::int64_t city_metres = 10'000;

/// As the streets go: along x, then along y.
std::int64_t metres_between(point from, point to) noexcept;
bool in_city(point where) noexcept;
/// What a ride costs.
std::int64_t fare_cents(std::int64_t metres) noexcept;

/// What a rider wants and is going to do.
struct wish {
  point from;
  /// Outside of the city, where no road leads, for one in a hundred.
  point to;
  /// Finds the quote too high and takes the tram.
  bool declines = false;
  /// Cancels when a driver was found.
  bool cancels = false;
  /// Stands where no driver wants to go.
  bool remote = false;
};

enum class reaction { accepts, ignores, answers_too_late };

/// Any thread.
class world {
 public:
  world(std::uint64_t seed, std::int64_t drivers) : chance_(seed), drivers_(drivers) {}

  std::int64_t drivers() const noexcept { return drivers_; }
  wish wish_of(std::int64_t ride) const;
  /// Of the `round`th driver who is asked for a ride, whoever that is.
  reaction reaction_to(std::int64_t ride, std::int64_t round) const;
  /// In [0, 1): how long the driver thinks, or the trip takes, of what is usual.
  double haste(std::int64_t ride, std::int64_t round) const;
  /// Where a driver is at the `step`th look.
  point position_of(std::int64_t driver, std::int64_t step) const;
  /// Where all of them begin.
  std::vector<point> homes() const;

 private:
  weir::random chance_of(int about, std::int64_t which, std::int64_t more = 0) const;

  weir::random chance_;
  std::int64_t drivers_;
};

}  // namespace ride_hailing
