// SPDX-License-Identifier: BSD-3-Clause
// Durable topics that do not keep everything: what is deleted, what is not, and that whoever comes
// later goes on where something is.
#include <algorithm>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/observe/ledger.hpp"
#include "weir/runtime/store/examine.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/runtime/store/survey.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::store::memory_store;
using weir::testkit::test_node;

namespace {

constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t kept = mib;
const std::string heavy(1'000, 'x');

weir::node_options on(const std::shared_ptr<memory_store>& disk) {
  return quiet({.store = disk});
}

constexpr weir::topic::topic_options by_bytes{.durable = true, .keep_bytes = kept};
constexpr weir::topic::topic_options by_age{.durable = true, .keep_for = 1h};

void publish(test_node& kit, weir::topic_handle& orders, std::int64_t from, std::int64_t end) {
  for (auto i = from; i < end; ++i) {
    REQUIRE(orders.publish(order{i, heavy}, {.key = "c"}));
    if (i % 20 == 0) kit.run();
  }
  kit.run();
}

weir::store::log_survey survey(const memory_store& disk) {
  const auto found = weir::store::examine(disk, [](const std::string& what) { FAIL(what); });
  REQUIRE(found);
  return weir::store::survey_logs(disk).value().at({"orders", 0});
}

}  // namespace

TEST_CASE("a topic keeps as many bytes as it says, and what comes later begins where it begins",
          "[node][durable][retention]") {
  const auto disk = std::make_shared<memory_store>();
  std::int64_t published = 0;
  for (int run = 0; run < 3; ++run) {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), by_bytes);
    std::uint64_t seen = 0;
    kit.node().subscribe("billing", "orders", [&](const order&) { ++seen; });
    REQUIRE(kit.node().start());
    publish(kit, orders, published, published + 4'000);
    published += 4'000;
    REQUIRE(kit.drain(1h).drained);
    CHECK(seen == 4'000);
    CHECK(kit.final_verdict() == "");
    const auto log = survey(*disk);
    CHECK(log.end == static_cast<std::uint64_t>(published));
    CHECK(log.bytes >= kept);
    CHECK(log.bytes <= kept + kept / 4);

    std::vector<std::int64_t> rest;
    kit.node()
        .subscribe("late", "orders", [&](const order& one) { rest.push_back(one.number); })
        .starting(weir::from_earliest());
    REQUIRE(kit.node().start());
    REQUIRE(kit.drain(1h).drained);
    // What is given up may still be there for a moment, but is not handed out.
    REQUIRE(rest.size() >= kept / 1'100);
    CHECK(rest.back() == published - 1);
    CHECK(rest.front() + static_cast<std::int64_t>(rest.size()) == published);
    REQUIRE(kit.node().unsubscribe("late"));
    REQUIRE(kit.node().stop(1h).drained);
  }
}

TEST_CASE("nothing is deleted that a subscription has not settled, also one that is away",
          "[node][durable][retention]") {
  const auto disk = std::make_shared<memory_store>();
  std::uint64_t seen = 0;
  {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), by_bytes);
    kit.node().subscribe("billing", "orders", [&](const order&) { ++seen; });
    kit.node().subscribe("paused", "orders", [](const order&) {});
    REQUIRE(kit.node().start());
    publish(kit, orders, 0, 100);
    REQUIRE(kit.drain(1h).drained);
    REQUIRE(kit.node().pause("paused"));
    publish(kit, orders, 100, 4'000);
    static_cast<void>(kit.node().stop(1h));
    CHECK(survey(*disk).first <= 100);
  }
  {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), by_bytes);
    kit.node().subscribe("billing", "orders", [&](const order&) { ++seen; });
    REQUIRE(kit.node().start());
    publish(kit, orders, 4'000, 8'000);
    REQUIRE(kit.drain(1h).drained);
    CHECK(survey(*disk).first <= 100);
    REQUIRE(kit.node().stop(1h).drained);
  }
  CHECK(seen == 8'000);
  {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), by_bytes);
    std::uint64_t late = 0;
    kit.node().subscribe("paused", "orders", [&](const order&) { ++late; });
    REQUIRE(kit.drain(1h).drained);
    CHECK(late == 7'900);
    // It has settled, and billing, which is away, has too.
    publish(kit, orders, 8'000, 8'100);
    REQUIRE(kit.drain(1h).drained);
    kit.advance(1s);
    publish(kit, orders, 8'100, 8'200);
    REQUIRE(kit.node().stop(1h).drained);
    CHECK(survey(*disk).first > 6'000);
  }
}

TEST_CASE("what is too old is deleted, also while nothing comes", "[node][durable][retention]") {
  const auto disk = std::make_shared<memory_store>();
  test_node kit{3, on(disk)};
  auto orders = orders_of(kit.node(), by_age);
  kit.node().subscribe("billing", "orders", [](const order&) {});
  REQUIRE(kit.node().start());
  for (std::int64_t i = 0; i < 12; ++i) {
    publish(kit, orders, i * 10, i * 10 + 10);
    kit.advance(10min);
  }
  REQUIRE(kit.drain(1s).drained);
  // Two hours in all: the first of them is gone.
  auto log = survey(*disk);
  CHECK(log.first >= 50);
  CHECK(log.first <= 70);
  kit.advance(3h);
  log = survey(*disk);
  CHECK(log.first == 110);
  CHECK(log.end == 120);
  publish(kit, orders, 120, 121);
  CHECK(survey(*disk).end == 121);
  REQUIRE(kit.node().stop(1h).drained);
}

TEST_CASE("a subscription that yields loses what is deleted, counted, and handles the rest in "
          "order",
          "[node][durable][retention]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    const auto disk = std::make_shared<memory_store>();
    test_node kit{seed, on(disk)};
    auto orders = orders_of(kit.node(), by_bytes);
    kit.node().subscribe("billing", "orders", [](const order&) {});
    std::vector<std::int64_t> seen;
    kit.node()
        .subscribe("yields", "orders", [&](const order& one) { seen.push_back(one.number); })
        .credit(2)
        .rate_limit(100, 5)
        .overflow(weir::overflow::drop_oldest);
    REQUIRE(kit.node().start());
    publish(kit, orders, 0, 4'000);
    if (seed % 2 == 0) REQUIRE(kit.node().pause("yields"));
    publish(kit, orders, 4'000, 8'000);
    if (seed % 2 == 0) REQUIRE(kit.node().resume("yields"));
    kit.advance(5s);
    publish(kit, orders, 8'000, 8'010);
    REQUIRE(kit.drain(1h).drained);
    CHECK(kit.final_verdict() == "");
    const auto counts = ledger_of(kit.node(), "yields");
    CHECK(counts.dropped_for(weir::observe::drop_reason::retention) == counts.dropped_total());
    CHECK(counts.dropped_total() > 3'000);
    CHECK(counts.dropped_total() + seen.size() == 8'010);
    CHECK(std::is_sorted(seen.begin(), seen.end()));
    CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
    CHECK(seen.back() == 8'009);
    CHECK(ledger_of(kit.node(), "billing").dropped_total() == 0);
    REQUIRE(kit.node().stop(1h).drained);
    const auto log = survey(*disk);
    CHECK(log.bytes <= kept + kept / 4);
  }
}

TEST_CASE("what was deleted while a subscription that yields was away is counted when it is back",
          "[node][durable][retention]") {
  for (const bool still_yields : {true, false}) {
    const auto disk = std::make_shared<memory_store>();
    const auto begin = [&](test_node& kit, bool yields, std::uint64_t& seen) {
      kit.node()
          .subscribe("away", "orders", [&seen](const order&) { ++seen; })
          .overflow(yields ? weir::overflow::drop_oldest : weir::overflow::block);
    };
    std::uint64_t seen = 0;
    {
      test_node kit{3, on(disk)};
      auto orders = orders_of(kit.node(), by_bytes);
      begin(kit, true, seen);
      REQUIRE(kit.node().start());
      publish(kit, orders, 0, 100);
      REQUIRE(kit.node().stop(1h).drained);
    }
    {
      test_node kit{3, on(disk)};
      auto orders = orders_of(kit.node(), by_bytes);
      REQUIRE(kit.node().start());
      publish(kit, orders, 100, 4'000);
      REQUIRE(kit.node().stop(1h).drained);
    }
    const auto first = survey(*disk).first;
    CHECK(first > 1'000);
    {
      test_node kit{3, on(disk)};
      auto orders = orders_of(kit.node(), by_bytes);
      std::uint64_t late = 0;
      begin(kit, still_yields, late);
      REQUIRE(kit.node().start());
      REQUIRE(kit.drain(1h).drained);
      CHECK(kit.final_verdict() == "");
      CHECK(late == 4'000 - first);
      const auto counts = ledger_of(kit.node(), "away");
      CHECK(counts.dropped_for(weir::observe::drop_reason::retention) == first - 100);
      publish(kit, orders, 4'000, 4'100);
      REQUIRE(kit.node().pause("away"));
      publish(kit, orders, 4'100, 8'000);
      static_cast<void>(kit.node().stop(1h));
      // It is not passed any more once it has said so.
      CHECK((survey(*disk).first <= 4'100) == !still_yields);
    }
  }
}

TEST_CASE("wherever a node crashes, a shortened log is whole and nothing unsettled is gone",
          "[node][durable][retention]") {
  std::uint64_t crashes = 0;
  std::uint64_t shortened = 0;
  for (std::uint64_t call = 3; call <= 180; call += 4) {
    INFO("crash at call " << call);
    const auto disk = std::make_shared<memory_store>();
    std::vector<std::int64_t> seen;
    const auto handle = [&](const order& one) { seen.push_back(one.number); };
    const auto yield = [](test_node& kit) {
      kit.node()
          .subscribe("yields", "orders", [](const order&) {})
          .overflow(weir::overflow::drop_oldest);
    };
    {
      test_node kit{call, on(disk)};
      auto orders = orders_of(kit.node(), by_bytes);
      kit.node().subscribe("billing", "orders", handle);
      if (call % 8 == 3) yield(kit);
      disk->set_faults({.seed = call, .crash_at_call = call});
      for (std::int64_t i = 0; i < 2'500; ++i) {
        if (!orders.publish(order{i, heavy}, {.key = "c"})) break;
        if (i % 20 == 0) kit.run();
      }
      kit.run();
      static_cast<void>(kit.node().stop(1s));
    }
    crashes += disk->calls() >= call;
    disk->set_faults({});
    disk->reopen();
    test_node kit{call, on(disk)};
    auto orders = orders_of(kit.node(), by_bytes);
    kit.node().subscribe("billing", "orders", handle);
    if (call % 8 == 3) yield(kit);
    REQUIRE(kit.node().start());
    REQUIRE(kit.drain(1h).drained);
    CHECK(kit.final_verdict() == "");
    // Handled from the first on, each at least once.
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    CHECK((seen.empty() || seen.back() == static_cast<std::int64_t>(seen.size()) - 1));
    REQUIRE(orders.publish(order{0, heavy}, {.key = "c"}));
    REQUIRE(kit.node().stop(1h).drained);
    shortened += survey(*disk).first > 0;
  }
  CHECK(crashes > 30);
  CHECK(shortened > 10);
}

TEST_CASE("a subscription of a durable topic blocks or yields, and chooses nothing else",
          "[node][retention]") {
  test_node kit{3, on(std::make_shared<memory_store>())};
  orders_of(kit.node(), by_bytes);
  kit.node().subscribe("fails", "orders", [](const order&) {}).overflow(weir::overflow::fail);
  const auto started = kit.node().start();
  REQUIRE_FALSE(started);
  CHECK_THAT(started.error().message,
             Catch::Contains("subscription fails: overflow fail is for topics in memory, and topic "
                             "orders is durable: block or drop_oldest"));
}

TEST_CASE("limits of what is kept are checked before the start", "[node][retention]") {
  test_node kit{3, on(std::make_shared<memory_store>())};
  kit.node().topic("memory", {.keep_for = 1h});
  kit.node().topic("short", {.durable = true, .keep_for = 1ms});
  kit.node().topic("small", {.durable = true, .keep_bytes = 1000});
  const auto started = kit.node().start();
  REQUIRE_FALSE(started);
  CHECK_THAT(started.error().message,
             Catch::Contains("topic memory: keep_for and keep_bytes are for durable topics") &&
                 Catch::Contains("topic short: keep_for 1ms is below 1 s") &&
                 Catch::Contains("topic small: keep_bytes 1000 is not in 1048576.."));
}
