// SPDX-License-Identifier: BSD-3-Clause
// Whole days in virtual time: a seed is a day, to the last number, and every day adds up.
#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/codec/json_writer.hpp"
#include "weir/samples/ride_hailing/report.hpp"

using namespace ride_hailing;
using namespace std::chrono_literals;
using weir::testkit::test_node;

namespace {

struct choices {
  std::int64_t rides = 200;
  std::int64_t drivers = 40;
  weir::duration between = 2500us;
  pace times{};
};

summary day_of(std::uint64_t seed, const choices& chosen = {}) {
  test_node kit{seed};
  const auto town = std::make_shared<city>(seed, chosen.drivers, chosen.times);
  const auto into = declare(kit.node(), 4, town);
  const day today{.rides = chosen.rides, .over = [] { return false; },
                  .pause = [&] { kit.advance(chosen.between); }};
  const auto [seen, passed] = pass(today, kit.node(), into, *town);
  REQUIRE(passed);
  auto drained = finish(kit.node(), *town, 1min);
  const auto found = look(kit.node(), *town, seen, std::move(drained));
  INFO(text_report(found));
  CHECK(all_is_well(found));
  CHECK(kit.final_verdict() == "");
  CHECK(town->slips.open() == 0);
  return found.numbers;
}

}  // namespace

TEST_CASE("a seed is a day, and another seed another day", "[ride_hailing]") {
  const auto first = weir::codec::to_json(day_of(1));
  CHECK(weir::codec::to_json(day_of(1)) == first);
  CHECK(weir::codec::to_json(day_of(2)) != first);
}

TEST_CASE("a day has some of everything", "[ride_hailing]") {
  const auto numbers = day_of(1, {.rides = 600});
  CHECK(numbers.quotes == 600);
  CHECK(numbers.quotes_answered == 600);
  CHECK(numbers.requested == 600 - numbers.declined);
  for (const auto count :
       {numbers.declined, numbers.completed, numbers.cancelled, numbers.expired,
        numbers.dead_letters, numbers.too_late, numbers.timers_cancelled,
        numbers.positions_expired, numbers.positions_dropped}) {
    CHECK(count > 0);
  }
  // In virtual time no answer loses its race against the timer.
  CHECK(numbers.timers_cancelled == numbers.accepted);
  CHECK(numbers.accepted == numbers.completed + numbers.cancelled);
  CHECK(numbers.offers >= numbers.accepted + numbers.too_late);
}

TEST_CASE("rides that nobody is free for expire, and every one of them ends", "[ride_hailing]") {
  const auto numbers = day_of(3, {.drivers = 1, .between = 1ms});
  CHECK(numbers.nobody_free > 0);
  CHECK(numbers.expired > numbers.completed);
}

TEST_CASE("drivers who never have the time to answer get no ride", "[ride_hailing]") {
  choices chosen;
  chosen.times.patience = 0ms;
  const auto numbers = day_of(4, chosen);
  CHECK(numbers.expired + numbers.completed + numbers.cancelled + numbers.dead_letters ==
        numbers.requested);
  CHECK(numbers.timed_out > 0);
}

TEST_CASE("with one ride at a time the same rides end the same way, later", "[ride_hailing]") {
  choices one_by_one;
  one_by_one.times.at_once = 1;
  const auto slow = day_of(5, one_by_one), fast = day_of(5);
  CHECK(slow.requested == fast.requested);
  CHECK(slow.dead_letters == fast.dead_letters);
  CHECK(slow.completed + slow.cancelled + slow.expired ==
        fast.completed + fast.cancelled + fast.expired);
}
