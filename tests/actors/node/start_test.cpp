// SPDX-License-Identifier: BSD-3-Clause
// A topology starts whole or not at all, and says every mistake at once.
#include <catch2/catch.hpp>

#include "weir/actors/node/custom.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/topology/bound.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using weir::errc;

namespace {

struct payment {
  std::int64_t number = 0;
};
WEIR_EVENT(payment, "test.payment", 1, (number))

/// An actor of the program's own, for what only handlers may have.
weir::subscription own_actor(weir::node& node, std::string name) {
  weir::subscription_declaration own;
  own.name = std::move(name);
  own.pattern = "orders";
  own.custom = std::make_shared<const weir::actors::subscriber_factory>();
  return node.declare(std::move(own));
}

void check_mistakes(weir::node& node, const std::vector<std::string>& lines) {
  const auto begun = node.start();
  REQUIRE_FALSE(begun);
  CHECK(begun.error().code == errc::invalid_topology);
  for (const auto& line : lines) CHECK_THAT(begun.error().message, Catch::Contains(line));
}

int lines_of(const std::string& text) {
  return 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("start says all mistakes at once and starts nothing", "[node]") {
  weir::node node{quiet({.threads = 1000})};
  auto orders = node.topic("orders", {.partitions = 0, .ordered = true});
  orders.carries<order, invoice>();
  node.topic("orders");
  node.subscribe("billing", "orders", [](const order&) {});
  node.subscribe(
      "billing", "orders", [](const order&) {}, [](const invoice&) {});
  node.subscribe("lost", "nowhere", [](const order&) {});
  node.subscribe(
          "retries", "orders", [](const order&) {}, [](const invoice&) {})
      .retry(5000);
  node.subscribe(
          "dies", "orders", [](const order&) {}, [](const invoice&) {})
      .max_deliveries(0);
  node.subscribe(
          "thirsty", "orders", [](const order&) {}, [](const invoice&) {})
      .credit(0);
  node.subscribe(
          "stale", "orders", [](const order&) {}, [](const invoice&) {})
      .time_to_live(std::chrono::seconds{-1});
  weir::subscription_declaration own;
  own.name = "own";
  own.pattern = "orders";
  own.custom = std::make_shared<const weir::actors::subscriber_factory>();
  node.declare(std::move(own)).time_to_live(std::chrono::seconds{1});
  const auto begun = node.start();
  REQUIRE_FALSE(begun);
  CHECK(begun.error().code == errc::invalid_topology);
  const auto& story = begun.error().message;
  INFO(story);
  for (const auto* part :
       {"partitions", "already_exists: topic", "already_exists: subscription", "test.invoice@1",
        "nowhere", "missing_key", "5000 retries", "max_deliveries 0", "thirsty", "threads: 1000",
        "subscription stale: time_to_live -1s is not above zero",
        "subscription 'own': time_to_live is for handlers"}) {
    CHECK_THAT(story, Catch::Contains(part));
  }
  CHECK(lines_of(story) >= 10);
  CHECK_FALSE(node.started());
  CHECK(orders.publish(order{1, "c"}).error().code == errc::invalid_topology);
  CHECK(node.make_publisher(orders).error().code == errc::invalid_topology);
  CHECK(node.drain().drained);
  CHECK(node.stop().drained);
}

TEST_CASE("filters of what is not handled, or before an actor of one's own, are mistakes",
          "[node]") {
  weir::node node{quiet()};
  auto orders = orders_of(node);
  node.subscribe("picky", "orders", [](const order&) {}).filter([](const payment&) {
    return true;
  });
  own_actor(node, "choosy").filter([](const order&) { return true; });
  check_mistakes(node,
                 {"subscription 'picky': a filter of test.payment@1, which it does not handle",
                  "subscription 'choosy': filters are for handlers"});
}

TEST_CASE("rate limits out of range, or of an actor of one's own, are mistakes", "[node]") {
  weir::node node{quiet()};
  auto orders = orders_of(node);
  node.subscribe("never", "orders", [](const order&) {}).rate_limit(0);
  node.subscribe("backwards", "orders", [](const order&) {}).rate_limit(-1);
  node.subscribe("empty", "orders", [](const order&) {}).rate_limit(10, 0);
  node.subscribe("absurd", "orders", [](const order&) {}).rate_limit(1e12);
  own_actor(node, "paced").rate_limit(10);
  check_mistakes(node, {"subscription 'never': rate_limit: 0 events/s is not in 0.001..1000000",
                        "subscription 'backwards': rate_limit: -1 events/s",
                        "subscription 'empty': rate_limit: burst 0 is not in 1..1000000",
                        "subscription 'absurd': rate_limit: 1e+12 events/s",
                        "subscription 'paced': rate_limit is for handlers"});
}

TEST_CASE("redelivery with delays out of range, or for an actor of one's own, is a mistake",
          "[node]") {
  weir::node node{quiet()};
  auto orders = orders_of(node);
  node.subscribe("never", "orders", [](const order&) {}).redeliver({std::chrono::hours{24 * 31}});
  node.subscribe("past", "orders", [](const order&) {}).redeliver({std::chrono::seconds{-1}});
  node.subscribe("often", "orders", [](const order&) {})
      .redeliver(std::vector<weir::duration>(101, std::chrono::seconds{1}));
  own_actor(node, "later").redeliver({std::chrono::seconds{1}});
  own_actor(node, "behind").park_key();
  check_mistakes(node, {"redeliver: a delay of 2678400s is not in 0..30 days",
                        "redeliver: a delay of -1s is not in 0..30 days",
                        "redeliver: 101 delays, at most 100 are allowed",
                        "subscription 'later': redeliver and park_key are for handlers",
                        "subscription 'behind': redeliver and park_key are for handlers"});
}

TEST_CASE("a topology over its memory budget does not start", "[node]") {
  weir::node node{quiet({.memory_budget_bytes = 1024 * 1024})};
  auto orders = orders_of(node, {.partitions = 64});
  node.subscribe("billing", "orders", [](const order&) {});
  const auto begun = node.start();
  REQUIRE_FALSE(begun);
  CHECK_THAT(begun.error().message, Catch::Contains("out_of_memory_budget"));
}

TEST_CASE("publishers are admitted exactly as long as the bound keeps under the budget", "[node]") {
  for (const bool fed : {false, true}) {
    weir::testkit::test_node kit{3, quiet({.memory_budget_bytes = 256 * 1024 * 1024})};
    auto orders = orders_of(kit.node());
    auto invoices = kit.node().topic("invoices");
    auto billing = kit.node().subscribe("billing", "orders", [](const order&) {});
    if (fed) billing.publishes_to(invoices);
    std::vector<weir::publisher> all;
    const auto admit = [&] {
      auto more = kit.node().make_publisher(all.size() % 2 == 0 ? invoices : orders);
      if (more) all.push_back(std::move(*more));
      return more.has_value();
    };
    for (int i = 0; i < 10; ++i) REQUIRE(admit());
    // What is declared meanwhile counts.
    auto more = kit.node().topic("more");
    REQUIRE(kit.node().start());
    while (admit()) {
    }
    const auto seen = kit.node().describe();
    const auto bound = weir::topology::bound_of(seen).total_bytes;
    CHECK(bound <= seen.memory_budget_bytes);
    CHECK(bound + weir::topology::publisher_bytes(seen.topics[0]) > seen.memory_budget_bytes);
  }
}

TEST_CASE("starting twice does nothing, starting after the end is errc::closed", "[node]") {
  weir::node node{quiet()};
  orders_of(node);
  CHECK(node.start());
  CHECK(node.start());
  CHECK(node.started());
  node.stop();
  CHECK_FALSE(node.started());
  CHECK(node.start().error().code == errc::closed);
}

TEST_CASE("no subscription misses an event, whichever starts last", "[node]") {
  weir::node node{quiet({.threads = 2})};
  auto orders = orders_of(node);
  for (int i = 0; i < 20; ++i) {
    node.subscribe("s" + std::to_string(i), "orders", [](const order&) {});
  }
  REQUIRE(orders.publish(order{1, "c"}));
  REQUIRE(node.stop(std::chrono::seconds{60}).drained);
  for (const auto& entry : node.ledgers()) CHECK(entry.counts.delivered == 1);
  CHECK(node.ledgers().size() == 20);
}
