// SPDX-License-Identifier: BSD-3-Clause
// Groups in a node, over seeded interleavings: members join, leave and die while events flow, with
// handlers that fail, wait and end their member. Every event is handled once, in order, and again
// only where a member died.
#include "weir/actors/subscriber/group_actor.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <thread>

#include <catch2/catch.hpp>

#include "weir/actors/node/impl.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::result;
using weir::testkit::test_node;

namespace {

constexpr std::uint64_t seeds = 400;
constexpr std::int64_t events = 120;

/// What all members together saw.
struct witness {
  std::map<std::int64_t, int> handled;
  std::map<std::int64_t, int> begun;
  std::map<std::int64_t, int> deaths;
  std::map<std::string, std::int64_t> last;  // by key
  std::set<std::string> busy;                // keys in progress
  std::string violation;
  std::map<std::string, int> by_member;

  void begins(const order& one, unsigned delivery) {
    ++begun[one.number];
    const bool first = begun[one.number] == 1;
    if (static_cast<int>(delivery) != deaths[one.number] + 1) note(one, "delivery count");
    const auto [entry, fresh] = last.try_emplace(one.customer, one.number);
    if (!fresh && (first ? one.number <= entry->second : one.number != entry->second)) {
      note(one, "out of order");
    }
    entry->second = one.number;
    if (!busy.insert(one.customer).second && first) note(one, "key in progress twice");
  }
  void ends(const order& one, const std::string& member) {
    busy.erase(one.customer);
    ++by_member[member];
    if (++handled[one.number] > 1) note(one, "handled twice");
  }
  void note(const order& one, const std::string& what) {
    if (violation.empty()) violation = what + " at " + std::to_string(one.number);
  }
};

auto plain(witness& seen, std::string member) {
  return [&seen, member](const order& one, weir::context& where) -> result<void> {
    seen.begins(one, where.delivery_count());
    if (one.number % 13 == 0 && where.attempt() == 1) return weir::fail(errc::unavailable, "later");
    if (one.number % 17 == 0 && where.delivery_count() == 1) {
      ++seen.deaths[one.number];
      seen.busy.erase(one.customer);
      throw 1;
    }
    seen.ends(one, member);
    return {};
  };
}

auto waiting(witness& seen, std::string member) {
  return [&seen, member](const order& one, weir::task_context& where) -> weir::task<result<void>> {
    seen.begins(one, where.delivery_count());
    co_await where.sleep(std::chrono::milliseconds{one.number * 7 % 5});
    seen.ends(one, member);
    co_return result<void>{};
  };
}

template <class Handler>
void play(std::uint64_t seed, Handler handler, bool per_key) {
  test_node kit{seed, quiet({.intensity = {1000, 1h}})};
  auto& node = kit.node();
  weir::random chance{seed};
  auto orders = orders_of(node, {.partitions = static_cast<std::uint32_t>(1 + chance.below(6)),
                                 .batch_events_max = 4});
  witness seen;
  std::set<std::string> members;
  int next = 0;
  const auto join = [&] {
    const auto name = "m" + std::to_string(next++);
    auto added = node.subscribe(name, "orders", handler(seen, name));
    added.group("billing").retry(2, weir::fixed(1ms));
    if (per_key) added.concurrency(weir::per_key{3});
    members.insert(name);
  };
  for (auto count = 1 + chance.below(3); count > 0; --count) join();
  REQUIRE(node.start());
  for (std::int64_t i = 0; i < events; ++i) {
    REQUIRE(orders.publish(order{i, "c" + std::to_string(chance.below(9))}));
    kit.run(chance.below(12));
    if (chance.chance(0.1)) kit.advance(1ms);
    if (chance.chance(0.06) && members.size() < 6) {
      join();
      REQUIRE(node.start());
    }
    if (chance.chance(0.06) && members.size() > 1) {
      auto leaver = members.begin();
      std::advance(leaver, chance.below(members.size()));
      REQUIRE(node.unsubscribe(*leaver, 1h));
      members.erase(leaver);
    }
  }
  REQUIRE(kit.drain(1h).drained);
  INFO("seed " << seed << ": " << seen.violation);
  CHECK(seen.violation.empty());
  CHECK(seen.handled.size() == static_cast<std::size_t>(events));
  const auto counts = ledger_of(node, "billing");
  CHECK(counts.published == static_cast<std::uint64_t>(events));
  CHECK(counts.delivered == static_cast<std::uint64_t>(events));
  CHECK(kit.final_verdict() == "");
}

}  // namespace

TEST_CASE("members that come, go and die handle every event once, in order", "[subscriber]") {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    play(seed, [](auto&... all) { return plain(all...); }, false);
  }
}

TEST_CASE("members whose handlers wait hand a partition over only when they are done",
          "[subscriber]") {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    play(seed, [](auto&... all) { return waiting(all...); }, seed % 2 == 0);
  }
}

TEST_CASE("partitions are spread over all members, and over those that are left", "[subscriber]") {
  test_node kit{4};
  auto orders = orders_of(kit.node(), {.partitions = 8});
  witness seen;
  for (const auto* name : {"m1", "m2"}) {
    kit.node().subscribe(name, "orders", plain(seen, name)).group("billing");
  }
  REQUIRE(kit.node().start());
  const auto lanes = [&] {
    kit.run();
    const auto& owners = kit.node().internals().cursor_owners;
    auto done = std::make_shared<weir::actors::completion<weir::actors::lane_counts>>();
    weir::actors::tell(owners.rbegin()->second->group, weir::actors::group_query{done});
    kit.run();
    std::vector<std::size_t> counts;
    const auto found = done->peek().value();
    for (const auto& [member, count] : found) counts.push_back(count);
    std::sort(counts.begin(), counts.end());
    return counts;
  };
  CHECK(lanes() == std::vector<std::size_t>{4, 4});
  kit.node().subscribe("m3", "orders", plain(seen, "m3")).group("billing");
  REQUIRE(kit.node().start());
  CHECK(lanes() == std::vector<std::size_t>{2, 3, 3});
  REQUIRE(kit.node().unsubscribe("m1"));
  CHECK(lanes() == std::vector<std::size_t>{4, 4});
}

TEST_CASE("the last member takes the group with it, and what it had not settled is counted",
          "[subscriber]") {
  test_node kit{4};
  auto orders = orders_of(kit.node(), {.partitions = 2});
  witness seen;
  kit.node().subscribe("m1", "orders", plain(seen, "m1")).group("billing");
  REQUIRE(kit.node().start());
  REQUIRE(kit.node().pause("billing"));
  for (std::int64_t i = 1; i < 6; ++i) REQUIRE(orders.publish(order{i, "c"}));
  kit.run();
  REQUIRE(kit.node().unsubscribe("m1"));
  const auto counts = ledger_of(kit.node(), "billing");
  CHECK(counts.dropped_for(weir::observe::drop_reason::unsubscribed) == 5);
  CHECK(kit.node().unsubscribe("billing").error().code == errc::not_found);
  kit.node().subscribe("m1", "orders", plain(seen, "m1")).group("billing");
  REQUIRE(kit.node().start());
  REQUIRE(orders.publish(order{7, "c"}));
  REQUIRE(kit.drain(1s).drained);
  CHECK(seen.handled.size() == 1);
}

TEST_CASE("members that disagree, and actors of one's own, are mistakes", "[subscriber]") {
  weir::node node{quiet()};
  orders_of(node);
  node.subscribe("m1", "orders", [](const order&) {}).group("billing");
  node.subscribe("m2", "orders", [](const order&) {}).group("billing").credit(9).retry(1);
  node.subscribe("m3", "order*", [](const order&) {}).group("m1");
  const auto begun = node.start();
  REQUIRE_FALSE(begun);
  for (const auto* part : {"group 'billing': 'm1' and 'm2' disagree on retries", "credit"}) {
    CHECK_THAT(begun.error().message, Catch::Contains(part));
  }
}

TEST_CASE("every choice in which members differ is named", "[subscriber]") {
  using chosen = std::function<void(weir::subscription&, const weir::topic_handle&)>;
  const std::pair<const char*, chosen> choices[] = {
      {"credit", [](auto& one, auto&) { one.credit(9); }},
      {"overflow", [](auto& one, auto&) { one.overflow(weir::overflow::drop_oldest); }},
      {"time_to_live", [](auto& one, auto&) { one.time_to_live(1s); }},
      {"starting", [](auto& one, auto&) { one.starting(weir::from_earliest()); }},
      {"filters", [](auto& one, auto&) { one.filter([](const order&) { return true; }); }},
      {"rate_limit", [](auto& one, auto&) { one.rate_limit(10); }},
      {"retries", [](auto& one, auto&) { one.retry(1); }},
      {"topics published to", [](auto& one, auto& orders) { one.publishes_to(orders); }}};
  for (const auto& [what, choose] : choices) {
    weir::node node{quiet()};
    const auto orders = orders_of(node);
    node.subscribe("m1", "orders", [](const order&) {}).group("billing");
    auto other = node.subscribe("m2", "orders", [](const order&) {}).group("billing");
    choose(other, orders);
    const auto begun = node.start();
    INFO(what);
    REQUIRE_FALSE(begun);
    CHECK_THAT(begun.error().message,
               Catch::Contains("group 'billing': 'm1' and 'm2' disagree on") &&
                   Catch::Contains(what));
  }
  weir::node node{quiet()};
  orders_of(node);
  node.subscribe("m1", "orders", [](const order&) {}).group("billing");
  node.subscribe("m2", "orders", [](std::span<const order* const>) {}).group("billing");
  CHECK_THAT(node.start().error().message,
             Catch::Contains("disagree on types taken in batches"));
}

TEST_CASE("a group and a subscription have different names, also when the node runs",
          "[subscriber]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node());
  kit.node().subscribe("billing", "orders", [](const order&) {});
  kit.node().subscribe("m1", "orders", [](const order&) {}).group("billing");
  const std::string mistake =
      "already_exists: a subscription and a group are called 'billing'";
  CHECK_THAT(kit.node().start().error().message, Catch::Contains(mistake));
  test_node running{3, quiet()};
  orders = orders_of(running.node());
  running.node().subscribe("m1", "orders", [](const order&) {}).group("billing");
  REQUIRE(running.node().start());
  running.node().subscribe("billing", "orders", [](const order&) {});
  CHECK_THAT(running.node().start().error().message, Catch::Contains(mistake));
  REQUIRE(orders.publish(order{1, "c"}));
  CHECK(running.drain(1s).drained);
  CHECK(ledger_of(running.node(), "billing").delivered == 1);
}

TEST_CASE("a member that does not finish in time goes on leaving, and nothing is lost",
          "[subscriber]") {
  test_node kit{4};
  auto orders = orders_of(kit.node(), {.partitions = 2});
  int done = 0;
  const auto slow = [&done](const order&, weir::task_context& where) -> weir::task<result<void>> {
    co_await where.sleep(1h);
    ++done;
    co_return result<void>{};
  };
  for (const auto* name : {"m1", "m2"}) kit.node().subscribe(name, "orders", slow).group("billing");
  for (std::int64_t i = 0; i < 8; ++i) {
    REQUIRE(orders.publish(order{i, "c" + std::to_string(i)}));
  }
  kit.run();
  CHECK(kit.node().unsubscribe("m1", 1s).error().code == errc::timeout);
  CHECK(kit.node().unsubscribe("m1", 10h));
  REQUIRE(kit.drain(100h).drained);
  CHECK(done == 8);
  CHECK(ledger_of(kit.node(), "billing").delivered == 8);
}

TEST_CASE("on real threads members join and leave while others publish", "[subscriber]") {
  weir::node node{quiet({.threads = 3})};
  auto orders = orders_of(node, {.partitions = 8, .batch_events_max = 16});
  std::atomic<std::uint64_t> handled{0};
  const auto count = [&](const order&) { ++handled; };
  node.subscribe("m0", "orders", count).group("billing");
  REQUIRE(node.start());
  constexpr std::int64_t all = 30'000;
  std::thread publisher{[&] {
    auto own = node.make_publisher(orders);
    for (std::int64_t i = 0; i < all; ++i) {
      if (!own->publish(order{i, std::to_string(i % 50)})) std::abort();
    }
  }};
  for (int round = 1; round < 15; ++round) {
    node.subscribe("m" + std::to_string(round), "orders", count).group("billing");
    CHECK(node.start());
    CHECK(node.unsubscribe("m" + std::to_string(round - 1)));
  }
  publisher.join();
  REQUIRE(node.drain(60s).drained);
  CHECK(handled == static_cast<std::uint64_t>(all));
  CHECK(ledger_of(node, "billing").delivered == static_cast<std::uint64_t>(all));
}
