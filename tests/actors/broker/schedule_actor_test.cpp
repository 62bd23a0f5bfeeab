// SPDX-License-Identifier: BSD-3-Clause
// Publishing what is due: order, full rings, halted subscriptions, a key function that throws.
#include "weir/actors/broker/schedule_actor.hpp"

#include <map>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::testkit::test_node;

namespace {

using numbers = std::vector<std::int64_t>;

numbers up_to(std::int64_t count) {
  numbers all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(i);
  return all;
}

}  // namespace

TEST_CASE("what is due at one time is published per key in the order of scheduling", "[broker]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    test_node kit{seed};
    auto orders = orders_of(kit.node(), {.partitions = 3, .batch_events_max = 4});
    std::map<std::string, numbers> seen;
    kit.node().subscribe("billing", "orders", kit.recording("billing", [&](const order& one) {
      seen[one.customer].push_back(one.number);
    }));
    const auto due = kit.now() + 1h;
    // More than the keeper takes at a turn, and more than rings hold.
    for (std::int64_t i = 0; i < 2000; ++i) {
      REQUIRE(orders.publish_at(order{i, "c" + std::to_string(i % 5)}, due));
      if (i % 100 == 0) kit.advance(1s);
    }
    kit.advance(2h);
    REQUIRE(seen.size() == 5);
    for (const auto& [customer, found] : seen) {
      CHECK(found.size() == 400);
      CHECK(std::is_sorted(found.begin(), found.end()));
    }
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("full rings are waited for without losing the order", "[broker]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    test_node kit{seed};
    auto orders = orders_of(kit.node(), {.batch_events_max = 1, .ring_events = 1});
    numbers seen;
    kit.node().subscribe("billing", "orders",
                         [&](const order& one) { seen.push_back(one.number); });
    for (std::int64_t i = 0; i < 300; ++i) REQUIRE(orders.publish_after(order{i, "c"}, 1min));
    kit.advance(1min);
    CHECK(seen == up_to(300));
    CHECK(kit.now() == weir::timestamp{978'307'200s} + 1min);
  }
}

TEST_CASE("a topic whose subscription has halted holds up no other topic", "[broker]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node(), {.batch_events_max = 1, .ring_events = 1});
  auto invoices = kit.node().topic("invoices");
  invoices.key<invoice>(&invoice::customer);
  kit.node()
      .subscribe(
          "billing", "orders",
          [](const order&) -> weir::result<void> { return weir::fail(errc::unavailable, "no"); })
      .retry(0)
      .then_halt();
  std::uint64_t sent = 0;
  kit.node().subscribe("post", "invoices", [&](const invoice&) { ++sent; });
  std::vector<weir::scheduled> made;
  for (std::int64_t i = 0; i < 100; ++i) {
    auto one = orders.publish_after(order{i, "c"}, 1min);
    REQUIRE(one);
    made.push_back(*one);
    REQUIRE(invoices.publish_after(invoice{i, "c"}, 1min));
  }
  kit.advance(1h);
  CHECK(sent == 100);
  // They have fired, and wait.
  CHECK_FALSE(made.back().cancel());
  const auto drained = kit.drain(1h);
  CHECK_FALSE(drained.drained);
  CHECK(drained.scheduled > 80);
  CHECK(kit.now() == weir::timestamp{978'307'200s} + 1h);
  const auto stopped = kit.node().stop(1h);
  CHECK(stopped.scheduled == drained.scheduled);
  CHECK_THAT(to_string(stopped), Catch::Contains("\n  scheduled events not published: " +
                                                 std::to_string(stopped.scheduled) + "\n"));
}

TEST_CASE("an event whose key cannot be read at its time is refused, counted, and passed by",
          "[broker]") {
  test_node kit{1, quiet()};
  bool broken = false;
  auto orders = kit.node().topic("orders");
  orders.key<order>([&](const order& one) -> const std::string& {
    if (broken && one.number == 2) throw std::runtime_error("no key today");
    return one.customer;
  });
  numbers seen;
  kit.node().subscribe("billing", "orders", [&](const order& one) { seen.push_back(one.number); });
  for (std::int64_t i = 1; i <= 3; ++i) REQUIRE(orders.publish_after(order{i, "c"}, 1min));
  broken = true;
  kit.advance(1min);
  CHECK(seen == numbers{1, 3});
  CHECK_THAT(kit.node().metrics(),
             Catch::Contains("weir_scheduled_events_total{outcome=\"refused\"} 1\n") &&
                 Catch::Contains("weir_scheduled_events_total{outcome=\"published\"} 2\n"));
}

TEST_CASE("an earlier event scheduled later comes first, at its own time", "[broker]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  std::vector<std::pair<std::int64_t, weir::duration>> seen;
  kit.node().subscribe("billing", "orders", [&](const order& one, weir::context& where) {
    seen.emplace_back(one.number, where.now() - weir::timestamp{978'307'200s});
  });
  const auto begin = kit.now();
  for (std::int64_t i = 50; i > 0; --i) {
    REQUIRE(orders.publish_at(order{i, "c"}, begin + i * 1h));
    kit.run();
  }
  kit.advance(100h);
  REQUIRE(seen.size() == 50);
  for (std::int64_t i = 1; i <= 50; ++i) {
    CHECK(seen[static_cast<std::size_t>(i) - 1] == std::pair{i, weir::duration{i * 1h}});
  }
}
