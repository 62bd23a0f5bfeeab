// SPDX-License-Identifier: BSD-3-Clause
// Balancing by example, and against a model that tries every way to hand out the larger shares.
#include "weir/runtime/delivery/assignment.hpp"

#include <algorithm>
#include <bit>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using weir::delivery::balanced;
using weir::delivery::lane_place;

namespace {

using indices = std::vector<std::size_t>;

lane_place with(std::size_t member) { return {member, false}; }
lane_place moving_to(std::size_t member) { return {member, true}; }
const lane_place unowned{};

indices counts(std::size_t members, const indices& assigned) {
  indices each(members, 0);
  for (const auto member : assigned) ++each[member];
  return each;
}

// Lanes that change members although they do not move yet.
std::size_t taken(const std::vector<lane_place>& lanes, const indices& assigned) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!lanes[i].moves && lanes[i].with && *lanes[i].with != assigned[i]) ++count;
  }
  return count;
}

// The fewest over all choices of the members whose share is one larger.
std::size_t fewest_taken(std::size_t members, const std::vector<lane_place>& lanes) {
  indices has(members, 0);
  for (const auto& lane : lanes) {
    if (lane.with && !lane.moves) ++has[*lane.with];
  }
  const auto larger = static_cast<int>(lanes.size() % members);
  auto fewest = lanes.size();
  for (std::uint64_t chosen = 0; chosen < (std::uint64_t{1} << members); ++chosen) {
    if (std::popcount(chosen) != larger) continue;
    std::size_t over = 0;
    for (std::size_t i = 0; i < members; ++i) {
      const auto share = lanes.size() / members + (chosen >> i & 1);
      over += has[i] - std::min(has[i], share);
    }
    fewest = std::min(fewest, over);
  }
  return fewest;
}

}  // namespace

TEST_CASE("free lanes go round the members", "[delivery][group]") {
  CHECK(balanced(3, std::vector(7, unowned)) == indices{0, 1, 2, 0, 1, 2, 0});
  CHECK(balanced(1, std::vector(3, unowned)) == indices{0, 0, 0});
  CHECK(balanced(4, std::vector(2, unowned)) == indices{0, 1});
  CHECK(balanced(4, {}).empty());
}

TEST_CASE("lanes that are balanced stay where they are", "[delivery][group]") {
  CHECK(balanced(2, std::vector{with(1), with(1), with(0), with(1), with(0)}) ==
        indices{1, 1, 0, 1, 0});
}

TEST_CASE("a member that must give up lanes gives up some of each neighbourhood",
          "[delivery][group]") {
  // Eight lanes of two topics, all with one member: a second gets two of each topic.
  CHECK(balanced(2, std::vector(8, with(0))) == indices{1, 0, 1, 0, 1, 0, 1, 0});
}

TEST_CASE("a new lane goes to a member with fewer", "[delivery][group]") {
  CHECK(balanced(2, std::vector{with(0), with(1), with(0), unowned}) == indices{0, 1, 0, 1});
}

TEST_CASE("a lane that moves keeps its destination while that has room", "[delivery][group]") {
  CHECK(balanced(2, std::vector{moving_to(1), with(0)}) == indices{1, 0});
  CHECK(balanced(2, std::vector{moving_to(1), with(1), with(0), with(1)}) == indices{0, 1, 0, 1});
}

TEST_CASE("balancing takes the fewest lanes that it can", "[delivery][group][property]") {
  rc::prop("any places", [] {
    const auto members = *rc::gen::inRange<std::size_t>(1, 8);
    const auto lanes = *rc::gen::container<std::vector<lane_place>>(
        rc::gen::apply(
            [](std::size_t member, bool free, bool moves) {
              return free ? unowned : lane_place{member, moves};
            },
            rc::gen::inRange<std::size_t>(0, members), rc::gen::arbitrary<bool>(),
            rc::gen::arbitrary<bool>()));
    const auto assigned = balanced(members, lanes);
    RC_ASSERT(assigned.size() == lanes.size());
    const auto each = counts(members, assigned);
    const auto [least, most] = std::minmax_element(each.begin(), each.end());
    RC_ASSERT(*most - *least <= 1U);
    RC_ASSERT(taken(lanes, assigned) == fewest_taken(members, lanes));
    RC_ASSERT(balanced(members, lanes) == assigned);
  });
}
