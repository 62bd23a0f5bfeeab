// SPDX-License-Identifier: BSD-3-Clause
// Chances, each drawn from a generator of its own.
#include "weir/samples/ride_hailing/world.hpp"

#include <cstdlib>

namespace ride_hailing {
namespace {

enum about { rider, answer, haste_of, home, way };

point anywhere(weir::random& chance) {
  const auto across = static_cast<std::uint64_t>(city_metres);
  const auto x = static_cast<std::int64_t>(chance.below(across));
  return {x, static_cast<std::int64_t>(chance.below(across))};
}

/// Back and forth between 0 and the city's edge.
std::int64_t fold(std::int64_t metres) {
  const auto there_and_back = 2 * city_metres;
  const auto on = ((metres % there_and_back) + there_and_back) % there_and_back;
  return on < city_metres ? on : there_and_back - on - 1;
}

}  // namespace

std::int64_t metres_between(point from, point to) noexcept {
  return std::abs(from.x - to.x) + std::abs(from.y - to.y);
}

bool in_city(point where) noexcept {
  return where.x >= 0 && where.x < city_metres && where.y >= 0 && where.y < city_metres;
}

std::int64_t fare_cents(std::int64_t metres) noexcept { return 350 + metres * 18 / 100; }

weir::random world::chance_of(int about, std::int64_t which, std::int64_t more) const {
  return chance_.split(static_cast<std::uint64_t>(about))
      .split(static_cast<std::uint64_t>(which))
      .split(static_cast<std::uint64_t>(more));
}

wish world::wish_of(std::int64_t ride) const {
  auto chance = chance_of(rider, ride);
  wish made;
  made.from = anywhere(chance);
  made.to = anywhere(chance);
  made.declines = chance.chance(0.10);
  if (chance.chance(0.01)) made.to = {-1, -1};
  made.cancels = chance.chance(0.05);
  made.remote = chance.chance(0.03);
  return made;
}

reaction world::reaction_to(std::int64_t ride, std::int64_t round) const {
  if (wish_of(ride).remote) return reaction::ignores;
  auto chance = chance_of(answer, ride, round);
  if (chance.chance(0.15)) return reaction::ignores;
  return chance.chance(0.05) ? reaction::answers_too_late : reaction::accepts;
}

double world::haste(std::int64_t ride, std::int64_t round) const {
  return chance_of(haste_of, ride, round).fraction();
}

point world::position_of(std::int64_t driver, std::int64_t step) const {
  auto start = chance_of(home, driver);
  const auto from = anywhere(start);
  // Some metres a step, in a direction of the driver's own.
  auto direction = chance_of(way, driver);
  const auto east = static_cast<std::int64_t>(direction.below(41)) - 20;
  const auto north = static_cast<std::int64_t>(direction.below(41)) - 20;
  return {fold(from.x + step * east), fold(from.y + step * north)};
}

std::vector<point> world::homes() const {
  std::vector<point> all;
  for (std::int64_t driver = 0; driver < drivers_; ++driver) all.push_back(position_of(driver, 0));
  return all;
}

}  // namespace ride_hailing
