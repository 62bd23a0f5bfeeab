// SPDX-License-Identifier: BSD-3-Clause
// A group by example: who is told what when members come, go, and change their mind.
#include "weir/runtime/delivery/group.hpp"

#include <catch2/catch.hpp>

using weir::delivery::group;
using weir::delivery::group_effects;
using weir::delivery::member_id;

namespace {

using lanes = std::vector<std::uint32_t>;
using moves = std::vector<group_effects::move>;
using ids = std::vector<member_id>;

group begun(const ids& members, const lanes& all) {
  group made;
  group_effects out;
  made.begin(members, all, out);
  return made;
}

template <class Call>
group_effects told(Call call) {
  group_effects out;
  call(out);
  return out;
}

}  // namespace

TEST_CASE("a group begins balanced and revokes nothing", "[delivery][group]") {
  group subject;
  const auto out = told([&](auto& to) { subject.begin({9, 7, 7}, {3, 1, 2, 1}, to); });
  CHECK(out.revoke.empty());
  CHECK(out.assign == moves{{1, 7}, {2, 9}, {3, 7}});
  CHECK(subject.members() == 2);
  CHECK(subject.lanes() == 3);
  CHECK(subject.living() == ids{7, 9});
}

TEST_CASE("lanes without members are nobody's until somebody joins", "[delivery][group]") {
  auto subject = begun({}, {1, 2});
  CHECK(subject.owner(1) == std::nullopt);
  CHECK(told([&](auto& to) { subject.join(4, to); }).assign == moves{{1, 4}, {2, 4}});
}

TEST_CASE("a lane is assigned only after its owner has handed it back", "[delivery][group]") {
  auto subject = begun({1}, {10, 11});
  const auto joined = told([&](auto& to) { subject.join(2, to); });
  CHECK(joined.revoke == moves{{10, 1}});
  CHECK(joined.assign.empty());
  CHECK(subject.owner(10) == 1U);
  CHECK_FALSE(subject.quiet());
  CHECK(told([&](auto& to) { subject.released(1, 10, to); }).assign == moves{{10, 2}});
  CHECK(subject.quiet());
  CHECK(subject.lanes_of(1) == lanes{11});
}

TEST_CASE("joining twice and adding a lane twice change nothing", "[delivery][group]") {
  auto subject = begun({1, 2}, {10, 11, 12});
  const auto out = told([&](auto& to) {
    subject.join(1, to);
    subject.add_lane(11, to);
    subject.leave(3, to);
  });
  CHECK(out.revoke.empty());
  CHECK(out.assign.empty());
  CHECK(out.left.empty());
}

TEST_CASE("a leaver has left when it has handed back its last lane", "[delivery][group]") {
  auto subject = begun({1, 2}, {10, 11, 12});
  const auto leaving = told([&](auto& to) { subject.leave(1, to); });
  CHECK(leaving.revoke == moves{{10, 1}, {12, 1}});
  CHECK(leaving.left.empty());
  CHECK_FALSE(subject.has(1));
  CHECK(told([&](auto& to) { subject.released(1, 10, to); }).left.empty());
  const auto last = told([&](auto& to) { subject.released(1, 12, to); });
  CHECK(last.assign == moves{{12, 2}});
  CHECK(last.left == ids{1});
}

TEST_CASE("a member without lanes has left at once", "[delivery][group]") {
  auto subject = begun({1, 2}, {10});
  CHECK(told([&](auto& to) { subject.leave(2, to); }).left == ids{2});
}

TEST_CASE("the last member may leave and come back", "[delivery][group]") {
  auto subject = begun({1}, {10});
  told([&](auto& to) { subject.leave(1, to); });
  CHECK(subject.members() == 0);
  SECTION("after it has left") {
    const auto out = told([&](auto& to) { subject.released(1, 10, to); });
    CHECK(out.left == ids{1});
    CHECK(out.assign.empty());
    CHECK(told([&](auto& to) { subject.join(1, to); }).assign == moves{{10, 1}});
  }
  SECTION("before it has handed back: it never left, and gets the lane back") {
    const auto again = told([&](auto& to) { subject.join(1, to); });
    CHECK(again.revoke.empty());
    CHECK(again.assign.empty());
    const auto out = told([&](auto& to) { subject.released(1, 10, to); });
    CHECK(out.assign == moves{{10, 1}});
    CHECK(out.left.empty());
  }
}

TEST_CASE("a lane goes elsewhere if the member it was meant for leaves", "[delivery][group]") {
  auto subject = begun({1}, {10, 11});
  told([&](auto& to) { subject.join(2, to); });
  SECTION("to another") {
    told([&](auto& to) { subject.join(3, to); });
    const auto out = told([&](auto& to) { subject.leave(2, to); });
    CHECK(out.left == ids{2});
    CHECK(out.revoke.empty());
    CHECK(told([&](auto& to) { subject.released(1, 10, to); }).assign == moves{{10, 3}});
  }
  SECTION("back to its owner") {
    CHECK(told([&](auto& to) { subject.leave(2, to); }).revoke.empty());
    CHECK(told([&](auto& to) { subject.released(1, 10, to); }).assign == moves{{10, 1}});
  }
}

TEST_CASE("a release that nobody asked for is ignored", "[delivery][group]") {
  auto subject = begun({1, 2}, {10, 11});
  const auto out = told([&](auto& to) {
    subject.released(1, 10, to);  // not revoked
    subject.released(2, 10, to);  // not its owner
    subject.released(1, 99, to);  // no such lane
  });
  CHECK(out.assign.empty());
  CHECK(subject.owner(10) == 1U);
  CHECK(subject.owner(99) == std::nullopt);
}

TEST_CASE("the lanes of a member that died are free once all are released for it",
          "[delivery][group]") {
  auto subject = begun({1, 2, 3}, {10, 11, 12, 13});
  told([&](auto& to) { subject.join(4, to); });  // takes 10 or 13 of member 1
  told([&](auto& to) { subject.leave(1, to); });
  const auto out = told([&](auto& to) {
    for (const auto lane : subject.lanes_of(1)) subject.released(1, lane, to);
  });
  CHECK(out.left == ids{1});
  CHECK(out.assign.size() == 2);
  CHECK(subject.quiet());
  CHECK(subject.lanes_of(4).size() + subject.lanes_of(2).size() + subject.lanes_of(3).size() == 4);
}

TEST_CASE("what is asked does not depend on the order in which a group began",
          "[delivery][group]") {
  auto one = begun({1, 2, 3}, {1, 2, 3, 4, 5, 6, 7});
  auto other = begun({3, 1, 2}, {7, 6, 5, 1, 2, 3, 4});
  for (std::uint32_t lane = 1; lane <= 7; ++lane) CHECK(one.owner(lane) == other.owner(lane));
  const auto left = told([&](auto& to) { one.leave(2, to); });
  CHECK(left.revoke == told([&](auto& to) { other.leave(2, to); }).revoke);
}
