// SPDX-License-Identifier: BSD-3-Clause
// The declarations as data, and the counters as text.
#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;

TEST_CASE("a description says what was declared", "[node]") {
  weir::node node{quiet({.name = "shop"})};
  auto orders = orders_of(node, {.partitions = 3, .ordered = true, .ring_events = 100});
  auto invoices = node.topic("invoices");
  node.subscribe("billing", "orders", [](const order&) {}).credit(7).publishes_to(invoices)
      .filter([](const order& one) { return one.number > 1; })
      .filter<order>([](const auto& one) { return one.number < 9; });
  node.subscribe(
          "audit", ">", [](std::span<const order* const>) {}, [](const invoice&) {})
      .rate_limit(20, 5);
  const auto all = node.describe();
  CHECK(all.name == "shop");
  REQUIRE(all.topics.size() == 2);
  CHECK(all.topics[0].name == "orders");
  CHECK(all.topics[0].partitions == 3);
  CHECK(all.topics[0].ordered);
  CHECK(all.topics[0].ring_events == 100);
  CHECK(all.topics[0].event_types == std::vector<std::string>{"test.order@1"});
  CHECK(all.topics[0].keyed_types == all.topics[0].event_types);
  REQUIRE(all.subscriptions.size() == 2);
  CHECK(all.subscriptions[0].pattern == "orders");
  CHECK(all.subscriptions[0].credit_batches == 7);
  CHECK(all.subscriptions[0].filtered == std::vector<std::string>{"test.order@1"});
  CHECK(all.subscriptions[1].filtered.empty());
  CHECK(all.subscriptions[1].batched == std::vector<std::string>{"test.order@1"});
  CHECK(all.subscriptions[1].rate == weir::rate_limit{20, 5});
  CHECK_FALSE(all.subscriptions[0].rate);
  CHECK(all.subscriptions[0].publishes_to == std::vector<std::string>{"invoices"});
  CHECK(all.subscriptions[1].handles == std::vector<std::string>{"test.order@1", "test.invoice@1"});
  // Somebody must feed the orders; the invoices are fed by a subscription.
  REQUIRE(all.publishers.size() == 1);
  CHECK(all.publishers[0].topic == "orders");
}

TEST_CASE("metrics show the ledger of each subscription and topic", "[node]") {
  weir::testkit::test_node kit{1};
  auto orders = orders_of(kit.node());
  kit.node().subscribe("billing", "orders", [](const order&) {});
  for (std::int64_t i = 0; i < 5; ++i) REQUIRE(orders.publish(order{i, "c"}));
  kit.run();
  const auto text = kit.node().metrics();
  INFO(text);
  CHECK_THAT(text, Catch::Contains("delivered") &&
                       Catch::Contains("{topic=\"orders\",subscription=\"billing\"} 5\n"));
}
