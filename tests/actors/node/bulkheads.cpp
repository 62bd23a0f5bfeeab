// SPDX-License-Identifier: BSD-3-Clause
// Bulkheads on whole nodes: in virtual time with whatever happens, and on threads that really are
// several.
#include <algorithm>
#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::context;
using weir::errc;
using weir::result;
using weir::task;
using weir::task_context;
using weir::testkit::test_node;

TEST_CASE("subscriptions that share a bulkhead get everything in order, whatever fails", "[node]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    test_node kit{seed, quiet({.intensity = {1000, 5s}})};
    auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 8});
    for (const auto* name : {"a", "b", "c"}) {
      kit.node()
          .subscribe(name, "orders",
                     kit.recording(name,
                                   [](const order& one, context& where) -> result<void> {
                                     if (one.number % 9 == 0 && where.delivery_count() == 1) {
                                       throw 1;
                                     }
                                     if (one.number % 5 == 0 && where.attempt() == 1) {
                                       return weir::fail(errc::unavailable, "once");
                                     }
                                     return {};
                                   }))
          .retry(1, weir::fixed(1s))
          .bulkhead({"payments", 1});
    }
    REQUIRE(kit.node().start());
    weir::random chance{seed};
    for (std::int64_t i = 0; i < 60; ++i) {
      REQUIRE(orders.publish(order{i, "c-" + std::to_string(i % 7)}));
      if (chance.below(8) == 0) kit.run(chance.below(20));
    }
    const auto drained = kit.drain();
    INFO("seed " << seed << ": " << to_string(drained));
    CHECK(drained.drained);
    CHECK(kit.verdict() == "");
    const auto seen = kit.node().status();
    REQUIRE(seen.bulkheads.size() == 1);
    CHECK(seen.bulkheads[0].counts == weir::observe::bulkhead_counts{1, 0, 0});
    REQUIRE(seen.subscribers.size() == 3);
    CHECK(seen.subscribers[0].counts.retries > 0);
    CHECK(seen.subscribers[0].counts.restarts > 0);
    CHECK(seen.subscribers[0].counts.held_partitions == 0);
  }
}

TEST_CASE("never more calls are in progress than the bulkhead has permits, and workers are left",
          "[node]") {
  weir::node node{quiet({.threads = 4})};
  auto orders = orders_of(node, {.partitions = 2});
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  // A call in the bulkhead lasts until the subscription beside it has been served: if the bulkhead
  // took every worker, none of this would end.
  std::atomic<std::int64_t> served{0};
  for (const auto* name : {"a", "b", "c", "d"}) {
    node.subscribe(name, "orders", [&](const order& one) {
          const int now = ++inside;
          int seen = most;
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          for (auto at = served.load(); at <= one.number; at = served.load()) served.wait(at);
          --inside;
        })
        .bulkhead({"slow", 2});
  }
  node.subscribe("beside", "orders", [&](const order&) {
    ++served;
    served.notify_all();
  });
  for (std::int64_t i = 0; i < 40; ++i) REQUIRE(orders.publish(order{i, "c"}));
  CHECK(node.drain().drained);
  CHECK(most <= 2);
}

TEST_CASE("coroutines and enrichers share a bulkhead with others, whatever fails and dies",
          "[node]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    test_node kit{seed, quiet({.intensity = {1000, 5s}})};
    auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 8});
    auto known = kit.node().topic("known", {});
    known.key<order>(&order::customer);
    weir::random chance{seed};
    int inside = 0, most = 0;
    struct call {
      explicit call(int& in, int& seen) : count(in) { seen = std::max(seen, ++count); }
      call(const call&) = delete;
      ~call() { --count; }
      int& count;
    };
    const auto squares =
        kit.node().service("squares", [&](const std::int64_t& number) -> result<std::int64_t> {
          if (chance.below(8) == 0) return weir::fail(errc::unavailable, "busy");
          return number * number;
        });
    kit.node()
        .enrich("square", orders, known,
                weir::enrichment{.from = squares,
                                 .ask = [](const order& one) { return one.number; },
                                 .join = [](const order& one, const std::int64_t&) {
                                   return result<order>{one};
                                 }})
        .retry(3)
        .bulkhead({"slow", 2});
    for (const auto* name : {"a", "b"}) {
      kit.node()
          .subscribe(name, "orders",
                     [&, squares](const order& one, task_context& context) -> task<result<void>> {
                       const call mark{inside, most};
                       co_await context.sleep(1s);
                       if (chance.below(20) == 0) throw 1;
                       auto square = co_await context.ask(squares, one.number);
                       if (!square) co_return weir::fail(std::move(square.error()));
                       co_return result<void>{};
                     })
          .concurrency(weir::per_key{8})
          .timeout(1min)
          .retry(3, weir::fixed(10s))
          .bulkhead({"slow", 2});
    }
    kit.node().subscribe("c", "orders", [](const order&) {}).bulkhead({"slow", 2});
    REQUIRE(kit.node().start());
    for (std::int64_t i = 0; i < 60; ++i) {
      REQUIRE(orders.publish(order{i, "c-" + std::to_string(i % 7)}));
      if (chance.below(8) == 0) kit.run(chance.below(20));
    }
    const auto drained = kit.drain(24h);
    INFO("seed " << seed << ": " << to_string(drained));
    CHECK(drained.drained);
    CHECK(kit.final_verdict() == "");
    CHECK(most == 2);
    const auto seen = kit.node().status();
    REQUIRE(seen.bulkheads.size() == 1);
    CHECK(seen.bulkheads[0].counts == weir::observe::bulkhead_counts{2, 0, 0});
  }
}

TEST_CASE("a bulkhead is refused where it could not be kept, or is two things at once", "[node]") {
  const auto mistake = [](auto&& declare) {
    test_node kit{1, quiet()};
    auto orders = orders_of(kit.node(), {});
    declare(kit.node());
    const auto started = kit.node().start();
    return started ? std::string{} : started.error().message;
  };
  CHECK_THAT(mistake([](weir::node& node) {
               node.subscribe("a", "orders", [](const order&) {}).bulkhead({"slow", 0});
             }),
             Catch::Contains("bulkhead 'slow': at_most is 0, not 1 to 65536"));
  CHECK_THAT(mistake([](weir::node& node) {
               node.subscribe("a", "orders", [](const order&) {}).bulkhead({"slow", 1});
               node.subscribe("b", "orders", [](const order&) {}).bulkhead({"slow", 2});
             }),
             Catch::Contains("'b': bulkhead 'slow' is for 2 at once here, and for 1 elsewhere"));
}

TEST_CASE("a subscription that ends gives its place in a bulkhead to the others", "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node(), {});
  int handled = 0;
  kit.node().subscribe("a", "orders", [](const order&) { throw 1; }).bulkhead({"slow", 1});
  kit.node().subscribe("b", "orders", [&](const order&) { ++handled; }).bulkhead({"slow", 1});
  for (std::int64_t i = 0; i < 20; ++i) REQUIRE(orders.publish(order{i, "c"}));
  kit.run(50);
  REQUIRE(kit.node().unsubscribe("a", 1s));
  CHECK(kit.drain().drained);
  CHECK(handled == 20);
}
