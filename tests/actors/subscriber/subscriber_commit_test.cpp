// SPDX-License-Identifier: BSD-3-Clause
// Transactional subscriptions through whole nodes that share a store, one after the other: what
// handlers keep and publish happens once for each stored event, wherever nodes crash and whatever
// handlers do.
#include <map>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/sim/fault_plan.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::store::memory_store;
using weir::testkit::test_node;

namespace {

constexpr weir::topic::topic_options small{
    .partitions = 2, .batch_events_max = 4, .ring_events = 16, .durable = true};
using counts = std::map<std::int64_t, int>;

weir::node_options on(const std::shared_ptr<memory_store>& disk) {
  return quiet({.store = disk});
}

struct topics {
  explicit topics(weir::node& node) : orders(orders_of(node, small)), invoices(invoices_of(node)) {}
  static weir::topic_handle invoices_of(weir::node& node) {
    auto topic = node.topic("invoices", small);
    topic.key<invoice>(&invoice::customer);
    return topic;
  }
  weir::topic_handle orders;
  weir::topic_handle invoices;
};

order numbered(std::int64_t i) { return order{i, "c" + std::to_string(i % 5)}; }

/// Handles an order once: counts it, and publishes its invoice.
struct biller {
  weir::topic_handle invoices;
  weir::result<void> operator()(const order& one, weir::context& context) {
    auto& seen = context.state<std::int64_t, int>("seen");
    if (auto counted = seen.update(one.number, [](int& times) { ++times; }); !counted) {
      return counted;
    }
    return context.publish(invoices, invoice{one.number, one.customer});
  }
};

counts counted(const memory_store& disk, const std::string& subscription) {
  counts all;
  REQUIRE(weir::delivery::scan_stored<std::int64_t, int>(
      disk, subscription, "seen", [&](std::int64_t number, int times) { all[number] += times; }));
  return all;
}

/// Everything that a topic has, by one who reads all of it; in the order of each key.
template <class T>
std::vector<std::int64_t> log_of(test_node& kit, const std::string& topic) {
  std::vector<std::int64_t> log;
  kit.node()
      .subscribe("audit-" + topic, topic, [&](const T& one) { log.push_back(one.number); })
      .starting(weir::from_earliest());
  REQUIRE(kit.node().start());
  REQUIRE(kit.drain(10h).drained);
  std::map<std::int64_t, std::int64_t> newest;
  for (const auto number : log) {
    const auto [entry, first] = newest.emplace(number % 5, number);
    CHECK((first || number > entry->second));
    entry->second = number;
  }
  return log;
}

/// What is in `disk` now says that every stored order was handled once.
void check_exactly_once(const std::shared_ptr<memory_store>& disk, std::uint64_t seed,
                        const std::function<void(weir::node&, topics&)>& subscribe) {
  test_node kit{seed, on(disk)};
  topics of{kit.node()};
  subscribe(kit.node(), of);
  const auto orders = log_of<order>(kit, "orders");
  const auto invoices = log_of<invoice>(kit, "invoices");
  CHECK(kit.final_verdict() == "");
  REQUIRE(kit.node().stop(1h).drained);
  counts once;
  for (const auto number : orders) once[number] = 1;
  CHECK(once.size() == orders.size());
  CHECK(counted(*disk, "billing") == once);
  auto sorted = invoices;
  std::sort(sorted.begin(), sorted.end());
  auto all = orders;
  std::sort(all.begin(), all.end());
  CHECK(sorted == all);
}

void bill(weir::node& node, topics& of) {
  // A read of the store may fail, and is tried again.
  node.subscribe("billing", "orders", biller{of.invoices}).transactional().retry(1);
}

}  // namespace

TEST_CASE("wherever a node crashes, each stored event's effects happen once",
          "[node][durable][transactional]") {
  std::uint64_t crashes = 0;
  for (std::uint64_t call = 1; call <= 250; ++call) {
    const auto disk = std::make_shared<memory_store>();
    INFO("crash at call " << call);
    {
      test_node kit{call, on(disk)};
      topics of{kit.node()};
      bill(kit.node(), of);
      disk->set_faults({.seed = call, .crash_at_call = call});
      for (std::int64_t i = 0; i < 300; ++i) {
        if (!of.orders.publish(numbered(i))) break;
        kit.run(5 + call % 11);
      }
      kit.run();
      static_cast<void>(kit.node().stop(1s));
    }
    crashes += disk->calls() >= call;
    disk->set_faults({});
    disk->reopen();
    check_exactly_once(disk, call, bill);
  }
  CHECK(crashes > 150);
}

TEST_CASE("what handlers throw and whom they end leaves no trace",
          "[node][durable][transactional]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    const auto disk = std::make_shared<memory_store>();
    const auto faults = std::make_shared<weir::sim::fault_plan>(seed);
    faults->set("throws", 0.2).set("ends", 0.1);
    const auto passes = std::make_shared<std::uint64_t>(0);
    const auto troubled = [=](weir::node& node, topics& of) {
      node.subscribe("billing", "orders",
                     [=, bills = biller{of.invoices}](const order& one,
                                                      weir::context& context) mutable {
                       auto done = bills(one, context);
                       const auto pass = ++*passes;
                       if (faults->fires("throws", pass)) throw std::runtime_error("no");
                       if (faults->fires("ends", pass)) throw 7;
                       return done;
                     })
          .transactional()
          .retry(100)
          .max_deliveries(100);
    };
    {
      auto options = on(disk);
      options.intensity = {.restarts = 10'000, .window = 1s};
      test_node kit{seed, options};
      topics of{kit.node()};
      troubled(kit.node(), of);
      for (std::int64_t i = 0; i < 100; ++i) {
        REQUIRE(of.orders.publish(numbered(i)));
        kit.run(seed % 7);
      }
      REQUIRE(kit.drain(10h).drained);
      CHECK(kit.final_verdict() == "");
      REQUIRE(kit.node().stop(1h).drained);
    }
    CHECK(counted(*disk, "billing").size() == 100);
    check_exactly_once(disk, seed, bill);
  }
}

TEST_CASE("members of a transactional group hand over their states",
          "[node][durable][transactional]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    const auto disk = std::make_shared<memory_store>();
    test_node kit{seed, on(disk)};
    topics of{kit.node()};
    const auto join = [&](const std::string& name) {
      kit.node().subscribe(name, "orders", biller{of.invoices}).transactional().group("billing");
      REQUIRE(kit.node().start());
    };
    join("first");
    for (std::int64_t i = 0; i < 150; ++i) {
      if (i == 50) join("second");
      if (i == 100) REQUIRE(kit.node().unsubscribe("first", 1h));
      REQUIRE(of.orders.publish(numbered(i)));
      kit.run(seed % 5);
    }
    REQUIRE(kit.drain(1h).drained);
    CHECK(kit.final_verdict() == "");
    REQUIRE(kit.node().stop(1h).drained);
    const auto all = counted(*disk, "billing");
    CHECK(all.size() == 150);
    for (const auto& [number, times] : all) CHECK(times == 1);
  }
}

TEST_CASE("a dead letter stops its partition until it is kept, and its attempt leaves no trace",
          "[node][durable][transactional]") {
  const auto disk = std::make_shared<memory_store>();
  test_node kit{3, on(disk)};
  topics of{kit.node()};
  kit.node()
      .subscribe("billing", "orders",
                 [bills = biller{of.invoices}](const order& one, weir::context& context) mutable {
                   auto done = bills(one, context);
                   if (one.number % 10 != 3) return done;
                   return weir::result<void>{weir::fail(errc::rejected, "no")};
                 })
      .transactional();
  for (std::int64_t i = 0; i < 100; ++i) REQUIRE(of.orders.publish(numbered(i)));
  REQUIRE(kit.drain(1h).drained);
  CHECK(kit.node().dead_letters().size() == 10);
  CHECK(log_of<invoice>(kit, "invoices").size() == 90);
  CHECK(kit.final_verdict() == "");
  REQUIRE(kit.node().stop(1h).drained);
  const auto all = counted(*disk, "billing");
  CHECK(all.size() == 90);
  CHECK_FALSE(all.contains(3));
}

TEST_CASE("a commit that fails halts the subscription, which says so",
          "[node][durable][transactional]") {
  std::uint64_t halts = 0;
  for (std::uint64_t call = 1; call <= 30; ++call) {
    INFO("failing call " << call);
    const auto disk = std::make_shared<memory_store>();
    test_node kit{call, on(disk)};
    topics of{kit.node()};
    bill(kit.node(), of);
    REQUIRE(kit.node().start());
    disk->set_faults({.fail_at_call = disk->calls() + call});
    for (std::int64_t i = 0; i < 60; ++i) {
      if (!of.orders.publish(numbered(i))) break;
      kit.run(call % 7);
    }
    // Reads fail, too: then what was asked is read again, or nothing more is handled.
    const auto report = kit.drain(1h);
    for (const auto& left : report.left) halts += !left.halted.empty();
    disk->set_faults({});
    static_cast<void>(kit.node().stop(1s));
    disk->reopen();
    check_exactly_once(disk, call, bill);
  }
  CHECK(halts > 10);
}

TEST_CASE("states are remembered within their limit and read back beyond it",
          "[node][durable][transactional]") {
  const auto disk = std::make_shared<memory_store>();
  {
    test_node kit{5, on(disk)};
    topics of{kit.node()};
    kit.node()
        .subscribe("billing", "orders", biller{of.invoices})
        .transactional()
        .state_bytes(64 << 10);
    for (std::int64_t round = 0; round < 2; ++round) {
      for (std::int64_t i = 0; i < 5'000; ++i) {
        REQUIRE(of.orders.publish(numbered(i)));
        if (i % 100 == 0) kit.run();
      }
    }
    REQUIRE(kit.drain(1h).drained);
    REQUIRE(kit.node().stop(1h).drained);
  }
  const auto all = counted(*disk, "billing");
  CHECK(all.size() == 5'000);
  for (const auto& [number, times] : all) CHECK(times == 2);
}

TEST_CASE("a subscription that ends takes its states with it", "[node][durable][transactional]") {
  const auto disk = std::make_shared<memory_store>();
  test_node kit{3, on(disk)};
  topics of{kit.node()};
  bill(kit.node(), of);
  for (std::int64_t i = 0; i < 20; ++i) REQUIRE(of.orders.publish(numbered(i)));
  REQUIRE(kit.drain(1h).drained);
  CHECK(counted(*disk, "billing").size() == 20);
  REQUIRE(kit.node().unsubscribe("billing"));
  REQUIRE(kit.node().stop(1h).drained);
  CHECK(counted(*disk, "billing").empty());
}

TEST_CASE("what is transactional is checked before the start", "[node][transactional]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node());
  kit.node().subscribe("memory", "orders", [](const order&) {}).transactional();
  kit.node()
      .subscribe("waits", "orders",
                 [](const order&, weir::task_context&) -> weir::task<weir::result<void>> {
                   co_return weir::result<void>{};
                 })
      .transactional()
      .state_bytes(1);
  const auto started = kit.node().start();
  REQUIRE_FALSE(started);
  CHECK_THAT(started.error().message,
             Catch::Contains("memory is transactional, and topic orders is not durable") &&
                 Catch::Contains("'waits': transactional is for enrichers and handlers") &&
                 Catch::Contains("state_bytes"));
}

TEST_CASE("who is not transactional has no states, and is told", "[node][transactional]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node());
  kit.node().subscribe("billing", "orders", [](const order&, weir::context& context) {
    static_cast<void>(context.state<int, int>("seen").get(1));
  });
  REQUIRE(orders.publish(numbered(1)));
  REQUIRE(kit.drain(1h).drained);
  REQUIRE(kit.node().dead_letters().size() == 1);
  CHECK_THAT(to_string(kit.node().dead_letters().front().failure),
             Catch::Contains("transactional subscriptions, and billing is none"));
}

TEST_CASE("an event has one idempotency key per subscription, in every attempt and run",
          "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  std::map<std::string, std::vector<std::string>> keys;
  for (int run = 0; run < 2; ++run) {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), small);
    for (const auto* name : {"billing", "shipping"}) {
      kit.node()
          .subscribe(name, "orders",
                     [&keys, name](const order&, weir::context& context) -> weir::result<void> {
                       keys[name].push_back(context.idempotency_key());
                       return weir::fail(errc::unavailable, "later");
                     })
          .retry(1)
          .then_halt();
    }
    if (run == 0) REQUIRE(orders.publish(numbered(1)));
    kit.run();
    static_cast<void>(kit.node().stop(1s));
  }
  for (const auto& [name, seen] : keys) {
    CHECK(seen.size() == 4);
    for (const auto& key : seen) CHECK(key == seen.front());
  }
  CHECK(keys["billing"].front() != keys["shipping"].front());
}
