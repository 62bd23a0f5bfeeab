// SPDX-License-Identifier: BSD-3-Clause
// Durable topics through whole nodes that share a store, one after the other: what was acknowledged
// is there, and each subscription goes on where it was, wherever the first node ended.
#include <map>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::wait_for;
using weir::store::memory_store;
using weir::testkit::test_node;

namespace {

using numbers = std::vector<std::int64_t>;
constexpr weir::topic::topic_options small{
    .partitions = 2, .batch_events_max = 4, .ring_events = 16, .durable = true};

weir::node_options on(const std::shared_ptr<memory_store>& disk) {
  return quiet({.store = disk});
}

/// Known to the program by being published, and by nothing else.
struct only_published {
  std::int64_t number = 0;
};
WEIR_EVENT(only_published, "test.only_published", 1, (number))
struct only_batched {
  std::int64_t number = 0;
};
WEIR_EVENT(only_batched, "test.only_batched", 1, (number))
struct only_from_handlers {
  std::int64_t number = 0;
};
WEIR_EVENT(only_from_handlers, "test.only_from_handlers", 1, (number))

order numbered(std::int64_t i) { return order{i, "c" + std::to_string(i % 5)}; }

void publish(weir::topic_handle& to, std::int64_t from, std::int64_t end) {
  for (auto i = from; i < end; ++i) {
    const auto sent = to.publish(numbered(i));
    INFO(i << ": " << (sent ? "" : to_string(sent.error())));
    REQUIRE(sent);
  }
}

numbers up_to(std::int64_t end) {
  numbers all;
  for (std::int64_t i = 0; i < end; ++i) all.push_back(i);
  return all;
}

numbers sorted(numbers some) {
  std::sort(some.begin(), some.end());
  return some;
}

/// Events of one customer come in the order of their numbers, those that come again aside.
bool in_order(const numbers& seen) {
  std::map<std::int64_t, std::int64_t> newest;
  for (const auto number : seen) {
    const auto [entry, first] = newest.emplace(number % 5, number);
    if (!first && number <= entry->second) return false;
    entry->second = number;
  }
  return true;
}

}  // namespace

TEST_CASE("a subscription goes on in the next node where it was in the last", "[node][durable]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto disk = std::make_shared<memory_store>();
    numbers seen;
    for (std::int64_t run = 0; run < 4; ++run) {
      test_node kit{seed, on(disk)};
      auto orders = orders_of(kit.node(), small);
      kit.node().subscribe("billing", "orders",
                           [&](const order& one) { seen.push_back(one.number); });
      publish(orders, run * 50, run * 50 + 50);
      REQUIRE(kit.drain(1h).drained);
      CHECK(kit.final_verdict() == "");
      REQUIRE(kit.node().stop(1h).drained);
    }
    CHECK(sorted(seen) == up_to(200));
    CHECK(in_order(seen));
  }
}

TEST_CASE("what a subscription has not settled comes again in the next node", "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), small);
    kit.node()
        .subscribe("billing", "orders",
                   [](const order&) -> weir::result<void> {
                     return weir::fail(errc::unavailable, "later");
                   })
        .retry(9, weir::fixed(20h));
    publish(orders, 0, 50);
    CHECK_FALSE(kit.node().stop(1h).drained);
  }
  test_node kit{3, on(disk)};
  auto orders = orders_of(kit.node(), small);
  numbers seen;
  kit.node().subscribe("billing", "orders", [&](const order& one) { seen.push_back(one.number); });
  REQUIRE(kit.node().start());
  CHECK(kit.drain(1h).drained);
  CHECK(sorted(seen) == up_to(50));
  CHECK(in_order(seen));
}

TEST_CASE("a slow subscription of a durable topic holds nobody up, and catches up in order",
          "[node][durable]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed, on(std::make_shared<memory_store>())};
    auto orders = orders_of(kit.node(), small);
    numbers slow, fast;
    bool stuck = true;
    kit.node()
        .subscribe("slow", "orders",
                   [&](const order& one) -> weir::result<void> {
                     if (stuck) return weir::fail(errc::unavailable, "later");
                     slow.push_back(one.number);
                     return {};
                   })
        .retry(1000, weir::fixed(1h))
        .credit(2);
    kit.node().subscribe("fast", "orders",
                         [&](const order& one) { fast.push_back(one.number); });
    publish(orders, 0, 500);  // many times what the ring holds
    kit.run();
    CHECK(sorted(fast) == up_to(500));
    CHECK(slow.empty());
    stuck = false;
    REQUIRE(kit.drain(2h).drained);
    CHECK(sorted(slow) == up_to(500));
    CHECK(in_order(slow));
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a subscription that comes late may begin anywhere in what is stored",
          "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  test_node kit{3, on(disk)};
  auto options = small;
  options.partitions = 1;
  auto orders = orders_of(kit.node(), options);
  publish(orders, 0, 30);
  kit.advance(1h);
  const auto later = kit.now();
  publish(orders, 30, 60);
  kit.run();
  const auto first_of = [&](const std::string& name, weir::start_position from) {
    numbers seen;
    kit.node()
        .subscribe(name, "orders", [&](const order& one) { seen.push_back(one.number); })
        .starting(from);
    REQUIRE(kit.node().start());
    REQUIRE(kit.drain(1h).drained);
    REQUIRE(kit.node().unsubscribe(name));
    return seen;
  };
  CHECK(first_of("all", weir::from_earliest()) == up_to(60));
  CHECK(first_of("some", weir::from_offset(57)) == numbers{57, 58, 59});
  CHECK(first_of("recent", weir::from_time(later)).front() == 30);
  CHECK(first_of("none", weir::from_latest()).empty());
  kit.node().subscribe("beyond", "orders", [](const order&) {}).starting(weir::from_offset(61));
  CHECK(kit.node().start().error().code == errc::not_found);
}

TEST_CASE("what ends is forgotten: its name begins anew", "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  int seen = 0;
  for (int run = 0; run < 2; ++run) {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), small);
    kit.node()
        .subscribe("billing", "orders", [&](const order&) { ++seen; })
        .starting(weir::from_earliest());
    if (run == 0) publish(orders, 0, 30);
    REQUIRE(kit.node().start());
    REQUIRE(kit.drain(1h).drained);
    REQUIRE(kit.node().unsubscribe("billing"));
    REQUIRE(kit.node().stop(1h).drained);
  }
  CHECK(seen == 60);
}

TEST_CASE("a topic is not durable without a place to keep it", "[node][durable]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node(), small);
  const auto started = kit.node().start();
  REQUIRE_FALSE(started);
  CHECK_THAT(started.error().message, Catch::Contains("no data_dir"));
}

TEST_CASE("after a failed flush nothing is acknowledged, shown or lost silently",
          "[node][durable]") {
  for (std::uint64_t call = 1; call <= 30; ++call) {
    const auto disk = std::make_shared<memory_store>();
    test_node kit{call, on(disk)};
    auto orders = orders_of(kit.node(), small);
    numbers seen, acknowledged;
    kit.node().subscribe("billing", "orders",
                         [&](const order& one) { seen.push_back(one.number); });
    REQUIRE(kit.node().start());
    disk->set_faults({.fail_at_call = disk->calls() + call});
    bool failed = false;
    for (std::int64_t i = 0; i < 40; ++i) {
      const auto stored = orders.publish(numbered(i), wait_for::stored, 1h);
      if (stored) {
        CHECK_FALSE(failed);
        acknowledged.push_back(i);
      } else {
        failed = true;
        CHECK(stored.error().code != errc::timeout);
        break;
      }
    }
    kit.run();
    CHECK(seen.size() <= acknowledged.size());
    const auto report = kit.drain(1h);
    INFO("failing call " << call << ": " << to_string(report));
    CHECK(report.drained == !failed);
    if (failed) {
      REQUIRE(report.lost.size() == 1);
      CHECK(report.lost.front().events == 1);
      CHECK_THAT(to_string(report), Catch::Contains("are not stored"));
    }
  }
}

TEST_CASE("wherever a node crashes, what it acknowledged is handled by the next, in order",
          "[node][durable]") {
  std::uint64_t crashes = 0;
  for (std::uint64_t call = 1; call <= 120; ++call) {
    const auto disk = std::make_shared<memory_store>();
    numbers handled, acknowledged;
    const auto remember = [&](const order& one) { handled.push_back(one.number); };
    {
      test_node kit{call, on(disk)};
      auto orders = orders_of(kit.node(), small);
      kit.node().subscribe("billing", "orders", remember);
      disk->set_faults({.seed = call, .crash_at_call = call});
      for (std::int64_t i = 0; i < 60; ++i) {
        const bool waits = i % 3 == 0;
        if (waits && orders.publish(numbered(i), wait_for::stored, 1h)) acknowledged.push_back(i);
        if (!waits && !orders.publish(numbered(i))) break;
        kit.run(call % 7);
      }
      kit.run();
      static_cast<void>(kit.node().stop(1s));
    }
    crashes += disk->calls() >= call;
    disk->set_faults({});
    disk->reopen();
    const auto before = handled.size();
    numbers log;
    test_node kit{call, on(disk)};
    auto orders = orders_of(kit.node(), small);
    kit.node().subscribe("billing", "orders", remember);
    kit.node()
        .subscribe("audit", "orders", [&](const order& one) { log.push_back(one.number); })
        .starting(weir::from_earliest());
    INFO("crash at call " << call);
    REQUIRE(kit.node().start());
    REQUIRE(kit.drain(1h).drained);
    CHECK(in_order(numbers(handled.begin() + static_cast<std::ptrdiff_t>(before), handled.end())));
    CHECK(in_order(log));
    for (const auto number : acknowledged) {
      CHECK(std::count(log.begin(), log.end(), number) == 1);
      CHECK(std::count(handled.begin(), handled.end(), number) >= 1);
    }
    CHECK(kit.final_verdict() == "");
  }
  CHECK(crashes > 60);
}

TEST_CASE("a damaged record halts who reads it and names its offset; others go on",
          "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  auto options = small;
  options.partitions = 1;
  {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), options);
    publish(orders, 0, 40);
    REQUIRE(kit.drain(1h).drained);
    REQUIRE(kit.node().stop(1h).drained);
  }
  std::string key;
  REQUIRE(disk->scan(weir::store::table::log, "", "", [&](std::string_view at, std::string_view) {
    key = at;  // the newest but one
    return true;
  }));
  numbers early, late;
  test_node kit{3, on(disk)};
  auto orders = orders_of(kit.node(), options);
  kit.node()
      .subscribe("early", "orders", [&](const order& one) { early.push_back(one.number); })
      .starting(weir::from_earliest());
  kit.node().subscribe("late", "orders", [&](const order& one) { late.push_back(one.number); });
  REQUIRE(kit.node().start());
  disk->sealed(weir::store::table::log, key)->at(20) ^= 1;
  publish(orders, 40, 45);
  kit.run();
  const auto report = kit.drain(1h);
  CHECK(late == numbers{40, 41, 42, 43, 44});
  CHECK(early.size() < 40);
  REQUIRE(report.left.size() == 1);
  CHECK(report.left.front().subscription == "early");
  CHECK_THAT(report.left.front().halted, Catch::Contains("store_corrupt"));
}

TEST_CASE("what is only ever published can be stored", "[node][durable]") {
  test_node kit{3, on(std::make_shared<memory_store>())};
  auto log = kit.node().topic("log", {.durable = true});
  auto orders = orders_of(kit.node());
  kit.node().subscribe("billing", "orders", [log](const order& one, weir::context& context) {
    return context.publish(log, only_from_handlers{one.number});
  });
  auto publisher = kit.node().make_publisher(log);
  REQUIRE(publisher);
  CHECK(publisher->publish(only_published{1}, wait_for::stored, 1h));
  std::vector<only_batched> batch(2);
  CHECK(publisher->publish_batch(std::span{batch}) == 2U);
  REQUIRE(orders.publish(numbered(1)));
  CHECK(kit.drain(1h).drained);
  CHECK(publisher->publish(only_published{2}, wait_for::stored, 1h));
}
