// SPDX-License-Identifier: BSD-3-Clause
// Scheduled events as a program sees them: times, delays, mistakes, draining, stopping.
#include <latch>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/topology/bound.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::testkit::test_node;

namespace {
using numbers = std::vector<std::int64_t>;
}

TEST_CASE("advancing time publishes what is due, by time and then by order of scheduling",
          "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  numbers seen;
  kit.node().subscribe("billing", "orders", [&](const order& one) { seen.push_back(one.number); });
  const auto begin = kit.now();
  REQUIRE(orders.publish_after(order{1, "c"}, 2h));
  REQUIRE(orders.publish_at(order{2, "c"}, begin + 1h));
  REQUIRE(orders.publish_after(order{3, "c"}, 1h));
  REQUIRE(orders.publish_at(order{4, "c"}, begin + 90min));
  kit.advance(1h - 1ns);
  CHECK(seen.empty());
  kit.advance(1ns);
  CHECK(seen == numbers{2, 3});
  kit.advance(1h);
  CHECK(seen == numbers{2, 3, 4, 1});
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a time in the past and no delay are at once; a negative delay is a mistake", "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node(), {.ordered = true});
  numbers seen;
  kit.node().subscribe("billing", "orders", [&](const order& one) { seen.push_back(one.number); });
  const auto begin = kit.now();
  REQUIRE(orders.publish_at(order{1, "c"}, begin - 100h));
  REQUIRE(orders.publish_at(order{2, "c"}, weir::timestamp::min()));
  REQUIRE(orders.publish_after(order{3, "c"}, 0s));
  kit.run();
  CHECK(seen == numbers{1, 2, 3});
  CHECK(kit.now() == begin);
  order kept{4, "c"};
  const auto refused = orders.publish_after(std::move(kept), -1ns);
  CHECK(refused.error().code == errc::invalid_argument);
  CHECK(refused.error().message == "orders: an event cannot be scheduled -1 ns from now");
  CHECK(kept.customer == "c");
  CHECK_FALSE(orders.publish_after(order{4, "c"}, weir::duration::min()));
  CHECK(orders.publish_after(order{4, ""}, 1s).error().code == errc::missing_key);
}

TEST_CASE("a scheduled event keeps its key and its conversation", "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  std::string key;
  weir::event_id cause, conversation;
  weir::timestamp stamped;
  kit.node().subscribe("billing", "orders", [&](const order&, weir::context& where) {
    key = where.header().key;
    cause = where.header().causation_id();
    conversation = where.header().correlation_id();
    stamped = where.header().time;
  });
  const auto begin = kit.now();
  REQUIRE(orders.publish_after(order{1, "c"}, 1h,
                               {.key = "other", .correlation_id = {1, 2}, .causation_id = {3, 4}}));
  kit.advance(1h);
  CHECK(key == "other");
  CHECK(conversation == weir::event_id{1, 2});
  CHECK(cause == weir::event_id{3, 4});
  CHECK(stamped == begin + 1h);
}

TEST_CASE("a drain waits for what is due and not for what is not", "[node]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    test_node kit{seed};
    auto orders = orders_of(kit.node(), {.batch_events_max = 1, .ring_events = 1});
    numbers seen;
    kit.node().subscribe("billing", "orders", [&](const order& one) {
      seen.push_back(one.number);
      // What a handler schedules for at once follows from what is drained.
      if (one.number == 1) REQUIRE(orders.publish_after(order{2, "c"}, 0s));
    });
    const auto begin = kit.now();
    REQUIRE(orders.publish_after(order{9, "c"}, 1h));
    for (int i = 0; i < 20; ++i) REQUIRE(orders.publish_after(order{0, "c"}, 0s));
    REQUIRE(orders.publish_after(order{1, "c"}, 0s));
    const auto report = kit.drain();
    CHECK(report.drained);
    CHECK(report.scheduled == 1);
    CHECK(kit.now() == begin);
    CHECK(seen.size() == 22);
    CHECK(seen.back() == 2);
    CHECK(to_string(report) ==
          "drained: everything is settled\n  scheduled events not published: 1\n");
  }
}

TEST_CASE("stop publishes what is due, reports the rest, and closes the schedule", "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  int handled = 0;
  kit.node().subscribe("billing", "orders", [&](const order&) { ++handled; });
  for (std::int64_t i = 0; i < 5; ++i) REQUIRE(orders.publish_after(order{i, "c"}, 0s));
  for (std::int64_t i = 0; i < 7; ++i) REQUIRE(orders.publish_after(order{i, "c"}, 1s));
  auto cancelled = orders.publish_after(order{9, "c"}, 1s);
  REQUIRE(cancelled);
  CHECK(cancelled->cancel());
  const auto report = kit.node().stop(1h);
  CHECK(report.drained);
  CHECK(report.scheduled == 7);
  CHECK(handled == 5);
  CHECK(orders.publish_after(order{1, "c"}, 1s).error().code == errc::closed);
  CHECK(orders.publish_at(order{1, "c"}, weir::timestamp{}).error().code == errc::closed);
  CHECK(kit.node().stop().scheduled == 7);
  CHECK_THAT(kit.node().metrics(),
             Catch::Contains("weir_events_scheduled 0\n") &&
                 Catch::Contains("weir_scheduled_events_total{outcome=\"published\"} 5\n") &&
                 Catch::Contains("weir_scheduled_events_total{outcome=\"cancelled\"} 1\n") &&
                 Catch::Contains("weir_scheduled_events_total{outcome=\"unpublished\"} 7\n"));
}

TEST_CASE("the schedule is bounded, and in the bound of the node's memory", "[node]") {
  test_node kit{1, {.scheduled = {.events_max = 2, .bytes_max = 10'000}}};
  auto orders = orders_of(kit.node());
  kit.node().subscribe("billing", "orders", [](const order&) {});
  auto first = orders.publish_after(order{1, "c"}, 1h);
  REQUIRE(first);
  REQUIRE(orders.publish_after(order{2, "c"}, 1h));
  CHECK(orders.publish_after(order{3, "c"}, 1h).error().code == errc::schedule_full);
  CHECK(first->cancel());
  CHECK(orders.publish_after(order{3, std::string(11'000, 'x')}, 1h).error().code ==
        errc::event_too_large);
  CHECK(orders.publish_after(order{3, "c"}, 1h));
  const auto all = kit.node().describe();
  CHECK(all.scheduled_max == 2);
  CHECK(all.scheduled_bytes_max == 10'000);
  // The schedule is the only publisher.
  REQUIRE(all.publishers.size() == 1);
  CHECK(all.publishers[0].name == "program-1.orders");
}

TEST_CASE("the schedule's rings count against the memory budget", "[node]") {
  weir::node_options options;
  auto declare = [](weir::node& node) {
    auto orders = orders_of(node);
    auto other = node.topic("other");
    node.subscribe("feeder", "other", [](const order&) {}).publishes_to(orders);
    return orders;
  };
  {
    weir::node node{options};
    declare(node);
    options.memory_budget_bytes = weir::topology::bound_of(node.describe()).total_bytes;
  }
  weir::node node{quiet(options)};
  auto orders = declare(node);
  REQUIRE(node.start());
  CHECK(orders.publish_after(order{1, "c"}, 1h).error().code == errc::out_of_memory_budget);
}

TEST_CASE("threads schedule, the node publishes each event once and in order", "[node][threads]") {
  constexpr std::int64_t each = 3000;
  weir::node node{quiet({.threads = 2})};
  auto orders = orders_of(node, {.partitions = 2, .batch_events_max = 16, .ring_events = 64});
  std::map<std::string, std::int64_t> last;  // only the subscriber touches it
  std::uint64_t handled = 0;
  bool ordered = true;
  std::latch one_more{1};
  node.subscribe("billing", "orders", [&](const order& one) {
    if (one.customer == "last") return one_more.count_down();
    auto& before = last[one.customer];
    ordered = ordered && one.number > before;
    before = one.number;
    ++handled;
  });
  REQUIRE(node.start());
  std::atomic<std::uint64_t> failed{0}, cancelled{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t i = 1; i <= each; ++i) {
        auto made = orders.publish_after(order{i, std::to_string(t)}, 0s);
        auto never = orders.publish_after(order{i, "never"}, 1000h);
        if (!made || !never) ++failed;
        if (i % 3 == 0 && never->cancel()) ++cancelled;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failed == 0);
  // A timer of the machine's: whenever it rings, the event comes.
  REQUIRE(orders.publish_after(order{1, "last"}, 10ms));
  one_more.wait();
  const auto report = node.stop(60s);
  CHECK(report.drained);
  CHECK(cancelled == each);
  CHECK(report.scheduled == 2 * each);
  CHECK(ordered);
  CHECK(handled == 3 * each);
}

TEST_CASE("every event scheduled while the node stops is published, reported or refused",
          "[node][threads]") {
  for (int round = 0; round < 20; ++round) {
    weir::node node{quiet({.threads = 2, .scheduled = {.events_max = 1'000'000}})};
    auto orders = orders_of(node);
    std::uint64_t handled = 0;
    node.subscribe("billing", "orders", [&](const order&) { ++handled; });
    std::uint64_t accepted = 0;
    std::latch begun{2};
    std::thread thread{[&] {
      bool first = true;
      for (std::int64_t i = 0; orders.publish_after(order{i, "c"}, i % 2 * 1h); ++i) {
        ++accepted;
        if (std::exchange(first, false)) begun.count_down();
      }
    }};
    begun.arrive_and_wait();
    const auto report = node.stop(60s);
    thread.join();
    CHECK(report.drained);
    CHECK(accepted == handled + report.scheduled);
  }
}
