// SPDX-License-Identifier: BSD-3-Clause
// Sweeps: a look at every partition now, and the moment when nothing is in flight anywhere.
#include "weir/actors/broker/broker_actor.hpp"

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::testkit::test_node;

TEST_CASE("a look shows every subscription in every topic it matches, at any moment", "[broker]") {
  test_node kit{2};
  auto eu = kit.node().topic("orders.eu", {.partitions = 3});
  auto us = kit.node().topic("orders.us");
  kit.node().subscribe("all", "orders.*", [](const order&) {});
  kit.node().subscribe("eu", "orders.eu", [](const order&) {});
  for (std::int64_t i = 0; i < 10; ++i) REQUIRE(eu.publish(order{i, ""}));
  REQUIRE(us.publish(order{1, ""}));
  for (int i = 0; i < 20; ++i) {
    kit.run(1);
    CHECK(kit.verdict() == "");
  }
  kit.run();
  std::vector<std::string> seen;
  for (const auto& [subscription, topic, counts] : kit.node().ledgers()) {
    seen.push_back(subscription + " " + topic + " " + std::to_string(counts.delivered));
  }
  CHECK(seen == std::vector<std::string>{"all orders.eu 10", "all orders.us 1", "eu orders.eu 10"});
}

TEST_CASE("quiet is when what follows from an event is settled too", "[broker]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    test_node kit{seed};
    auto orders = orders_of(kit.node(), {.partitions = 2});
    auto invoices = kit.node().topic("invoices", {.partitions = 2});
    auto unheard = kit.node().topic("unheard");
    int invoiced = 0;
    kit.node()
        .subscribe("billing", "orders",
                   [=](const order& one, weir::context& where) -> weir::result<void> {
                     if (auto done = where.publish(unheard, invoice{one.number, {}}); !done) {
                       return done;
                     }
                     return where.publish(invoices, invoice{one.number, one.customer});
                   })
        .publishes_to(invoices, unheard);
    kit.node().subscribe("mail", "invoices", [&](const invoice&) { ++invoiced; });
    for (std::int64_t i = 0; i < 20; ++i) {
      REQUIRE(orders.publish(order{i, "c" + std::to_string(i % 3)}));
    }
    REQUIRE(kit.drain(1s).drained);
    CHECK(invoiced == 20);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a node without topics is quiet", "[broker]") {
  test_node kit{2};
  CHECK(kit.drain(1s).drained);
  CHECK(kit.node().ledgers().empty());
}
