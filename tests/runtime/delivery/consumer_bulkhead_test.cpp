// SPDX-License-Identifier: BSD-3-Clause
// Consumers that share a bulkhead: who waits holds its lanes at no cost, and none keeps a permit
// that it does not use.
#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/stage.hpp"

using namespace delivery_tests;
using namespace std::chrono_literals;

namespace {

/// A stage that shares permits, and is told of its turn.
struct confined_stage {
  explicit confined_stage(const std::shared_ptr<weir::permits>& shared,
                          weir::recoverability policy = {})
      : on(policy) {
    on.subject.confine(shared);
    attend();
    on.open(0);
  }
  void attend() {
    on.subject.attend_bulkhead([this] { ++turns; });
  }
  void permit() {
    on.drive([&](effects& out) { on.subject.permitted(on.now, out); });
  }
  int turns = 0;
  stage on;
};

std::shared_ptr<weir::permits> permits_of(std::uint32_t at_most) {
  return std::make_shared<weir::permits>(weir::bulkhead{"payments", at_most});
}

}  // namespace

TEST_CASE("who finds no permit holds its lanes, and goes on in their turn when it gets one",
          "[delivery]") {
  const auto shared = permits_of(1);
  weir::permits::place other{shared};
  confined_stage with{shared};
  auto& on = with.on;
  on.open(1);
  REQUIRE(other.enter(1) == 1);
  on.send(0, 2);
  on.send(1, 2);
  CHECK(on.seen().empty());
  CHECK(on.subject.held_lanes() == 2);
  CHECK(with.turns == 0);
  other.exit();
  CHECK(with.turns == 1);
  with.permit();
  CHECK(on.seen() == lines{"0", "1", "100", "101", "settle lane 0 to 2: 2 delivered",
                           "settle lane 1 to 2: 2 delivered"});
  CHECK(on.subject.held_lanes() == 0);
  CHECK(on.subject.counts().retries == 0);
  CHECK(shared->now().taken == 0);
}

TEST_CASE("of several that want the only permit each handles one event at a time", "[delivery]") {
  const auto shared = permits_of(1);
  weir::permits::place other{shared};
  REQUIRE(other.enter(1) == 1);
  confined_stage left{shared}, right{shared};
  left.on.send(0, 2);
  right.on.send(0, 2);
  other.exit();
  CHECK(left.turns == 1);
  left.permit();
  CHECK(left.on.seen() == lines{"0"});
  CHECK(right.turns == 1);
  right.permit();
  CHECK(right.on.seen() == lines{"0"});
  left.permit();
  CHECK(left.on.seen() == lines{"1", "settle lane 0 to 2: 2 delivered"});
  right.permit();
  CHECK(right.on.seen() == lines{"1", "settle lane 0 to 2: 2 delivered"});
  CHECK(shared->now().taken == 0);
}

TEST_CASE("a handler that fails, retries or ends its subscriber gives its permit back",
          "[delivery]") {
  const auto shared = permits_of(1);
  weir::recoverability policy;
  policy.in_place = {1, weir::fixed(1s)};
  confined_stage with{shared, policy};
  auto& on = with.on;
  on.text.acts[0] = {act::unavailable, act::ok};
  on.text.acts[1] = {act::dies, act::ok};
  on.send(0, 3);
  CHECK(on.seen() == lines{"0", "retry lane 0 after 1000 ms"});
  CHECK(shared->now().taken == 0);
  on.retry(0);
  CHECK(on.seen() == lines{"0 (1.2)", "1", "died"});
  CHECK(shared->now().taken == 0);
  on.restart();
  CHECK(on.seen() == lines{"restart", "1 (2.1)", "2", "settle lane 0 to 3: 3 delivered"});
}

TEST_CASE("an incarnation that ends while it waits leaves, and the next waits anew", "[delivery]") {
  const auto shared = permits_of(1);
  weir::permits::place other{shared};
  REQUIRE(other.enter(1) == 1);
  confined_stage with{shared};
  with.on.send(0, 1);
  CHECK(shared->now().waiting == 1);
  with.on.subject.end_incarnation();
  CHECK(shared->now().waiting == 0);
  other.exit();
  CHECK(with.turns == 0);
  REQUIRE(other.enter(1) == 1);
  with.attend();
  with.on.restart();
  CHECK(shared->now().waiting == 1);
  other.exit();
  with.permit();
  CHECK(with.on.seen() == lines{"restart", "0", "settle lane 0 to 1: 1 delivered"});
}

TEST_CASE("a breaker that is open takes no permit", "[delivery]") {
  const auto shared = permits_of(1);
  confined_stage with{shared};
  auto& on = with.on;
  on.subject.guard({.failure_share = 1, .window = 1, .open_for = 1s});
  on.text.acts[0] = {act::unavailable, act::ok};
  on.send(0, 1);
  CHECK(on.seen() == lines{"0", "look after 1000 ms"});
  CHECK(on.subject.held_lanes() == 1);
  CHECK(shared->now().taken == 0);
  on.look();
  CHECK(on.seen() == lines{"0", "settle lane 0 to 1: 1 delivered"});
}

TEST_CASE("a permit that comes when the lane is gone goes to the next", "[delivery]") {
  const auto shared = permits_of(1);
  weir::permits::place other{shared};
  REQUIRE(other.enter(1) == 1);
  confined_stage with{shared};
  with.on.send(0, 1);
  with.on.subject.close_lane(0);
  CHECK(with.on.subject.take_closed().size() == 1);
  other.exit();
  CHECK(shared->now().taken == 1);
  with.permit();
  CHECK(shared->now().taken == 0);
  CHECK(with.on.seen().empty());
}
