// SPDX-License-Identifier: BSD-3-Clause
// What answers and timeouts mean, in every order in which they can come.
#include "weir/samples/ride_hailing/desk.hpp"

#include <catch2/catch.hpp>

using namespace ride_hailing;

TEST_CASE("the first answer of the round takes the ride, and its timeout means nothing then",
          "[ride_hailing]") {
  desk slips;
  REQUIRE(slips.begin_round(7) == 1);
  slips.ask(7, 3);
  CHECK(slips.accept(7, 1));
  CHECK_FALSE(slips.accept(7, 1));
  CHECK(slips.time_out(7, 1) == next_step::ignore);
  CHECK(slips.driver_of(7) == 3);
  CHECK(slips.open() == 1);
  CHECK(slips.close(7));
  CHECK_FALSE(slips.close(7));
  CHECK(slips.open() == 0);
}

TEST_CASE("an answer after its timeout is too late, the next driver's is not", "[ride_hailing]") {
  desk slips;
  slips.begin_round(7);
  slips.ask(7, 3);
  CHECK(slips.time_out(7, 1) == next_step::ask_another);
  CHECK(slips.begin_round(7) == 2);
  CHECK(slips.driver_of(7) == nobody);
  slips.ask(7, 4);
  CHECK_FALSE(slips.accept(7, 1));
  CHECK(slips.time_out(7, 1) == next_step::ignore);
  CHECK(slips.accept(7, 2));
  CHECK(slips.driver_of(7) == 4);
}

TEST_CASE("after the last round nobody else is asked", "[ride_hailing]") {
  desk slips;
  for (std::int64_t round = 1; round < rounds_max; ++round) {
    CHECK(slips.begin_round(7) == round);
    CHECK(slips.time_out(7, round) == next_step::ask_another);
  }
  slips.begin_round(7);
  CHECK(slips.time_out(7, rounds_max) == next_step::give_up);
}

TEST_CASE("a slip remembers who was asked, and a round may pass without anybody",
          "[ride_hailing]") {
  desk slips;
  CHECK(slips.asked(7).empty());
  for (const std::int64_t driver : {std::int64_t{3}, nobody, std::int64_t{5}}) {
    slips.begin_round(7);
    slips.ask(7, driver);
  }
  CHECK(slips.asked(7) == std::vector<std::int64_t>{3, 5});
  CHECK(slips.asked(8).empty());
}

TEST_CASE("what comes for a ride that has ended means nothing", "[ride_hailing]") {
  desk slips;
  CHECK_FALSE(slips.accept(7, 1));
  CHECK(slips.time_out(7, 1) == next_step::ignore);
  CHECK(slips.driver_of(7) == nobody);
  CHECK(slips.open() == 0);
}
