// SPDX-License-Identifier: BSD-3-Clause
// Lanes that change hands: closed when nothing of them is open, taken over where they were left.
#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/stage.hpp"

using namespace delivery_tests;

namespace {

weir::recoverability retries(unsigned count) {
  weir::recoverability policy;
  policy.in_place = {count, weir::fixed(std::chrono::seconds{1})};
  return policy;
}

void adopt(stage& by, const consumer::carried_lane& lane) {
  by.drive([&](effects& out) { by.subject.adopt(lane, noon, out); });
}

}  // namespace

TEST_CASE("a closed lane begins nothing more, and another consumer goes on with it", "[delivery]") {
  stage from{retries(3)}, to{retries(3)};
  from.open(0);
  from.text.acts[1] = {act::unavailable};
  from.send(0, 3);
  CHECK(from.seen() == lines{"0", "1", "retry lane 0 after 1000 ms"});
  from.subject.close_lane(0);
  CHECK(from.subject.closing());
  from.send(0, 2);
  from.retry(0);
  CHECK(from.seen() == lines{});
  const auto taken = from.subject.take_closed();
  REQUIRE(taken.size() == 1);
  CHECK(consumer::id_of(taken.front()) == 0);
  CHECK_FALSE(from.subject.closing());
  CHECK(from.subject.lanes().empty());
  adopt(to, taken.front());
  // The attempt that failed is still counted.
  CHECK(to.seen() == lines{"1 (1.2)", "2", "3", "4", "settle lane 0 to 5: 5 delivered"});
  to.send(0, 1);
  CHECK(to.seen() == lines{"5", "settle lane 0 to 6: 1 delivered"});
}

TEST_CASE("a lane with a letter on its way stays until the letter is stored", "[delivery]") {
  stage from;
  from.open(0);
  from.text.acts[0] = {act::rejected};
  from.send(0, 1);
  from.subject.close_lane(0);
  CHECK(from.subject.take_closed().empty());
  from.stored(0);
  CHECK(from.subject.take_closed().size() == 1);
}

TEST_CASE("a lane whose handler ended its subscriber stays until the next incarnation",
          "[delivery]") {
  stage from;
  from.open(0);
  from.text.acts[0] = {act::dies};
  from.send(0, 2);
  from.subject.close_lane(0);
  CHECK(from.subject.take_closed().empty());
  from.seen();
  from.restart();
  CHECK(from.seen() == lines{"restart"});
  const auto taken = from.subject.take_closed();
  REQUIRE(taken.size() == 1);
  stage to;
  adopt(to, taken.front());
  CHECK(to.seen() == lines{"0 (2.1)", "1", "settle lane 0 to 2: 2 delivered"});
}

TEST_CASE("what nobody goes on with is settled up to where it was left", "[delivery]") {
  stage from{retries(3)};
  from.open(0);
  from.open(1);
  from.text.acts[2] = {act::unavailable};
  from.send(0, 2, false);
  from.send(0, 0 + 3);
  from.send(1, 1, false);
  from.seen();
  for (const std::uint32_t lane : {0U, 1U}) from.subject.close_lane(lane);
  from.text.acts[3] = {};
  for (const auto& lane : from.subject.take_closed()) {
    from.drive([&](effects& out) { consumer::settle(lane, out); });
  }
  CHECK(from.seen() ==
        lines{"settle lane 0 to 2: 2 delivered", "settle lane 1 to 1: 1 delivered"});
}

TEST_CASE("messages about a lane that is not there are late", "[delivery]") {
  stage from;
  from.open(0);
  from.send(0, 1);
  from.seen();
  from.subject.close_lane(9);
  CHECK_FALSE(from.subject.closing());
  from.subject.close_lane(0);
  from.subject.take_closed();
  from.drive([&](effects& out) {
    from.subject.receive(0, event_tests::batch_from(1, 1, 1), true, noon, out);
    from.subject.retry(0, 1, noon, out);
    from.subject.jump(0, 1, 2);
  });
  CHECK(from.seen() == lines{});
}
