// SPDX-License-Identifier: BSD-3-Clause
// The partition's shell through a whole node: who is woken, what is shared, what waits.
#include "weir/actors/broker/partition_actor.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::testkit::test_node;

TEST_CASE("a topic that nobody subscribes to takes everything and keeps nothing", "[broker]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed};
    auto orders = orders_of(kit.node(), {.batch_events_max = 4, .ring_events = 4});
    auto publisher = kit.node().make_publisher(orders);
    REQUIRE(publisher);
    weir::random chance{seed};
    for (std::int64_t i = 0; i < 50; ++i) {
      REQUIRE(publisher->publish(order{i, "c"}));
      kit.run(chance.below(3));
    }
    CHECK(kit.drain(1s).drained);
    CHECK(publisher->publish(order{50, "c"}, weir::wait_for::handled, 1s));
    CHECK(kit.drain(1s).drained);
  }
}

TEST_CASE("every subscription sees every event, however slow another one is", "[broker]") {
  test_node kit{9};
  auto orders = orders_of(kit.node(), {.batch_events_max = 4, .ring_events = 1000});
  kit.node()
      .subscribe("slow", "orders",
                 [](const order&, weir::context& where) -> weir::result<void> {
                   if (where.attempt() > 1) return {};
                   return weir::fail(weir::errc::unavailable, "later");
                 })
      .retry(1, weir::fixed(1h))
      .credit(1);
  int fast = 0;
  kit.node().subscribe("fast", "orders", [&](const order&) { ++fast; });
  for (std::int64_t i = 0; i < 100; ++i) REQUIRE(orders.publish(order{i, "c"}));
  kit.run();
  CHECK(fast == 100);
  CHECK(ledger_of(kit.node(), "slow").delivered == 0);
  CHECK(kit.drain(101h).drained);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("events of one lane reach two subscriptions in the same memory", "[broker]") {
  test_node kit{9};
  auto orders = orders_of(kit.node());
  std::vector<const void*> first, second;
  kit.node().subscribe("first", "orders", [&](const order& one) { first.push_back(&one); });
  kit.node().subscribe("second", "orders", [&](const order& one) { second.push_back(&one); });
  for (std::int64_t i = 0; i < 10; ++i) REQUIRE(orders.publish(order{i, "c"}));
  kit.run();
  CHECK(first == second);
  CHECK(std::set(first.begin(), first.end()).size() == 10);
}

TEST_CASE("the ring holds no more than its limit and one batch for the slowest", "[broker]") {
  test_node kit{9, quiet()};
  auto orders = orders_of(kit.node(), {.batch_events_max = 4, .ring_events = 10});
  kit.node()
      .subscribe("stuck", "orders",
                 [](const order&) -> weir::result<void> {
                   return weir::fail(weir::errc::unavailable, "never");
                 })
      .retry(0)
      .then_halt();
  auto publisher = kit.node().make_publisher(orders);
  REQUIRE(publisher);
  while (publisher->publish(order{0, "c"})) {
  }
  CHECK(ledger_of(kit.node(), "stuck").in_flight < 10 + 4);
}

TEST_CASE("a partition without work is woken by the next event", "[broker]") {
  test_node kit{9};
  auto orders = orders_of(kit.node());
  int handled = 0;
  kit.node().subscribe("billing", "orders", [&](const order&) { ++handled; });
  for (int i = 1; i <= 20; ++i) {
    REQUIRE(orders.publish(order{i, "c"}));
    kit.run();
    CHECK(handled == i);
  }
}
