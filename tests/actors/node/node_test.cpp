// SPDX-License-Identifier: BSD-3-Clause
// The node as programs use it: declare, publish by handle, look, and go on.
#include "weir/actors/node/node.hpp"

#include <thread>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::testkit::test_node;

TEST_CASE("the first publish starts the node, and what is published is handled", "[node]") {
  weir::node node{quiet()};
  auto orders = orders_of(node);
  std::vector<std::int64_t> handled;
  node.subscribe("billing", "orders", [&](const order& one) { handled.push_back(one.number); });
  CHECK_FALSE(node.started());
  REQUIRE(orders.publish(order{1, "c"}));
  CHECK(node.started());
  REQUIRE(orders.publish(order{2, "c"}, weir::wait_for::handled, 60s));
  CHECK(handled == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("a topic handle may be used by many threads", "[node]") {
  weir::node node{quiet({.threads = 2})};
  auto orders = orders_of(node, {.partitions = 2});
  node.subscribe("billing", "orders", [](const order&) {});
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::int64_t i = 0; i < 500; ++i) {
        if (!orders.publish(order{i, "c" + std::to_string(i % 3)})) ++failed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(node.drain(60s).drained);
  CHECK(ledger_of(node, "billing").delivered == 2000);
}

TEST_CASE("patterns reach the topics they match and no others", "[node]") {
  test_node kit{1};
  auto eu = kit.node().topic("orders.eu");
  auto us = kit.node().topic("orders.us");
  auto mail = kit.node().topic("mail.eu");
  std::map<std::string, int> seen;
  const auto counting = [&](const std::string& name) {
    return [&seen, name](const order&) { ++seen[name]; };
  };
  kit.node().subscribe("orders", "orders.*", counting("orders"));
  kit.node().subscribe("eu", "*.eu", counting("eu"));
  kit.node().subscribe("all", ">", counting("all"));
  kit.node().subscribe("one", "orders.us", counting("one"));
  for (auto* topic : {&eu, &us, &mail}) REQUIRE(topic->publish(order{1, "c"}));
  kit.run();
  CHECK(seen == std::map<std::string, int>{{"orders", 2}, {"eu", 2}, {"all", 3}, {"one", 1}});
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("the strategy of the options restarts siblings, and no event is lost or repeated",
          "[node]") {
  using weir::supervision::strategy;
  for (const auto kind : {strategy::one_for_one, strategy::rest_for_one, strategy::all_for_one}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      weir::node_options options = quiet();
      options.strategy = kind;
      test_node kit{seed, options};
      auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 2});
      std::map<std::string, int> incarnations;
      std::map<std::string, int> handled;
      for (const std::string name : {"first", "second", "third"}) {
        kit.node().subscribe(
            name, "orders",
            [&, name, fresh = true](const order& one, weir::context& where) mutable {
              if (std::exchange(fresh, false)) ++incarnations[name];
              if (name == "second" && one.number == 20 && where.delivery_count() == 1) throw 1;
              ++handled[name];
            });
      }
      for (std::int64_t i = 0; i < 40; ++i) {
        REQUIRE(orders.publish(order{i, "c" + std::to_string(i % 3)}));
      }
      REQUIRE(kit.drain().drained);
      CHECK(handled == std::map<std::string, int>{{"first", 40}, {"second", 40}, {"third", 40}});
      CHECK(incarnations["second"] == 2);
      if (kind == strategy::one_for_one) CHECK(incarnations["third"] == 1);
      if (kind != strategy::all_for_one) CHECK(incarnations["first"] == 1);
      CHECK(kit.final_verdict() == "");
    }
  }
}

TEST_CASE("a destroyed node has handled what was published", "[node]") {
  int handled = 0;
  {
    weir::node node{quiet()};
    auto orders = orders_of(node);
    node.subscribe("billing", "orders", [&](const order&) { ++handled; });
    for (std::int64_t i = 0; i < 1000; ++i) REQUIRE(orders.publish(order{i, "c"}));
  }
  CHECK(handled == 1000);
}

TEST_CASE("a program waits in the node's time, which in a simulation is virtual", "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  std::vector<std::int64_t> handled;
  kit.node().subscribe("billing", "orders",
                       [&](const order& one) { handled.push_back(one.number); });
  REQUIRE(kit.node().start());
  const auto began = kit.node().now();
  CHECK(began < weir::machine_clock().now());
  REQUIRE(orders.publish_after(order{1, "c"}, 1h));
  REQUIRE(kit.node().sleep(30min));
  CHECK(kit.node().now() == began + 30min);
  CHECK(handled.empty());
  REQUIRE(kit.node().sleep(31min));
  CHECK(handled == std::vector<std::int64_t>{1});
  static_cast<void>(kit.node().stop());
  CHECK(kit.node().sleep(1h).error().code == weir::errc::closed);

  weir::node real{quiet()};
  REQUIRE(real.sleep(1ms));
  CHECK(real.now() > began + 24h);
}

TEST_CASE("a handler may not wait for its node's time", "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  weir::result<void> slept;
  kit.node().subscribe("billing", "orders",
                       [&](const order&) { slept = kit.node().sleep(1h); });
  REQUIRE(orders.publish(order{1, "c"}));
  kit.run();
  REQUIRE_FALSE(slept);
  CHECK(slept.error().code == weir::errc::invalid_argument);
}
