// SPDX-License-Identifier: BSD-3-Clause
// The kit: one seed is one run, time is the caller's, and its verdict sees what is wrong.
#include "weir/actors/testkit/test_node.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::testkit::test_node;

namespace {

/// Three subscriptions, retries and a restart: enough to be ordered in many ways.
weir::sim::transcript run_shop(std::uint64_t seed) {
  test_node kit{seed, quiet()};
  auto orders = orders_of(kit.node(), {.partitions = 3, .batch_events_max = 2});
  auto flaky =
      kit.recording("flaky", [](const order& one, weir::context& where) -> weir::result<void> {
        if (one.number % 4 == 0 && where.attempt() == 1) {
          return weir::fail(weir::errc::unavailable, "the first time");
        }
        if (one.number % 7 == 0 && where.delivery_count() == 1) throw 1;
        return {};
      });
  kit.node().subscribe("flaky", "orders", flaky).retry(2, weir::exponential(1s).with_jitter(1.0));
  kit.node().subscribe("billing", "orders", kit.recording("billing", [](const order&) {}));
  kit.node().subscribe("audit", ">", kit.recording("audit", [](const order&) {})).credit(1);
  for (std::int64_t i = 0; i < 30; ++i) {
    REQUIRE(orders.publish(order{i, "c" + std::to_string(i % 5)}));
    kit.run(3);
  }
  kit.drain();
  CHECK(kit.final_verdict() == "");
  return kit.transcript();
}

}  // namespace

TEST_CASE("the dice of a dead letter's event fall the same way in a node that is told their seed",
          "[testkit]") {
  using dice = std::vector<std::uint64_t>;
  const auto rolled = [](std::optional<std::uint64_t> chance, dice& numbers) {
    test_node kit{chance ? 2U : 1U, quiet({.event_chance = chance})};
    auto orders = orders_of(kit.node());
    kit.node()
        .subscribe("billing", "orders",
                   [&](const order&, weir::context& where) -> weir::result<void> {
                     numbers.push_back(where.chance()());
                     return weir::fail(weir::errc::unavailable, "no");
                   })
        .retry(1);
    kit.node()
        .subscribe("waits", "orders",
                   [&](const order&, weir::task_context& where) -> weir::task<weir::result<void>> {
                     co_await where.sleep(1s);
                     numbers.push_back(where.chance()());
                     co_return weir::fail(weir::errc::unavailable, "no");
                   })
        .retry(0);
    REQUIRE(orders.publish(order{1, "c"}));
    CHECK(kit.drain().drained);
    return kit.node().dead_letters();
  };
  dice first;
  const auto letters = rolled(std::nullopt, first);
  REQUIRE(letters.size() == 2);
  REQUIRE(first.size() == 3);
  CHECK(first[0] == first[1]);
  CHECK(first[0] != first[2]);
  for (const auto& letter : letters) {
    dice again;
    rolled(weir::delivery::chance_seed(letter.subscription, letter.id), again);
    const std::size_t its = letter.subscription == "waits" ? 2 : 0;
    CHECK(again.at(its) == first[its]);
  }
}

TEST_CASE("the same seed gives the same transcript, faults included", "[testkit]") {
  for (const std::uint64_t seed : {1, 2, 3, 20010131}) {
    const auto once = run_shop(seed);
    const auto again = run_shop(seed);
    CHECK(weir::sim::first_difference(once, again) == "");
    CHECK(once.size() > 90);
  }
}

TEST_CASE("different seeds interleave actors differently", "[testkit]") {
  const auto first = run_shop(1).digest();
  CHECK(run_shop(2).digest() != first);
  CHECK(run_shop(3).digest() != first);
}

TEST_CASE("a transcript says who got what, where and how often", "[testkit]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  kit.node()
      .subscribe("billing", "orders",
                 kit.recording("billing",
                               [](const order&, weir::context& where) -> weir::result<void> {
                                 if (where.attempt() == 2) return {};
                                 return weir::fail(weir::errc::unavailable, "not yet");
                               }))
      .retry(1);
  REQUIRE(orders.publish(order{1, "c-7"}));
  kit.run();
  CHECK(kit.transcript().text() ==
        "billing test.order@1 0@0 key c-7\n"
        "billing test.order@1 0@0 key c-7 attempt 2\n");
}

TEST_CASE("time stands still in run and moves in advance", "[testkit]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  int calls = 0;
  kit.node()
      .subscribe("billing", "orders",
                 [&](const order&) -> weir::result<void> {
                   if (++calls == 3) return {};
                   return weir::fail(weir::errc::unavailable, "not yet");
                 })
      .retry(2, weir::fixed(1h));
  const auto begin = kit.now();
  REQUIRE(orders.publish(order{1, "c"}));
  kit.run();
  CHECK(calls == 1);
  CHECK(kit.now() == begin);
  kit.advance(59min);
  CHECK(calls == 1);
  kit.advance(1min);
  CHECK(calls == 2);
  kit.advance(5h);
  CHECK(calls == 3);
  CHECK(kit.now() == begin + 6h);
}

TEST_CASE("drain moves time to the timers it waits for and no further", "[testkit]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  kit.node()
      .subscribe("billing", "orders",
                 [](const order&, weir::context& where) -> weir::result<void> {
                   if (where.attempt() == 2) return {};
                   return weir::fail(weir::errc::unavailable, "not yet");
                 })
      .retry(1, weir::fixed(1h));
  REQUIRE(orders.publish(order{1, "c"}));
  const auto begin = kit.now();
  CHECK_FALSE(kit.drain(30min).drained);
  CHECK(kit.now() == begin + 30min);
  CHECK(kit.drain(2h).drained);
  CHECK(kit.now() == begin + 1h);
}

TEST_CASE("a publish on a full ring lets the node run", "[testkit]") {
  test_node kit{1};
  auto orders = orders_of(kit.node(), {.batch_events_max = 1, .ring_events = 1});
  int handled = 0;
  kit.node().subscribe("billing", "orders", [&](const order&) { ++handled; });
  for (std::int64_t i = 0; i < 100; ++i) REQUIRE(orders.publish(order{i, "c"}));
  CHECK(handled > 90);
  kit.run();
  CHECK(handled == 100);
}

TEST_CASE("the verdict names the seed and what is wrong", "[testkit]") {
  SECTION("a topology that does not start") {
    test_node kit{7};
    kit.node().subscribe("billing", "nowhere", [](const order&) {});
    kit.run();
    CHECK_THAT(kit.verdict(), Catch::StartsWith("seed 7: the topology does not start: ") &&
                                  Catch::Contains("nowhere"));
  }
  SECTION("nothing: a look in the middle of a run is fine") {
    test_node kit{7};
    auto orders = orders_of(kit.node());
    kit.node().subscribe("billing", "orders", [](const order&) {});
    REQUIRE(orders.publish(order{1, "c"}));
    REQUIRE(orders.publish(order{2, "c"}));
    kit.run(1);
    CHECK(kit.verdict() == "");
    kit.run();
    CHECK(kit.final_verdict() == "");
  }
  SECTION("events in flight behind a failure") {
    test_node kit{7, quiet()};
    auto orders = orders_of(kit.node());
    kit.node()
        .subscribe("billing", "orders",
                   [](const order&) -> weir::result<void> {
                     return weir::fail(weir::errc::unavailable, "never");
                   })
        .then_halt();
    REQUIRE(orders.publish(order{1, "c"}));
    kit.run();
    CHECK(kit.verdict() == "");
    CHECK_THAT(kit.final_verdict(),
               Catch::StartsWith("seed 7: subscription billing in orders: events are still in "));
  }
}
