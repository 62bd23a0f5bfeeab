// SPDX-License-Identifier: BSD-3-Clause
// What a subscription may say of its events one by one and together, on whole nodes in virtual
// time: content filters, batch handlers, rate limits.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::context;
using weir::errc;
using weir::result;
using weir::testkit::test_node;

namespace {

constexpr weir::topic::topic_options small{.partitions = 2, .batch_events_max = 8};
constexpr std::int64_t published = 100;

std::string customer_of(std::int64_t number) { return "c-" + std::to_string(number % 7); }

/// Publishes everything, in portions whose size is the seed's.
void publish_some(test_node& kit, weir::topic_handle& orders) {
  weir::random chance{kit.seed()};
  REQUIRE(kit.node().start());
  for (std::int64_t i = 0; i < published; ++i) {
    REQUIRE(orders.publish(order{i, customer_of(i)}));
    if (chance.below(8) == 0) kit.run(chance.below(20));
  }
}

/// How often order 0 is tried, and after which times, until it is a letter, a skip or a halt.
std::vector<weir::duration> times_tried(const std::function<void(weir::subscription)>& choose) {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node());
  std::vector<weir::duration> times;
  std::optional<weir::timestamp> began;
  choose(kit.node().subscribe("billing", "orders", [&](const order&, context& where) {
    if (!began) began = where.now();
    times.push_back(where.now() - *began);
    return result<void>{weir::fail(errc::unavailable, "never")};
  }));
  REQUIRE(orders.publish(order{0, "c"}));
  kit.advance(24h);
  CHECK(kit.verdict() == "");
  return times;
}

bool large(const order& one) { return one.number >= 20; }
bool even(const order& one) { return one.number % 2 == 0; }
bool even_or_odd_below_90(const order& one) { return even(one) || one.number < 90; }

}  // namespace

TEST_CASE("what filters refuse is in the ledger and nowhere else", "[node]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), small);
    std::vector<std::int64_t> handled;
    kit.node()
        .subscribe("large-even", "orders",
                   kit.recording("large-even",
                                 [&](const order& one, context& where) -> result<void> {
                                   if (one.number % 10 == 0 && where.delivery_count() == 1) throw 1;
                                   if (one.number % 6 == 0 && where.attempt() == 1) {
                                     return weir::fail(errc::unavailable, "once");
                                   }
                                   handled.push_back(one.number);
                                   return {};
                                 }))
        .retry(1, weir::fixed(1s))
        .filter(large)
        .filter<order>([](const auto& one) { return even(one); });
    publish_some(kit, orders);
    REQUIRE(kit.drain().drained);
    CHECK(handled.size() == 40);
    CHECK(std::all_of(handled.begin(), handled.end(),
                      [](std::int64_t number) { return number >= 20 && number % 2 == 0; }));
    const auto counts = ledger_of(kit.node(), "large-even");
    CHECK(counts.delivered == 40);
    CHECK(counts.filtered == 60);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a subscription that says nothing of failures tries three times at once and three later",
          "[node]") {
  using times = std::vector<weir::duration>;
  times in_place{0ms, 10ms, 30ms, 70ms};
  auto all = in_place;
  for (const auto later : std::initializer_list<weir::duration>{10s, 1min, 10min}) {
    const auto from = all.back() + later;
    for (const auto after : in_place) all.push_back(from + after);
  }
  CHECK(times_tried([](auto) {}) == all);
  CHECK(times_tried([](auto one) { one.max_deliveries(5); }) == all);
  CHECK(times_tried([](auto one) { one.retry(1); }) == times{0ms, 0ms});
  CHECK(times_tried([](auto one) { one.then_skip(); }) == in_place);
  CHECK(times_tried([](auto one) { one.then_halt(); }) == in_place);
  CHECK(times_tried([](auto one) { one.retry(0).redeliver({1h}); }) == times{0ms, 1h});
  CHECK(times_tried([](auto one) { one.redeliver({1h}).retry(0).then_skip(); }) == times{0ms, 1h});
}

TEST_CASE("filters stand before coroutines and enrichers too", "[node]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), small);
    auto invoices = kit.node().topic("invoices");
    invoices.key<invoice>(&invoice::customer);
    const auto names = kit.node().service(
        "names", [](const std::string& who) -> result<std::string> { return "name of " + who; });
    std::uint64_t invoiced = 0, waited = 0;
    kit.node()
        .enrich("billing", orders, invoices,
                weir::enrichment{
                    .from = names,
                    .ask = [](const order& one) { return one.customer; },
                    .join = [](const order& one, const std::string& name) -> result<invoice> {
                      return invoice{one.number, name};
                    }})
        .filter(even);
    kit.node().subscribe("books", "invoices", [&](const invoice& one) {
      CHECK(one.number % 2 == 0);
      ++invoiced;
    });
    kit.node()
        .subscribe("slow", "orders",
                   [&](const order& one, weir::task_context& where) -> weir::task<result<void>> {
                     co_await where.sleep(1s);
                     if (one.number % 25 == 24 && where.delivery_count() == 1) throw 1;
                     CHECK(one.number >= 20);
                     ++waited;
                     co_return result<void>{};
                   })
        .concurrency(weir::per_key{3})
        .filter(large);
    publish_some(kit, orders);
    REQUIRE(kit.drain(1h).drained);
    CHECK(invoiced == 50);
    CHECK(waited >= 80);
    CHECK(ledger_of(kit.node(), "billing").filtered == 50);
    CHECK(ledger_of(kit.node(), "slow").filtered == 20);
    CHECK(ledger_of(kit.node(), "slow").delivered == 80);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("events given in batches are each handled once, in order, and only culprits fail",
          "[node]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), small);
    auto invoices = kit.node().topic("invoices");
    invoices.key<invoice>(&invoice::customer);
    std::vector<std::int64_t> handled, invoiced;
    bool together = false;
    kit.node()
        .subscribe("store", "orders",
                   [&](std::span<const order* const> rows, context& where) -> result<void> {
                     together = together || rows.size() > 1;
                     for (const auto* row : rows) {
                       auto sent = where.publish(invoices, invoice{row->number, row->customer});
                       if (!sent) return sent;
                     }
                     for (const auto* row : rows) {
                       if (row->number % 40 == 20) throw 1;
                       if (row->number % 40 == 10) return weir::fail(errc::rejected, "bad");
                     }
                     for (const auto* row : rows) handled.push_back(row->number);
                     return {};
                   })
        .max_deliveries(2);
    kit.node().subscribe("books", "invoices",
                         [&](const invoice& one) { invoiced.push_back(one.number); });
    publish_some(kit, orders);
    REQUIRE(kit.drain().drained);
    CHECK(together);
    const auto counts = ledger_of(kit.node(), "store");
    CHECK(counts.delivered == 95);
    CHECK(counts.dead_lettered == 5);
    std::map<std::string, std::int64_t> latest;
    for (const auto number : handled) {
      CHECK(latest.try_emplace(customer_of(number), -1).first->second < number);
      latest[customer_of(number)] = number;
    }
    std::sort(handled.begin(), handled.end());
    std::sort(invoiced.begin(), invoiced.end());
    CHECK(handled.size() == 95);
    CHECK(invoiced == handled);
    for (const auto& letter : kit.node().dead_letters()) {
      CHECK(letter.attempt_count == (letter.failure.code == errc::rejected ? 1 : 0));
      CHECK(letter.delivery_count == (letter.failure.code == errc::rejected ? 1 : 2));
    }
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a hundred events at ten a second take 9.9 seconds, to the nanosecond", "[node]") {
  const auto partitions = GENERATE(1U, 3U);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.partitions = partitions, .batch_events_max = 8});
    std::vector<weir::timestamp> times;
    kit.node()
        .subscribe("paced", "orders", kit.recording("paced", [&](const order&, context& where) {
                     times.push_back(where.now());
                   }))
        .rate_limit(10);
    for (std::int64_t i = 0; i < published; ++i) {
      REQUIRE(orders.publish(order{i, customer_of(i)}));
    }
    REQUIRE(kit.drain().drained);
    REQUIRE(times.size() == published);
    CHECK(times.back() - times.front() == 9900ms);
    for (std::size_t i = 1; i < times.size(); ++i) CHECK(times[i] - times[i - 1] == 100ms);
    CHECK(ledger_of(kit.node(), "paced").delivered == published);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a rate limit holds through retries and restarts, and loses nothing", "[node]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), small);
    std::vector<weir::timestamp> times;
    kit.node()
        .subscribe("paced", "orders",
                   kit.recording("paced",
                                 [&](const order& one, context& where) -> result<void> {
                                   times.push_back(where.now());
                                   if (one.number % 10 == 5 && where.delivery_count() == 1) throw 1;
                                   if (one.number % 10 == 7 && where.attempt() == 1) {
                                     return weir::fail(errc::unavailable, "once");
                                   }
                                   return {};
                                 }))
        .retry(1, weir::fixed(30ms))
        .filter(even_or_odd_below_90)
        .rate_limit(100, 5);
    publish_some(kit, orders);
    REQUIRE(kit.drain().drained);
    const auto counts = ledger_of(kit.node(), "paced");
    CHECK(counts.delivered == 95);
    CHECK(counts.filtered == 5);
    REQUIRE(times.size() == 95 + 9 + 9);
    for (std::size_t i = 5; i < times.size(); ++i) CHECK(times[i] - times[i - 5] >= 10ms);
    CHECK(times.back() - times.front() >= 10ms * (95 + 18 - 5));
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("what gets too old while it waits for its turn expires", "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node(), {.batch_events_max = 8});
  std::uint64_t handled = 0;
  kit.node()
      .subscribe("paced", "orders", [&](const order&) { ++handled; })
      .rate_limit(10)
      .time_to_live(3s);
  for (std::int64_t i = 0; i < published; ++i) REQUIRE(orders.publish(order{i, "c"}));
  REQUIRE(kit.drain().drained);
  CHECK(handled >= 25);
  CHECK(handled <= 31);
  const auto counts = ledger_of(kit.node(), "paced");
  CHECK(counts.delivered == handled);
  CHECK(counts.expired == published - handled);
  CHECK(kit.final_verdict() == "");
}
