// SPDX-License-Identifier: BSD-3-Clause
// Waiting for quiet, ending, and what there is to see afterwards.
#include <array>
#include <latch>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::testkit::test_node;

TEST_CASE("a drain that runs out of time says what is left", "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node(), {.partitions = 2});
  kit.node()
      .subscribe("billing", "orders",
                 [](const order& one, weir::context& where) -> weir::result<void> {
                   if (one.customer != "slow" || where.attempt() == 2) return {};
                   return weir::fail(errc::unavailable, "not yet");
                 })
      .retry(1, weir::fixed(1h));
  REQUIRE(orders.publish(order{1, "slow"}));
  for (std::int64_t i = 0; i < 5; ++i) REQUIRE(orders.publish(order{i, "slow"}));
  const auto report = kit.drain(10min);
  CHECK_FALSE(report.drained);
  REQUIRE(report.left.size() == 1);
  CHECK(report.left[0].subscription == "billing");
  CHECK(report.left[0].topic == "orders");
  CHECK(report.left[0].events == ledger_of(kit.node(), "billing").in_flight);
  CHECK(report.left[0].halted.empty());
  CHECK_THAT(to_string(report), Catch::StartsWith("not drained:\n  billing: "));
  const auto later = kit.drain(100h);
  CHECK(later.drained);
  CHECK(later.left.empty());
  CHECK(to_string(later) == "drained: everything is settled\n");
}

TEST_CASE("on threads, too, a drain ends at its deadline", "[node]") {
  weir::node node{quiet({.threads = 2})};
  auto orders = orders_of(node);
  std::latch go{1};
  node.subscribe("billing", "orders", [&](const order&) { go.wait(); });
  REQUIRE(orders.publish(order{1, "c"}));
  const auto report = node.drain(20ms);
  CHECK_FALSE(report.drained);
  REQUIRE(report.left.size() == 1);
  CHECK(report.left[0].events == 1);
  go.count_down();
  CHECK(node.drain(60s).drained);
}

TEST_CASE("after stop everything is closed, and ledgers and letters can still be read", "[node]") {
  weir::node node{quiet()};
  auto orders = orders_of(node);
  node.subscribe("billing", "orders", [](const order& one) -> weir::result<void> {
    if (one.number != 3) return {};
    return weir::fail(errc::rejected, "three");
  });
  auto publisher = node.make_publisher(orders);
  REQUIRE(publisher);
  for (std::int64_t i = 0; i < 10; ++i) REQUIRE(publisher->publish(order{i, "c"}));
  CHECK(node.stop(60s).drained);
  CHECK(publisher->publish(order{1, "c"}).error().code == errc::closed);
  CHECK(orders.publish(order{1, "c"}).error().code == errc::closed);
  CHECK(node.make_publisher(orders).error().code == errc::closed);
  const auto counts = ledger_of(node, "billing");
  CHECK(counts.delivered == 9);
  CHECK(counts.dead_lettered == 1);
  CHECK(counts.settled());
  REQUIRE(node.dead_letters().size() == 1);
  CHECK(node.dead_letters()[0].offset == 3);
  CHECK(node.dead_letters(2).empty());
  CHECK_THAT(node.metrics(), Catch::Contains("billing"));
  CHECK(node.stop().drained);
  CHECK(node.drain().drained);
}

TEST_CASE("stop with unsettled events reports exactly what the ledgers say", "[node]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.partitions = 3, .batch_events_max = 2});
    kit.node()
        .subscribe("halts", "orders",
                   [](const order& one) -> weir::result<void> {
                     if (one.number < 10) return {};
                     return weir::fail(errc::unavailable, "ten is too many");
                   })
        .retry(0)
        .then_halt();
    kit.node()
        .subscribe("waits", "orders",
                   [](const order& one) -> weir::result<void> {
                     if (one.number != 15) return {};
                     return weir::fail(errc::unavailable, "not yet");
                   })
        .retry(5, weir::fixed(1h));
    kit.node().subscribe("done", "orders", [](const order&) {});
    for (std::int64_t i = 0; i < 20; ++i) {
      REQUIRE(orders.publish(order{i, "c" + std::to_string(i)}));
    }
    const auto report = kit.node().stop(1min);
    CHECK_FALSE(report.drained);
    std::map<std::string, std::uint64_t> left;
    for (const auto& entry : report.left) {
      left[entry.subscription] += entry.events;
      CHECK((entry.subscription == "halts") == !entry.halted.empty());
    }
    CHECK(left.size() == 2);
    for (const auto& [subscription, events] : left) {
      const auto counts = ledger_of(kit.node(), subscription);
      CHECK(counts.in_flight == events);
      CHECK(counts.balanced());
    }
    CHECK(ledger_of(kit.node(), "done").delivered == 20);
    CHECK(to_string(kit.node().stop()) == to_string(report));
  }
}

TEST_CASE("when the root gives up, every subscription halts and the report says why", "[node]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    weir::node_options options = quiet();
    options.intensity = {1, 10s};
    test_node kit{seed, options};
    auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 2});
    int deaths = 0;
    kit.node()
        .subscribe("dies", "orders",
                   [&](const order& one) {
                     if (one.number >= 10) ++deaths, throw 1;
                   })
        .max_deliveries(100);
    kit.node().subscribe("lives", "orders", [](const order&) {});
    for (std::int64_t i = 0; i < 20; ++i) {
      REQUIRE(orders.publish(order{i, "c" + std::to_string(i % 4)}));
    }
    const auto report = kit.drain(1h);
    // Two restarts of the subscriber are one too many, twice: 2 x 2 deaths.
    CHECK(deaths == 4);
    CHECK_FALSE(report.drained);
    REQUIRE_FALSE(report.left.empty());
    for (const auto& entry : report.left) {
      CHECK_THAT(entry.halted, Catch::StartsWith("restart_intensity"));
    }
    CHECK(kit.verdict() == "");
    CHECK(ledger_of(kit.node(), "dies").in_flight >= 10);
  }
}

TEST_CASE("what a publish says it has published is in the ledger, also while the node stops",
          "[node][threads]") {
  for (int round = 0; round < 40; ++round) {
    weir::node node{quiet({.threads = 2})};
    auto orders = orders_of(node, {.partitions = 2});
    node.subscribe("billing", "orders", [](const order&) {});
    std::array<std::uint64_t, 2> published{};
    std::latch begun{3};
    std::vector<std::thread> threads;
    for (auto& count : published) {
      threads.emplace_back([&] {
        auto to = node.make_publisher(orders);
        bool first = true;
        for (std::int64_t i = 0; to && to->publish(order{i, "c"}); ++i) {
          ++count;
          if (std::exchange(first, false)) begun.count_down();
        }
      });
    }
    begun.arrive_and_wait();
    CHECK(node.stop(60s).drained);
    for (auto& thread : threads) thread.join();
    CHECK(ledger_of(node, "billing").delivered == published[0] + published[1]);
  }
}
