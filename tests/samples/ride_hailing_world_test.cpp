// SPDX-License-Identifier: BSD-3-Clause
// The people of the city: the same for one seed, whoever asks in which order, and as frequent as
// they are said to be.
#include "weir/samples/ride_hailing/world.hpp"

#include <catch2/catch.hpp>

using namespace ride_hailing;

namespace {

bool same(const wish& one, const wish& other) {
  return one.from == other.from && one.to == other.to && one.declines == other.declines &&
         one.cancels == other.cancels && one.remote == other.remote;
}

}  // namespace

TEST_CASE("what people do follows from the seed, not from who asked before", "[ride_hailing]") {
  const world forwards{7, 10}, backwards{7, 10};
  std::vector<wish> wishes;
  for (std::int64_t ride = 1; ride <= 50; ++ride) wishes.push_back(forwards.wish_of(ride));
  for (std::int64_t ride = 50; ride >= 1; --ride) {
    CHECK(same(backwards.wish_of(ride), wishes[static_cast<std::size_t>(ride - 1)]));
    CHECK(backwards.reaction_to(ride, 2) == forwards.reaction_to(ride, 2));
    CHECK(backwards.position_of(ride, 9) == forwards.position_of(ride, 9));
  }
  CHECK_FALSE(same(world(8, 10).wish_of(1), wishes[0]));
}

TEST_CASE("each kind of trouble comes about as often as it should", "[ride_hailing]") {
  const world people{1, 10};
  int declines = 0, unroutable = 0, cancels = 0, remote = 0, ignored = 0, late = 0;
  constexpr int rides = 20'000;
  for (std::int64_t ride = 1; ride <= rides; ++ride) {
    const auto wanted = people.wish_of(ride);
    declines += wanted.declines;
    unroutable += !in_city(wanted.to);
    cancels += wanted.cancels;
    remote += wanted.remote;
    if (wanted.remote) {
      CHECK(people.reaction_to(ride, 1) == reaction::ignores);
      continue;
    }
    ignored += people.reaction_to(ride, 1) == reaction::ignores;
    late += people.reaction_to(ride, 1) == reaction::answers_too_late;
  }
  CHECK(declines == Approx(0.10 * rides).epsilon(0.1));
  CHECK(unroutable == Approx(0.01 * rides).epsilon(0.2));
  CHECK(cancels == Approx(0.05 * rides).epsilon(0.1));
  CHECK(remote == Approx(0.03 * rides).epsilon(0.15));
  CHECK(ignored == Approx(0.97 * 0.15 * rides).epsilon(0.1));
  CHECK(late == Approx(0.97 * 0.85 * 0.05 * rides).epsilon(0.15));
}

TEST_CASE("drivers stay in the city and move a little at a time", "[ride_hailing]") {
  const world people{3, 20};
  REQUIRE(people.homes().size() == 20);
  for (std::int64_t driver = 0; driver < 20; ++driver) {
    CHECK(people.homes()[static_cast<std::size_t>(driver)] == people.position_of(driver, 0));
    for (std::int64_t step = 0; step < 2000; ++step) {
      const auto here = people.position_of(driver, step);
      REQUIRE(in_city(here));
      REQUIRE(metres_between(here, people.position_of(driver, step + 1)) <= 41);
    }
  }
}

TEST_CASE("distances are as the streets go, and the fare grows with them", "[ride_hailing]") {
  CHECK(metres_between({0, 0}, {300, 400}) == 700);
  CHECK(metres_between({300, 400}, {0, 0}) == 700);
  CHECK(fare_cents(0) == 350);
  CHECK(fare_cents(1000) == 530);
  CHECK(in_city({0, city_metres - 1}));
  CHECK_FALSE(in_city({0, city_metres}));
  CHECK_FALSE(in_city({-1, 0}));
}
