// SPDX-License-Identifier: BSD-3-Clause
// What a subscription may say of itself: overflow, with a slow one beside a healthy one under each
// policy (who waits, what is lost, whether the ledger says so), and time to live.
#include "weir/actors/node/subscription.hpp"

#include <algorithm>
#include <latch>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/topic/partitioner.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::context;
using weir::errc;
using weir::overflow;
using weir::result;
using weir::observe::drop_reason;
using weir::testkit::test_node;

namespace {

constexpr weir::topic::topic_options small{.batch_events_max = 4, .ring_events = 8};
constexpr std::int64_t published = 100;

/// A subscription that is stuck until the door opens, and one that is not.
struct pair_of_readers {
  pair_of_readers(weir::node& node, test_node& kit, overflow policy) {
    node.subscribe("slow", "orders",
                   kit.recording("slow",
                                 [this](const order& one) -> result<void> {
                                   if (!open) return weir::fail(errc::unavailable, "stuck");
                                   slow.push_back(one.number);
                                   return {};
                                 }))
        .retry(1000, weir::fixed(1s))
        .credit(1)
        .overflow(policy);
    node.subscribe("healthy", "orders", kit.recording("healthy", [this](const order& one) {
      healthy.push_back(one.number);
    }));
  }

  bool open = false;
  std::vector<std::int64_t> slow, healthy;
};

std::vector<std::int64_t> numbers(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> all;
  while (from < to) all.push_back(from++);
  return all;
}

/// Publishes while the node runs now and then; says whether time had to pass.
bool publish_without_waiting(test_node& kit, weir::topic_handle& orders) {
  weir::random chance{kit.seed()};
  REQUIRE(kit.node().start());
  const auto begun = kit.now();
  for (std::int64_t i = 0; i < published; ++i) {
    REQUIRE(orders.publish(order{i, "c"}));
    kit.run(chance.below(6));
  }
  kit.run();
  return kit.now() == begun;
}

}  // namespace

TEST_CASE("publishers never wait for a lossy subscription, and a healthy one misses nothing",
          "[node]") {
  const auto policy = GENERATE(overflow::drop_oldest, overflow::drop_newest, overflow::fail);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), small);
    pair_of_readers readers{kit.node(), kit, policy};
    CHECK(publish_without_waiting(kit, orders));
    CHECK(readers.healthy == numbers(0, published));
    CHECK(ledger_of(kit.node(), "healthy").settled());
    CHECK(ledger_of(kit.node(), "slow").dropped_total() > 0);
    CHECK(kit.verdict() == "");
  }
}

TEST_CASE("publishers wait for a blocking subscription, which misses nothing", "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node(), small);
  pair_of_readers readers{kit.node(), kit, overflow::block};
  int accepted = 0;
  while (orders.publish(order{accepted, "c"})) ++accepted;
  CHECK(accepted < published);
  readers.open = true;
  REQUIRE(kit.drain().drained);
  CHECK(readers.slow == numbers(0, accepted));
  CHECK(readers.healthy == readers.slow);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a thread that publishes never waits for handlers that are stuck, if all are lossy",
          "[node]") {
  // Nobody settles, so nothing but the publisher's own ring wakes the partition.
  weir::node node{quiet({.threads = 2})};
  auto orders = orders_of(node, {.batch_events_max = 4, .ring_events = 8});
  std::latch go{1};
  std::vector<std::int64_t> handled;
  node.subscribe("stuck", "orders", [&](const order& one) {
        go.wait();
        handled.push_back(one.number);
      })
      .overflow(overflow::drop_oldest);
  auto publisher = node.make_publisher(orders);
  REQUIRE(publisher);
  publisher->set_deadline(10s);
  bool all = true;
  for (std::int64_t i = 0; all && i < 20'000; ++i) {
    all = publisher->publish(order{i, "c"}).has_value();
  }
  CHECK(all);
  go.count_down();
  CHECK(node.drain(60s).drained);
  const auto counts = ledger_of(node, "stuck");
  CHECK(counts.settled());
  CHECK(counts.delivered == handled.size());
  CHECK(counts.delivered < 1000);
  CHECK(handled.back() == 19'999);
}

TEST_CASE("a subscription that drops the oldest goes on with the newest", "[node]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), small);
    pair_of_readers readers{kit.node(), kit, overflow::drop_oldest};
    publish_without_waiting(kit, orders);
    readers.open = true;
    REQUIRE(kit.drain().drained);
    const auto counts = ledger_of(kit.node(), "slow");
    CHECK(counts.dropped_for(drop_reason::overflow_oldest) == counts.dropped_total());
    CHECK(counts.delivered == readers.slow.size());
    // The batch it was stuck in, and the end.
    const auto kept = static_cast<std::int64_t>(readers.slow.size());
    const auto gap = std::adjacent_find(readers.slow.begin(), readers.slow.end(),
                                        [](auto a, auto b) { return b != a + 1; });
    REQUIRE(gap != readers.slow.end());
    const auto stuck = gap + 1 - readers.slow.begin();
    CHECK(stuck <= 4);
    auto expected = numbers(0, stuck);
    for (const auto number : numbers(published - kept + stuck, published)) {
      expected.push_back(number);
    }
    CHECK(readers.slow == expected);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a subscription that drops the newest goes on with the oldest", "[node]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), small);
    pair_of_readers readers{kit.node(), kit, overflow::drop_newest};
    publish_without_waiting(kit, orders);
    readers.open = true;
    REQUIRE(kit.drain().drained);
    CHECK(readers.slow.size() >= 8);
    CHECK(readers.slow == numbers(0, static_cast<std::int64_t>(readers.slow.size())));
    const auto counts = ledger_of(kit.node(), "slow");
    CHECK(counts.dropped_for(drop_reason::overflow_newest) == counts.dropped_total());
    // It has caught up, so it sees what comes.
    REQUIRE(orders.publish(order{published, "c"}));
    kit.run();
    CHECK(readers.slow.back() == published);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a subscription that fails halts loudly with what it had, and the others go on",
          "[node]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), small);
    pair_of_readers readers{kit.node(), kit, overflow::fail};
    publish_without_waiting(kit, orders);
    readers.open = true;
    const auto report = kit.drain(1h);
    CHECK_FALSE(report.drained);
    REQUIRE(report.left.size() == 1);
    CHECK(report.left[0].subscription == "slow");
    CHECK_THAT(report.left[0].halted, Catch::StartsWith("overflowed: slow lagged"));
    const auto counts = ledger_of(kit.node(), "slow");
    CHECK(counts.in_flight == report.left[0].events);
    CHECK(counts.in_flight >= 8);
    CHECK(counts.delivered == readers.slow.size());
    CHECK(counts.dropped_for(drop_reason::overflow_failed) == counts.dropped_total());
    CHECK(readers.healthy.size() == published);
    CHECK(kit.verdict() == "");
  }
}

TEST_CASE("a subscription that fails in one partition halts in all of them", "[node]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 4, .ring_events = 8});
  pair_of_readers readers{kit.node(), kit, overflow::fail};
  publish_without_waiting(kit, orders);  // all to one partition
  std::string elsewhere = "d";
  const auto partition_of = [&](const std::string& key) {
    return weir::topic::partition_of(key, 2);
  };
  while (partition_of(elsewhere) == partition_of("c")) elsewhere += "d";
  readers.open = true;
  const auto before = readers.slow.size();
  REQUIRE(orders.publish(order{published, elsewhere}));
  const auto report = kit.drain(1h);
  CHECK(report.left.size() == 2);
  CHECK(readers.healthy.back() == published);
  CHECK(std::count(readers.slow.begin(), readers.slow.end(), published) == 0);
  CHECK(readers.slow.size() - before <= 4);
  CHECK(kit.verdict() == "");
}

TEST_CASE("a lossy subscriber that dies gets again what it was sent, nothing twice, in order",
          "[node]") {
  const auto policy = GENERATE(overflow::drop_oldest, overflow::drop_newest);
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.batch_events_max = 3, .ring_events = 6});
    std::vector<std::int64_t> handled;
    unsigned deaths = 0;
    kit.node()
        .subscribe("mortal", "orders",
                   kit.recording("mortal",
                                 [&](const order& one, context& where) -> result<void> {
                                   if (one.number % 5 == 2 && where.delivery_count() == 1) {
                                     ++deaths;
                                     throw 1;
                                   }
                                   if (one.number % 3 == 1 && where.attempt() == 1) {
                                     return weir::fail(errc::unavailable, "once");
                                   }
                                   handled.push_back(one.number);
                                   return {};
                                 }))
        .retry(1, weir::fixed(1s))
        .credit(static_cast<std::uint32_t>(1 + seed % 3))
        .overflow(policy);
    weir::random chance{seed};
    for (std::int64_t i = 0; i < published; ++i) {
      REQUIRE(orders.publish(order{i, "c"}));
      kit.run(chance.below(8));
      if (chance.below(10) == 0) kit.advance(1s);
    }
    REQUIRE(kit.drain().drained);
    CHECK(deaths > 0);
    CHECK(std::adjacent_find(handled.begin(), handled.end(), std::greater_equal<>{}) ==
          handled.end());
    const auto counts = ledger_of(kit.node(), "mortal");
    CHECK(counts.dropped_total() > 0);
    CHECK(counts.delivered == handled.size());
    CHECK(counts.delivered + counts.dropped_total() == published);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("who waits until an event is handled does not wait for a subscription that dropped it",
          "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node(), {.batch_events_max = 1, .ring_events = 1});
  pair_of_readers readers{kit.node(), kit, overflow::drop_oldest};
  for (std::int64_t i = 0; i < 3; ++i) {
    REQUIRE(orders.publish(order{i, "c"}));
    kit.run();
  }
  // 0 is stuck, 1 was dropped for 2.
  CHECK_FALSE(orders.publish(order{3, "c"}, weir::wait_for::handled, 1ms));
  readers.open = true;
  CHECK(orders.publish(order{4, "c"}, weir::wait_for::handled, 10s));
  CHECK(readers.slow == std::vector<std::int64_t>{0, 4});
  CHECK(readers.healthy == numbers(0, 5));
}

TEST_CASE("an overflow policy is described, and what it drops is a metric", "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node(), small);
  pair_of_readers readers{kit.node(), kit, overflow::drop_oldest};
  publish_without_waiting(kit, orders);
  CHECK(kit.node().describe().subscriptions[0].when_behind == overflow::drop_oldest);
  CHECK(kit.node().describe().subscriptions[1].when_behind == overflow::block);
  const auto dropped = ledger_of(kit.node(), "slow").dropped_total();
  CHECK_THAT(kit.node().metrics(),
             Catch::Contains("weir_events_dropped_total{topic=\"orders\",subscription=\"slow\","
                             "reason=\"overflow_oldest\"} " +
                             std::to_string(dropped)));
}

TEST_CASE("an event that outlives its time to live is counted and never handled", "[node]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.batch_events_max = 4});
    std::vector<std::int64_t> positions;
    std::uint64_t others = 0;
    // Each batch begins with a second of waiting.
    kit.node()
        .subscribe("map", "orders",
                   kit.recording("map",
                                 [&](const order& one, context& where) -> result<void> {
                                   CHECK(where.now() - where.header().time <= 3s);
                                   if (one.number % 4 == 0 && where.attempt() == 1) {
                                     return weir::fail(errc::unavailable, "a second");
                                   }
                                   positions.push_back(one.number);
                                   return {};
                                 }))
        .retry(1, weir::fixed(1s))
        .time_to_live(3s);
    kit.node().subscribe("log", "orders", [&](const order&) { ++others; });
    for (std::int64_t i = 0; i < published; ++i) REQUIRE(orders.publish(order{i, "c"}));
    REQUIRE(kit.drain().drained);
    const auto counts = ledger_of(kit.node(), "map");
    CHECK(counts.delivered == positions.size());
    CHECK(counts.expired > 0);
    CHECK(counts.delivered + counts.expired == published);
    CHECK(positions == numbers(0, static_cast<std::int64_t>(positions.size())));
    CHECK(others == published);
    CHECK_THAT(kit.node().metrics(),
               Catch::Contains("weir_events_expired_total{topic=\"orders\",subscription=\"map\"} " +
                               std::to_string(counts.expired)));
    // What comes later is young.
    REQUIRE(orders.publish(order{published + 1, "c"}));
    REQUIRE(kit.drain().drained);
    CHECK(positions.back() == published + 1);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("what is dropped and what expires add up with what is delivered", "[node]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), small);
    pair_of_readers readers{kit.node(), kit, overflow::drop_newest};
    std::uint64_t seen = 0;
    bool open = false;
    kit.node()
        .subscribe("both", "orders",
                   [&](const order&) -> result<void> {
                     if (!open) return weir::fail(errc::unavailable, "stuck");
                     return ++seen, result<void>{};
                   })
        .retry(1000, weir::fixed(1s))
        .overflow(overflow::drop_oldest)
        .time_to_live(1min);
    publish_without_waiting(kit, orders);
    kit.advance(2min);
    readers.open = open = true;
    REQUIRE(orders.publish(order{published, "c"}));
    REQUIRE(kit.drain().drained);
    const auto counts = ledger_of(kit.node(), "both");
    CHECK(counts.expired > 0);
    CHECK(counts.dropped_total() > 0);
    CHECK(seen == 1);
    CHECK(counts.delivered == 1);
    CHECK(kit.final_verdict() == "");
  }
}
