// SPDX-License-Identifier: BSD-3-Clause
// What a node says of itself while it runs, halted and stopped.
#include "weir/actors/node/status.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::context;
using weir::errc;
using weir::fail;
using weir::result;
using weir::subscription_status;
using weir::testkit::test_node;

namespace {

subscription_status status_of(weir::node& node, const std::string& subscription,
                              const std::string& topic = "orders") {
  for (auto& one : node.status().subscriptions) {
    if (one.subscription == subscription && one.topic == topic) return one;
  }
  FAIL("no status of " << subscription << " in " << topic);
  return {};
}

/// Fails on everything from `number` on until it is let through.
auto stuck_from(std::int64_t number, const bool& open) {
  return [number, &open](const order& one) -> result<void> {
    if (one.number < number || open) return {};
    return fail(errc::unavailable, "not yet");
  };
}

}  // namespace

TEST_CASE("a node that has not started has nothing to say", "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node());
  CHECK(kit.node().status().topics.empty());
  CHECK(kit.node().status().subscriptions.empty());
}

TEST_CASE("lag, what is sent and the oldest age follow a subscription that is stuck and goes on",
          "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node(), {.batch_events_max = 2});
  bool open = false;
  kit.node()
      .subscribe("slow", "orders", stuck_from(3, open))
      .retry(1000, weir::fixed(1s))
      .credit(2);
  kit.node().subscribe("fast", "orders", [](const order&) {});
  for (std::int64_t i = 1; i <= 10; ++i) {
    REQUIRE(orders.publish(order{i, "c"}));
    kit.advance(100ms);
  }
  const auto slow = status_of(kit.node(), "slow");
  CHECK(slow.counts.published == 10);
  CHECK(slow.counts.delivered == 2);
  CHECK(slow.counts.in_flight == 8);
  CHECK(slow.counts.balanced());
  // The third was published 800 ms ago; events came one by one, and it has credit for two.
  CHECK(slow.behind.oldest_age == 800ms);
  CHECK(slow.behind.sent == 2);
  CHECK(slow.halted.empty());
  const auto fast = status_of(kit.node(), "fast");
  CHECK(fast.counts.settled());
  CHECK(fast.behind == weir::observe::lag{});
  open = true;
  kit.advance(10s);
  CHECK(status_of(kit.node(), "slow").counts.settled());
  CHECK(status_of(kit.node(), "slow").behind == weir::observe::lag{});
}

TEST_CASE("a topic says what it has sequenced and keeps, over all partitions", "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node(), {.partitions = 4});
  kit.node().topic("empty", {.partitions = 2});
  bool open = false;
  kit.node().subscribe("slow", "orders", stuck_from(0, open)).retry(1000, weir::fixed(1s));
  for (std::int64_t i = 0; i < 20; ++i) {
    REQUIRE(orders.publish(order{i, "c" + std::to_string(i)}));
  }
  kit.run();
  const auto seen = kit.node().status();
  REQUIRE(seen.topics.size() == 2);
  CHECK(seen.at == kit.now());
  CHECK(seen.topics[0].topic == "orders");
  CHECK(seen.topics[0].partitions == 4);
  CHECK(seen.topics[0].published == 20);
  CHECK(seen.topics[0].kept_bytes > 0);
  CHECK(seen.topics[1].topic == "empty");
  CHECK(seen.topics[1].published == 0);
  open = true;
  REQUIRE(kit.drain().drained);
  CHECK(kit.node().status().topics[0].kept_bytes == 0);
}

TEST_CASE("a subscription to several topics has a status in each, in the order of declaration",
          "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node());
  auto invoices = kit.node().topic("invoices");
  kit.node().subscribe("b", "*", [](const order&) {}, [](const invoice&) {});
  kit.node().subscribe("a", "invoices", [](const invoice&) {});
  REQUIRE(invoices.publish(invoice{1, "c"}));
  REQUIRE(kit.drain().drained);
  std::vector<std::string> seen;
  for (const auto& one : kit.node().status().subscriptions) {
    seen.push_back(one.subscription + "/" + one.topic + " " + std::to_string(one.counts.delivered));
  }
  CHECK(seen == std::vector<std::string>{"b/orders 0", "b/invoices 1", "a/invoices 1"});
}

TEST_CASE("a halted subscription says why, and its oldest event ages", "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node());
  bool open = false;
  kit.node().subscribe("billing", "orders", stuck_from(0, open)).retry(0).then_halt();
  REQUIRE(orders.publish(order{1, "c"}));
  kit.run();
  kit.advance(1min);
  const auto halted = status_of(kit.node(), "billing");
  CHECK(halted.behind.halted);
  CHECK_THAT(halted.halted, Catch::StartsWith("unavailable: not yet"));
  CHECK(halted.behind.oldest_age == 1min);
  const auto text = kit.node().metrics();
  for (const auto* line :
       {"weir_subscription_halted{topic=\"orders\",subscription=\"billing\"} 1\n",
        "weir_subscription_oldest_age_seconds{topic=\"orders\",subscription=\"billing\"} 60\n",
        "weir_events_in_flight{topic=\"orders\",subscription=\"billing\"} 1\n",
        "weir_topic_events_total{topic=\"orders\"} 1\n"}) {
    CHECK_THAT(text, Catch::Contains(line));
  }
}

TEST_CASE("after the stop the status is the last one", "[node]") {
  weir::node node{quiet({.threads = 2})};
  auto orders = orders_of(node);
  node.subscribe("billing", "orders", [](const order&) {});
  for (std::int64_t i = 0; i < 10; ++i) REQUIRE(orders.publish(order{i, "c"}));
  REQUIRE(node.stop(60s).drained);
  CHECK(status_of(node, "billing").counts.delivered == 10);
  CHECK(status_of(node, "billing").counts.settled());
  CHECK(node.status().topics[0].published == 10);
}
