// SPDX-License-Identifier: BSD-3-Clause
// Publishing from outside: levels, deadlines, backpressure, order, and a node that is gone.
#include "weir/actors/broker/publisher.hpp"

#include <latch>
#include <thread>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::wait_for;
using weir::testkit::test_node;

TEST_CASE("accepted is at once, stored when sequenced, handled when settled", "[broker]") {
  test_node kit{5, quiet()};
  auto orders = orders_of(kit.node());
  bool handled = false;
  kit.node().subscribe("billing", "orders", [&](const order&) { handled = true; });
  auto publisher = kit.node().make_publisher(orders);
  REQUIRE(publisher);
  REQUIRE(publisher->publish(order{1, "c"}, wait_for::accepted, 1s));
  CHECK_FALSE(handled);
  REQUIRE(publisher->publish(order{2, "c"}, wait_for::stored, 1s));
  CHECK(ledger_of(kit.node(), "billing").published == 2);
  REQUIRE(publisher->publish(order{3, "c"}, wait_for::handled, 1s));
  CHECK(handled);
  CHECK(ledger_of(kit.node(), "billing").delivered == 3);
  CHECK(publisher->published() == 3);
}

TEST_CASE("an event that is not handled by the deadline is errc::timeout and stays", "[broker]") {
  test_node kit{5, quiet()};
  auto orders = orders_of(kit.node());
  kit.node()
      .subscribe("billing", "orders",
                 [](const order&, weir::context& where) -> weir::result<void> {
                   if (where.attempt() > 1) return {};
                   return weir::fail(errc::unavailable, "not yet");
                 })
      .retry(1, weir::fixed(1h));
  auto publisher = kit.node().make_publisher(orders);
  REQUIRE(publisher);
  const auto late = publisher->publish(order{1, "c"}, wait_for::handled, 1min);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == errc::timeout);
  CHECK_THAT(late.error().message, Catch::Contains("orders") && Catch::Contains("60000 ms"));
  CHECK(kit.drain().drained);
  CHECK(ledger_of(kit.node(), "billing").delivered == 1);
}

TEST_CASE("a wait for ever is a wait for ever", "[broker]") {
  weir::node node{quiet()};
  auto orders = orders_of(node);
  node.subscribe("billing", "orders", [](const order&) {});
  CHECK(orders.publish(order{1, "c"}, wait_for::handled, weir::duration::max()));
}

TEST_CASE("a ring that stays full is errc::backpressure after the deadline", "[broker]") {
  test_node kit{5, quiet()};
  auto orders = orders_of(kit.node(), {.batch_events_max = 2, .ring_events = 2});
  kit.node()
      .subscribe(
          "billing", "orders",
          [](const order&) -> weir::result<void> { return weir::fail(errc::unavailable, "never"); })
      .retry(0)
      .then_halt();
  auto publisher = kit.node().make_publisher(orders);
  REQUIRE(publisher);
  publisher->set_deadline(2s);
  std::int64_t taken = 0;
  const auto begin = kit.now();
  weir::result<void> done;
  while ((done = publisher->publish(order{taken, "c"}))) ++taken;
  CHECK(done.error().code == errc::backpressure);
  CHECK_THAT(done.error().message, Catch::Contains("orders") && Catch::Contains("2000 ms"));
  CHECK(kit.now() == begin + 2s);
  CHECK(publisher->published() == static_cast<std::uint64_t>(taken));
  // The partition's ring holds at most a batch over its limit, the publisher's four blocks of two.
  CHECK(taken <= 4 + 8);
}

TEST_CASE("a thread waits for room until its deadline, and goes on when there is some",
          "[broker]") {
  weir::node node{quiet({.threads = 2})};
  auto orders = orders_of(node, {.batch_events_max = 1, .ring_events = 1});
  std::latch go{1};
  node.subscribe("billing", "orders", [&](const order&) { go.wait(); });
  auto publisher = node.make_publisher(orders);
  REQUIRE(publisher);
  publisher->set_deadline(20ms);
  weir::result<void> done;
  std::int64_t taken = 0;
  while ((done = publisher->publish(order{taken, "c"}))) ++taken;
  CHECK(done.error().code == errc::backpressure);
  publisher->set_deadline(60s);
  std::thread opener{[&] { go.count_down(); }};
  CHECK(publisher->publish(order{taken, "c"}));
  opener.join();
  CHECK(node.drain(60s).drained);
  CHECK(ledger_of(node, "billing").delivered == static_cast<std::uint64_t>(taken) + 1);
}

TEST_CASE("what a publisher publishes under one key is handled in that order", "[broker]") {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    test_node kit{seed};
    auto orders = orders_of(kit.node(), {.partitions = 4, .batch_events_max = 3});
    std::map<std::string, std::vector<std::int64_t>> seen;
    kit.node().subscribe("billing", "orders",
                         [&](const order& one) { seen[one.customer].push_back(one.number); });
    std::vector<order> made;
    for (std::int64_t i = 0; i < 200; ++i) made.push_back({i, "c" + std::to_string(i % 7)});
    auto publisher = kit.node().make_publisher(orders);
    REQUIRE(publisher);
    CHECK(publisher->publish_batch(std::span{made}) == 200U);
    REQUIRE(kit.drain().drained);
    REQUIRE(seen.size() == 7);
    for (const auto& [customer, numbers] : seen) {
      CHECK(std::is_sorted(numbers.begin(), numbers.end()));
    }
  }
}

TEST_CASE("what cannot be published says why and changes nothing", "[broker]") {
  test_node kit{5, quiet()};
  auto orders = orders_of(kit.node(), {.ordered = true, .event_bytes_max = 256});
  kit.node().subscribe("billing", "orders", [](const order&) {});
  auto publisher = kit.node().make_publisher(orders);
  REQUIRE(publisher);
  CHECK(publisher->publish(order{1, ""}).error().code == errc::missing_key);
  CHECK(publisher->publish(order{1, std::string(500, 'x')}).error().code == errc::event_too_large);
  std::vector<order> mixed{{1, "c"}, {2, ""}, {3, "c"}};
  CHECK(publisher->publish_batch(std::span{mixed}).error().code == errc::missing_key);
  kit.drain();
  CHECK(publisher->published() == 1);
  CHECK(ledger_of(kit.node(), "billing").delivered == 1);
}

TEST_CASE("a publisher outlives its node and is closed then", "[broker]") {
  std::optional<weir::publisher> publisher;
  {
    weir::node node{quiet()};
    auto orders = orders_of(node);
    node.subscribe("billing", "orders", [](const order&) {});
    auto made = node.make_publisher(orders);
    REQUIRE(made);
    publisher.emplace(std::move(*made));
    REQUIRE(publisher->publish(order{1, "c"}));
  }
  CHECK(publisher->publish(order{2, "c"}).error().code == errc::closed);
  CHECK(publisher->publish(order{3, "c"}, wait_for::handled, 1h).error().code == errc::closed);
  CHECK(publisher->published() == 1);
}

TEST_CASE("several threads publish at once, each in its own order", "[broker]") {
  weir::node node{quiet({.threads = 2})};
  auto orders = orders_of(node, {.partitions = 2, .batch_events_max = 8, .ring_events = 32});
  std::map<std::string, std::int64_t> last;  // only the subscriber touches it
  bool ordered = true;
  node.subscribe("billing", "orders", [&](const order& one) {
    const auto [entry, fresh] = last.try_emplace(one.customer, one.number);
    ordered = ordered && (fresh || one.number == entry->second + 1);
    entry->second = one.number;
  });
  REQUIRE(node.start());
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      auto publisher = node.make_publisher(orders);
      for (std::int64_t i = 0; i < 2000; ++i) {
        if (!publisher || !publisher->publish(order{i, "thread " + std::to_string(t)})) ++failed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(node.stop(60s).drained);
  CHECK(ordered);
  CHECK(ledger_of(node, "billing").delivered == 8000);
}
