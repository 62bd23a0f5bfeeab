// SPDX-License-Identifier: BSD-3-Clause
// Scheduled events of durable topics through whole nodes that share a store, one after the other:
// each is published once, by whichever run lives when it is due, and not at all once cancelled.
#include <map>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/runtime/store/timer_record.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::timestamp;
using weir::wait_for;
using weir::store::memory_store;
using weir::store::table;
using weir::testkit::test_node;

namespace {

using numbers = std::vector<std::int64_t>;
constexpr weir::topic::topic_options small{
    .partitions = 2, .batch_events_max = 4, .ring_events = 16, .durable = true};
/// Every simulated node begins here.
constexpr timestamp start{std::chrono::seconds{978'307'200}};

/// A node on a disk that writes down the orders it is given.
struct shop {
  explicit shop(std::uint64_t seed, const std::shared_ptr<memory_store>& disk,
                weir::node_options options = {})
      : kit(seed, [&] {
          options.store = disk;
          return quiet(options);
        }()),
        orders(orders_of(kit.node(), small)) {
    kit.node()
        .subscribe("billing", "orders", [this](const order& one) { seen.push_back(one.number); })
        .starting(weir::from_earliest());
  }

  test_node kit;
  weir::topic_handle orders;
  numbers seen;
};

std::size_t timers(const memory_store& disk) {
  std::size_t count = 0;
  REQUIRE(disk.scan(table::timers, "", "", [&](auto, auto) { return ++count > 0; }));
  return count;
}

order numbered(std::int64_t i) { return order{i, "c" + std::to_string(i % 5)}; }

}  // namespace

TEST_CASE("what is due after the end of one run is published by the next, once",
          "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  {
    shop first{3, disk};
    for (std::int64_t i = 0; i < 30; ++i) {
      REQUIRE(first.orders.publish_at(numbered(i), start + 1h * (1 + i % 3)));
    }
    REQUIRE(first.orders.publish_after(numbered(30), 90min));
    first.kit.advance(1h);
    CHECK(first.seen.size() == 10);
    CHECK(first.kit.node().stop(1s).scheduled == 21);
    CHECK(timers(*disk) == 21);
  }
  {
    shop second{3, disk};
    REQUIRE(second.kit.node().start());
    second.kit.advance(2h);
    CHECK(std::count(second.seen.begin(), second.seen.end(), 30) == 1);
    CHECK(timers(*disk) == 10);
    CHECK(second.kit.final_verdict() == "");
    static_cast<void>(second.kit.node().stop(1s));
  }
  for (int run = 0; run < 2; ++run) {
    shop later{3, disk};
    REQUIRE(later.kit.node().start());
    later.kit.advance(24h);
    REQUIRE(later.kit.drain(1h).drained);
    CHECK(later.seen.size() == (run == 0 ? 10U : 0U));
    CHECK(later.kit.node().stop(1h).scheduled == 0);
  }
  CHECK(timers(*disk) == 0);
}

TEST_CASE("what was due while nobody ran is published at the start, in the order of time",
          "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  weir::topic::settings orders;
  orders.name = "orders";
  weir::store::changes what;
  weir::codec::enroll<order>();
  for (std::int64_t i = 0; i < 20; ++i) {
    const order one{i, "c"};
    const auto encoded = weir::store::encode_timer(orders, weir::type_of<order>(), &one, {});
    REQUIRE(encoded);
    weir::store::put_timer(what, "orders", static_cast<std::uint64_t>(i) + 1,
                           start - 1h + 1min * ((i * 7) % 20 / 2), *encoded);
  }
  REQUIRE(disk->commit(what));
  shop next{3, disk};
  REQUIRE(next.kit.node().start());
  REQUIRE(next.kit.drain(1min).drained);
  numbers by_time;
  for (std::int64_t minute = 0; minute < 10; ++minute) {
    for (std::int64_t i = 0; i < 20; ++i) {
      if ((i * 7) % 20 / 2 == minute) by_time.push_back(i);
    }
  }
  CHECK(next.seen == by_time);
}

TEST_CASE("what is said beside the value comes through", "[node][durable]") {
  for (const auto format : {weir::payload_format::json, weir::payload_format::binary}) {
    const auto disk = std::make_shared<memory_store>();
    const auto options = [&] {
      auto chosen = small;
      chosen.stored_as = format;
      return chosen;
    }();
    {
      test_node kit{3, quiet({.store = disk})};
      auto orders = orders_of(kit.node(), options);
      REQUIRE(orders.publish_at(
          order{7, "c"}, start + 1h,
          {.key = "other", .correlation_id = {1, 2}, .causation_id = {3, 4}}));
      static_cast<void>(kit.node().stop(1s));
    }
    test_node kit{3, quiet({.store = disk})};
    orders_of(kit.node(), options);
    int seen = 0;
    kit.node().subscribe("billing", "orders", [&](const order& one, weir::context& context) {
      ++seen;
      CHECK(one.number == 7);
      CHECK(one.customer == "c");
      CHECK(context.key() == "other");
      CHECK(context.header().correlation_id() == weir::event_id{1, 2});
      CHECK(context.header().causation_id() == weir::event_id{3, 4});
    });
    REQUIRE(kit.node().start());
    kit.advance(1h);
    CHECK(seen == 1);
  }
}

TEST_CASE("what is cancelled is not published by a later run", "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  {
    shop first{3, disk};
    auto one = first.orders.publish_at(numbered(1), start + 1h);
    REQUIRE(one);
    REQUIRE(first.orders.publish_at(numbered(2), start + 1h));
    CHECK(one->cancel());
    first.kit.run();
    CHECK(timers(*disk) == 1);
    static_cast<void>(first.kit.node().stop(1s));
  }
  shop next{3, disk};
  REQUIRE(next.kit.node().start());
  next.kit.advance(2h);
  CHECK(next.seen == numbers{2});
}

TEST_CASE("topics in memory schedule in memory", "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  test_node kit{3, quiet({.store = disk})};
  auto orders = orders_of(kit.node());
  CHECK(orders.publish_at(numbered(1), start + 1h, wait_for::stored, 1h));
  kit.run();
  CHECK(timers(*disk) == 0);
  CHECK(orders.publish_at(numbered(1), start + 1h, wait_for::handled, 1h).error().code ==
        errc::invalid_argument);
}

TEST_CASE("what the schedule has no room for never comes into the store", "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  weir::node_options options;
  options.scheduled.events_max = 2;
  shop full{3, disk, options};
  CHECK(full.orders.publish_at(numbered(1), start + 1h));
  CHECK(full.orders.publish_at(numbered(2), start + 1h));
  CHECK(full.orders.publish_at(numbered(3), start + 1h).error().code == errc::schedule_full);
  full.kit.run();
  CHECK(timers(*disk) == 2);
}

TEST_CASE("timers that find no room stay in the store for the next run", "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  {
    shop first{3, disk};
    for (std::int64_t i = 0; i < 5; ++i) {
      REQUIRE(first.orders.publish_at(numbered(i), start + 1h));
    }
    static_cast<void>(first.kit.node().stop(1s));
  }
  weir::node_options options;
  options.scheduled.events_max = 2;
  for (const std::size_t left : {3U, 1U, 0U}) {
    shop next{3, disk, options};
    REQUIRE(next.kit.node().start());
    next.kit.advance(2h);
    REQUIRE(next.kit.node().stop(1h).drained);
    CHECK(timers(*disk) == left);
  }
}

TEST_CASE("a damaged timer costs itself, and no number is given twice", "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  {
    shop first{3, disk};
    for (std::int64_t i = 0; i < 5; ++i) {
      REQUIRE(first.orders.publish_at(numbered(i), start + 1h));
    }
    static_cast<void>(first.kit.node().stop(1s));
  }
  std::string last;
  REQUIRE(disk->scan(table::timers, "", "", [&](std::string_view key, std::string_view) {
    last = key;
    return true;
  }));
  disk->sealed(table::timers, last)->at(12) ^= 1;
  shop next{3, disk};
  REQUIRE(next.kit.node().start());
  CHECK(next.orders.publish_at(numbered(9), start + 1h, wait_for::stored, 1h));
  next.kit.advance(2h);
  std::sort(next.seen.begin(), next.seen.end());
  CHECK(next.seen == numbers{0, 1, 2, 3, 9});
  std::string still;
  CHECK_FALSE(disk->get(table::timers, last, still).has_value());
}

TEST_CASE("wherever a node crashes, what was scheduled and stored is published once",
          "[node][durable]") {
  std::uint64_t crashes = 0;
  std::size_t fired_before = 0;
  for (std::uint64_t call = 1; call <= 120; ++call) {
    const auto disk = std::make_shared<memory_store>();
    std::map<std::int64_t, bool> stored;
    {
      shop first{call, disk};
      disk->set_faults({.seed = call, .crash_at_call = call});
      for (std::int64_t i = 0; i < 40; ++i) {
        const auto at = first.kit.now() + 1s * (i % 7);
        const bool waits = i % 3 == 0;
        const auto sent = waits
                              ? first.orders.publish_at(numbered(i), at, wait_for::stored, 1h)
                              : first.orders.publish_at(numbered(i), at);
        if (sent && waits) stored[i] = true;
        first.kit.advance(500ms);
      }
      first.kit.run();
      fired_before += first.seen.size();
    }
    crashes += disk->calls() >= call;
    disk->set_faults({});
    disk->reopen();
    numbers log;
    {
      shop next{call, disk};
      next.kit.node()
          .subscribe("audit", "orders", [&](const order& one) { log.push_back(one.number); })
          .starting(weir::from_earliest());
      INFO("crash at call " << call);
      REQUIRE(next.kit.node().start());
      next.kit.advance(24h);
      REQUIRE(next.kit.drain(1h).drained);
      CHECK(next.kit.final_verdict() == "");
    }
    std::map<std::int64_t, int> times;
    for (const auto number : log) ++times[number];
    INFO("crash at call " << call);
    for (const auto& [number, count] : times) CHECK(count == 1);
    for (const auto& [number, known] : stored) CHECK(times[number] == 1);
    CHECK(timers(*disk) == 0);
  }
  CHECK(crashes > 60);
  CHECK(fired_before > 100);
}

TEST_CASE("an event whose timer cannot be flushed is not said to be stored", "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  shop one{3, disk};
  REQUIRE(one.kit.node().start());
  disk->set_faults({.fail_at_call = disk->calls() + 1});
  CHECK(one.orders.publish_at(numbered(1), start + 1h, wait_for::stored, 1h).error().code ==
        errc::store_failed);
}
