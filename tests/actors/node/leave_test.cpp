// SPDX-License-Identifier: BSD-3-Clause
// Ending and pausing subscriptions: what was begun is finished, what was not is counted.
#include <catch2/catch.hpp>

#include "weir/actors/node/custom.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::observe::drop_reason;
using weir::testkit::test_node;

namespace {

void publish(weir::topic_handle& to, std::int64_t from, std::int64_t end) {
  for (auto i = from; i < end; ++i) REQUIRE(to.publish(order{i, "c" + std::to_string(i % 3)}));
}

}  // namespace

TEST_CASE("unsubscribing at any moment counts every event once", "[node]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 4});
    int handled = 0, others = 0;
    kit.node()
        .subscribe("billing", "orders",
                   [&](const order& one, weir::context& where) -> weir::result<void> {
                     if (one.number % 5 == 0) return weir::fail(errc::rejected, "poison");
                     if (one.number % 7 == 0 && where.attempt() == 1) {
                       return weir::fail(errc::unavailable, "later");
                     }
                     if (one.number % 11 == 0 && where.delivery_count() == 1) throw 1;
                     ++handled;
                     return {};
                   })
        .retry(1, weir::fixed(1s));
    kit.node().subscribe("audit", "orders", [&](const order&) { ++others; });
    publish(orders, 0, 40);
    kit.run(seed);
    REQUIRE(kit.node().unsubscribe("billing"));
    const auto counts = ledger_of(kit.node(), "billing");
    CHECK(counts.balanced());
    CHECK(counts.in_flight == 0);
    CHECK(counts.delivered == static_cast<std::uint64_t>(handled));
    CHECK(counts.dead_lettered == kit.node().dead_letters().size());
    CHECK(counts.accounted() == counts.published);
    publish(orders, 40, 50);
    REQUIRE(kit.drain(1h).drained);
    CHECK(others == 50);
    CHECK(ledger_of(kit.node(), "billing") == counts);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a name is free again after its subscription has ended", "[node]") {
  test_node kit{3};
  auto orders = orders_of(kit.node());
  int first = 0, second = 0;
  kit.node().subscribe("billing", "orders", [&](const order&) { ++first; });
  publish(orders, 0, 5);
  kit.run();
  REQUIRE(kit.node().unsubscribe("billing"));
  publish(orders, 5, 7);
  kit.node().subscribe("billing", "orders", [&](const order&) { ++second; });
  REQUIRE(kit.node().start());
  publish(orders, 7, 10);
  REQUIRE(kit.drain(1s).drained);
  CHECK(first == 5);
  CHECK(ledger_of(kit.node(), "billing").delivered == static_cast<std::uint64_t>(5 + second));
  CHECK(kit.node().ledgers().size() == 1);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("what ends a subscription is not behind the batches in its mailbox", "[node]") {
  constexpr int batches = 50, batch_events = 4;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.batch_events_max = batch_events});
    int handled = 0;
    kit.node().subscribe("billing", "orders", [&](const order&) { ++handled; }).credit(1000);
    REQUIRE(kit.node().start());
    publish(orders, 0, batches * batch_events);
    while (handled == 0) kit.run(1);
    const int before = handled;
    REQUIRE(kit.node().unsubscribe("billing"));
    INFO("seed " << seed);
    CHECK(handled <= before + batch_events);
    CHECK(ledger_of(kit.node(), "billing").dropped_for(drop_reason::unsubscribed) ==
          static_cast<std::uint64_t>(batches * batch_events - handled));
    CHECK(kit.drain(1s).drained);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("unsubscribing waits for coroutines, and cuts them off at the deadline", "[node]") {
  const auto slow = [](weir::duration pause, int* done) {
    return [pause, done](const order&,
                         weir::task_context& where) -> weir::task<weir::result<void>> {
      co_await where.sleep(pause);
      ++*done;
      co_return weir::result<void>{};
    };
  };
  test_node kit{5};
  auto orders = orders_of(kit.node());
  int patient = 0, stuck = 0;
  kit.node().subscribe("patient", "orders", slow(10s, &patient)).concurrency(weir::per_key{8});
  kit.node().subscribe("stuck", "orders", slow(1000h, &stuck)).concurrency(weir::per_key{8});
  publish(orders, 0, 3);
  kit.run();
  REQUIRE(kit.node().unsubscribe("patient", 1min));
  CHECK(patient == 3);
  CHECK(ledger_of(kit.node(), "patient").delivered == 3);
  REQUIRE(kit.node().unsubscribe("stuck", 1min));
  CHECK(stuck == 0);
  CHECK(ledger_of(kit.node(), "stuck").dropped_for(drop_reason::unsubscribed) == 3);
  CHECK(kit.drain(1s).drained);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("publishers that wait for a subscription go on when it ends", "[node]") {
  test_node kit{5, quiet()};
  auto orders = orders_of(kit.node(), {.batch_events_max = 4, .ring_events = 8});
  kit.node()
      .subscribe("stuck", "orders",
                 [](const order&) -> weir::result<void> {
                   return weir::fail(errc::unavailable, "never");
                 })
      .retry(1000, weir::fixed(1h));
  auto publisher = kit.node().make_publisher(orders);
  REQUIRE(publisher);
  publisher->set_deadline(1s);
  while (publisher->publish(order{1, "c"})) {
  }
  kit.run();
  REQUIRE(kit.node().unsubscribe("stuck", 1s));
  CHECK(publisher->publish(order{2, "c"}));
  CHECK(kit.drain(1s).drained);
  CHECK(ledger_of(kit.node(), "stuck").dropped_for(drop_reason::unsubscribed) >= 8);
}

TEST_CASE("a subscription that has halted can be ended, and its name begins anew", "[node]") {
  test_node kit{5, quiet()};
  auto orders = orders_of(kit.node());
  kit.node()
      .subscribe("billing", "orders",
                 [](const order&) -> weir::result<void> {
                   return weir::fail(errc::unknown_topic, "fatal");
                 });
  publish(orders, 0, 3);
  CHECK_FALSE(kit.drain(1s).drained);
  REQUIRE(kit.node().unsubscribe("billing", 1s));
  CHECK(kit.drain(1s).drained);
  int seen = 0;
  kit.node().subscribe("billing", "orders", [&](const order&) { ++seen; });
  REQUIRE(kit.node().start());
  publish(orders, 3, 6);
  CHECK(kit.drain(1s).drained);
  CHECK(seen == 3);
}

TEST_CASE("a paused subscription is sent nothing, lags, and loses nothing", "[node]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 4});
    std::vector<std::int64_t> seen;
    kit.node().subscribe("billing", "*", [&](const order& one) { seen.push_back(one.number); });
    publish(orders, 0, 20);
    kit.run(seed);
    REQUIRE(kit.node().pause("billing"));
    kit.run();
    const auto before = seen.size();
    publish(orders, 20, 40);
    auto more = kit.node().topic("more");
    REQUIRE(kit.node().start());
    publish(more, 40, 45);
    const auto report = kit.drain(1h);
    CHECK_FALSE(report.drained);
    REQUIRE_FALSE(report.left.empty());
    CHECK(report.left.front().halted == "paused");
    CHECK(seen.size() == before);
    REQUIRE(kit.node().resume("billing"));
    REQUIRE(kit.drain(1h).drained);
    CHECK(seen.size() == 45);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("ending what is not there, or has not begun, has a defined end", "[node]") {
  test_node kit{5};
  auto orders = orders_of(kit.node());
  kit.node().subscribe("early", "orders", [](const order&) {});
  CHECK(kit.node().unsubscribe("early"));  // never begins
  REQUIRE(kit.node().start());
  CHECK(kit.node().unsubscribe("early").error().code == errc::not_found);
  CHECK(kit.node().pause("nobody").error().code == errc::not_found);
  CHECK(kit.node().resume("nobody").error().code == errc::not_found);
  CHECK(kit.node().ledgers().empty());
}
