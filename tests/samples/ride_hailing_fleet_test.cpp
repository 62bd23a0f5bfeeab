// SPDX-License-Identifier: BSD-3-Clause
// Who is near, who is free, and that nobody gets two rides.
#include "weir/samples/ride_hailing/fleet.hpp"

#include <catch2/catch.hpp>

using namespace ride_hailing;

namespace {

std::vector<std::int64_t> drivers(const std::vector<candidate>& found) {
  std::vector<std::int64_t> all;
  for (const auto& one : found) all.push_back(one.driver);
  return all;
}
using list = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("the nearest free drivers come first, equals by number", "[ride_hailing]") {
  const fleet four{{{100, 0}, {0, 50}, {50, 0}, {900, 900}}};
  CHECK(drivers(four.nearest_free({0, 0}, 3, {})) == list{1, 2, 0});
  CHECK(drivers(four.nearest_free({0, 0}, 9, {})) == list{1, 2, 0, 3});
  CHECK(drivers(four.nearest_free({0, 0}, 2, {1})) == list{2, 0});
  CHECK(drivers(four.nearest_free({0, 0}, 0, {})).empty());
}

TEST_CASE("a driver is found where he was seen last", "[ride_hailing]") {
  fleet two{{{100, 0}, {200, 0}}};
  two.seen(1, {10, 0});
  const auto found = two.nearest_free({0, 0}, 1, {});
  REQUIRE(drivers(found) == list{1});
  CHECK(found[0].at == point{10, 0});
}

TEST_CASE("a reserved driver is nobody else's until he is released", "[ride_hailing]") {
  fleet two{{{100, 0}, {200, 0}}};
  CHECK(two.reserve(0));
  CHECK_FALSE(two.reserve(0));
  CHECK(two.busy() == 1);
  CHECK(drivers(two.nearest_free({0, 0}, 2, {})) == list{1});
  two.release(0);
  CHECK(two.busy() == 0);
  CHECK(two.reserve(0));
}
