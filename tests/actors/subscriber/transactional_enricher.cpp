// SPDX-License-Identifier: BSD-3-Clause
// Transactional enrichers through whole nodes that share a store: each stored event is enriched
// once, or has one dead letter, whatever the service answers, whom a join ends and where a node
// crashes.
#include <algorithm>
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

using numbers = std::vector<std::int64_t>;
constexpr weir::topic::topic_options small{
    .partitions = 2, .batch_events_max = 4, .ring_events = 16, .durable = true};
constexpr std::int64_t customers = 5;

weir::node_options on(const std::shared_ptr<memory_store>& disk) {
  auto options = quiet({.store = disk});
  options.intensity = {.restarts = 10'000, .window = 1s};
  return options;
}

order numbered(std::int64_t i) { return order{i, "c" + std::to_string(i % customers)}; }

/// Refused before, by the service, or not at all.
bool is_poison(std::int64_t number) { return number % 11 == 3 || number % 13 == 5; }

struct topology {
  topology(weir::node& node, std::uint64_t seed, double troubles)
      : orders(orders_of(node, small)), invoices(node.topic("invoices", small)) {
    invoices.key<invoice>(&invoice::customer);
    const auto faults = std::make_shared<weir::sim::fault_plan>(seed);
    faults->set("busy", troubles).set("ends", troubles / 4);
    const auto service = node.service(
        "names", [faults, asks = std::uint64_t{0}](const std::int64_t& number) mutable
        -> weir::result<std::string> {
          if (number % 13 == 5) return weir::fail(errc::rejected, "no such order");
          if (faults->fires("busy", ++asks)) return weir::fail(errc::unavailable, "busy");
          return "n" + std::to_string(number);
        });
    const auto passes = std::make_shared<std::uint64_t>(0);
    node.enrich("enricher", orders, invoices,
                weir::enrichment{
                    .from = service,
                    .ask = [](const order& one) { return one.number; },
                    .join = [=](const order& one, const std::string&) -> weir::result<invoice> {
                      const auto pass = ++*passes;
                      if (faults->fires("ends", pass)) throw 7;
                      return invoice{one.number, one.customer};
                    },
                    .check = [](const order& one) -> weir::result<void> {
                      if (one.number % 11 == 3) return weir::fail(errc::rejected, "no");
                      return {};
                    },
                    .fallback = weir::nothing{},
                    .retries = 1'000,
                    .cache = 3,
                    .waiting_max = 6})
        .transactional()
        .max_deliveries(1'000);
  }
  weir::topic_handle orders;
  weir::topic_handle invoices;
};

/// Goes on without troubles, and counts what there is in the end.
void check_once(const std::shared_ptr<memory_store>& disk, std::uint64_t seed) {
  test_node kit{seed, on(disk)};
  topology of{kit.node(), seed, 0};
  std::map<std::int64_t, int> orders;
  std::map<std::int64_t, int> invoices;
  kit.node()
      .subscribe("audit-orders", "orders", [&](const order& one) { ++orders[one.number]; })
      .starting(weir::from_earliest());
  kit.node()
      .subscribe("audit-invoices", "invoices", [&](const invoice& one) { ++invoices[one.number]; })
      .starting(weir::from_earliest());
  REQUIRE(kit.drain(10h).drained);
  CHECK(kit.final_verdict() == "");
  std::map<std::int64_t, int> letters;
  for (const auto& letter : kit.node().dead_letters()) {
    REQUIRE(letter.subscription == "enricher");
    const auto dead = weir::codec::from_json<order>(letter.payload);
    REQUIRE(dead);
    ++letters[dead->number];
  }
  std::map<std::int64_t, int> expected;
  std::map<std::int64_t, int> expected_letters;
  for (const auto& [number, times] : orders) {
    CHECK(times == 1);
    ++(is_poison(number) ? expected_letters : expected)[number];
  }
  CHECK(invoices == expected);
  CHECK(letters == expected_letters);
}

}  // namespace

TEST_CASE("wherever a node crashes, each stored event is enriched once or has one dead letter",
          "[node][durable][transactional]") {
  std::uint64_t crashes = 0;
  for (std::uint64_t call = 1; call <= 250; ++call) {
    INFO("crash at call " << call);
    const auto disk = std::make_shared<memory_store>();
    {
      test_node kit{call, on(disk)};
      topology of{kit.node(), call, 0.2};
      disk->set_faults({.seed = call, .crash_at_call = call});
      for (std::int64_t i = 0; i < 200; ++i) {
        if (!of.orders.publish(numbered(i))) break;
        kit.run(3 + call % 11);
      }
      kit.run();
      static_cast<void>(kit.node().stop(1s));
    }
    crashes += disk->calls() >= call;
    disk->set_faults({});
    disk->reopen();
    check_once(disk, call);
  }
  CHECK(crashes > 150);
}

TEST_CASE("whatever a service answers and a join throws, results come once and in order",
          "[node][durable][transactional]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    const auto disk = std::make_shared<memory_store>();
    {
      test_node kit{seed, on(disk)};
      topology of{kit.node(), seed, 0.4};
      numbers seen;
      kit.node().subscribe("reader", "invoices",
                           [&](const invoice& one) { seen.push_back(one.number); });
      for (std::int64_t i = 0; i < 150; ++i) {
        REQUIRE(of.orders.publish(numbered(i)));
        kit.run(seed % 7);
      }
      const auto drained = kit.drain(10h);
      INFO(to_string(drained));
      REQUIRE(drained.drained);
      CHECK(kit.final_verdict() == "");
      std::map<std::int64_t, std::int64_t> newest;
      for (const auto number : seen) {
        const auto [entry, first] = newest.emplace(number % customers, number);
        CHECK((first || number > entry->second));
        entry->second = number;
      }
      REQUIRE(kit.node().stop(1h).drained);
    }
    check_once(disk, seed);
  }
}
