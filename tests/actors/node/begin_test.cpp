// SPDX-License-Identifier: BSD-3-Clause
// What is declared on a running node begins whole or not at all, and misses nothing from then on.
#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "weir/actors/node/custom.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::testkit::test_node;

namespace {

using numbers = std::vector<std::int64_t>;

auto into(numbers& seen) {
  return [&seen](const order& one) { seen.push_back(one.number); };
}

void publish(weir::topic_handle& to, std::int64_t from, std::int64_t end) {
  for (auto i = from; i < end; ++i) REQUIRE(to.publish(order{i, "c"}));
}

/// Settles every delivery and counts its events.
class counting_actor : public caf::event_based_actor {
 public:
  counting_actor(caf::actor_config& config, weir::actors::subscriber_link link,
                 std::shared_ptr<std::uint64_t> events)
      : caf::event_based_actor(config), link_(std::move(link)), events_(std::move(events)) {}
  caf::behavior make_behavior() override {
    link_.ready(this);
    return {[this](const weir::actors::delivery& arrived) {
              *events_ += arrived.events.size();
              link_.settle(arrived);
            },
            [this](const weir::actors::letters_answered&) { link_.answered(); }};
  }

 private:
  weir::actors::subscriber_link link_;
  std::shared_ptr<std::uint64_t> events_;
};

}  // namespace

TEST_CASE("a subscription that begins on a running node sees what comes next", "[node]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    test_node kit{seed};
    auto orders = orders_of(kit.node(), {.partitions = 1, .batch_events_max = 4});
    numbers early, late;
    kit.node().subscribe("early", "orders", into(early));
    publish(orders, 0, 10);
    kit.run(seed % 20);
    kit.node().subscribe("late", "orders", into(late)).retry(3);
    CHECK(late.empty());
    REQUIRE(kit.node().start());
    publish(orders, 10, 20);
    REQUIRE(kit.drain(1s).drained);
    CHECK(early.size() == 20);
    // What was in a ring when it began may still come; what it has seen is the end of it all.
    REQUIRE(late.size() >= 10);
    CHECK(late == numbers(early.end() - static_cast<std::ptrdiff_t>(late.size()), early.end()));
    CHECK(ledger_of(kit.node(), "late").published == late.size());
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a topic that begins later is heard by the patterns there are", "[node]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    test_node kit{seed};
    auto eu = kit.node().topic("orders.eu");
    numbers all, members, late;
    auto custom = std::make_shared<std::uint64_t>(0);
    kit.node().subscribe("all", "orders.*", into(all));
    for (const auto* name : {"m1", "m2"}) {
      kit.node().subscribe(name, "orders.>", into(members)).group("group");
    }
    weir::actors::subscribe<counting_actor>(kit.node(), "own", ">",
                                             {&weir::type_of<order>()}, custom);
    publish(eu, 0, 5);
    kit.run(seed % 30);
    auto us = kit.node().topic("orders.us", {.partitions = 3});
    us.key<order>(&order::number);
    kit.node().subscribe("late", "orders.us", into(late));
    REQUIRE(kit.node().start());
    publish(us, 5, 25);
    const auto report = kit.drain(1s);
    INFO("seed " << seed << ": " << to_string(report));
    REQUIRE(report.drained);
    for (auto* seen : {&all, &members}) {
      std::sort(seen->begin(), seen->end());
      CHECK(seen->size() == 25);
      CHECK(std::unique(seen->begin(), seen->end()) == seen->end());
    }
    CHECK(*custom == 25);
    CHECK(late.size() == 20);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("mistakes in what is declared later are all said, and nothing of it begins", "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node());
  numbers seen;
  kit.node().subscribe("billing", "orders", into(seen));
  publish(orders, 0, 3);
  auto more = kit.node().topic("more");
  kit.node().topic("bad", {.partitions = 0});
  kit.node().subscribe("billing", "orders", [](const order&) {});
  kit.node().subscribe("lost", "nowhere", [](const order&) {});
  const auto begun = kit.node().start();
  REQUIRE_FALSE(begun);
  CHECK(begun.error().code == errc::invalid_topology);
  for (const auto* part : {"partitions 0", "billing is declared twice", "nowhere"}) {
    CHECK_THAT(begun.error().message, Catch::Contains(part));
  }
  CHECK(more.publish(order{1, "c"}).error().code == errc::unknown_topic);
  CHECK(more.publish_after(order{1, "c"}, 1s).error().code == errc::unknown_topic);
  REQUIRE(kit.node().start());
  auto again = kit.node().topic("more");
  kit.node().subscribe("more", "more", into(seen));
  REQUIRE(kit.node().start());
  publish(again, 3, 5);
  REQUIRE(again.publish_after(order{5, "c"}, 1s));
  kit.advance(1s);
  REQUIRE(kit.drain(1s).drained);
  std::sort(seen.begin(), seen.end());
  CHECK(seen == numbers{0, 1, 2, 3, 4, 5});
  CHECK(kit.node().describe().topics.size() == 2);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a topic that has not begun takes no events and says so", "[node]") {
  test_node kit{1};
  orders_of(kit.node());
  REQUIRE(kit.node().start());
  auto more = kit.node().topic("more");
  const auto refused = more.publish(order{1, "c"});
  CHECK(refused.error().code == errc::unknown_topic);
  CHECK_THAT(refused.error().message, Catch::Contains("start()"));
  CHECK(kit.node().make_publisher(more).error().code == errc::unknown_topic);
  REQUIRE(kit.node().start());
  CHECK(more.publish(order{1, "c"}));
}

TEST_CASE("what would exceed the memory budget does not begin", "[node]") {
  test_node kit{1, quiet({.memory_budget_bytes = 400 * 1024 * 1024})};
  orders_of(kit.node());
  REQUIRE(kit.node().start());
  kit.node().topic("huge", {.partitions = 64});
  const auto begun = kit.node().start();
  REQUIRE_FALSE(begun);
  CHECK_THAT(begun.error().message, Catch::Contains("out_of_memory_budget"));
  CHECK(kit.node().describe().topics.size() == 1);
}

TEST_CASE("beginning something in a handler is refused, as it would wait for itself", "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  std::vector<errc> refused;
  kit.node().subscribe("billing", "orders", [&](const order&) {
    CHECK(kit.node().start());  // nothing to begin
    kit.node().subscribe("late", "orders", [](const order&) {});
    refused.push_back(kit.node().start().error().code);
    refused.push_back(kit.node().unsubscribe("billing").error().code);
    refused.push_back(kit.node().pause("billing").error().code);
  });
  publish(orders, 0, 1);
  kit.run();
  CHECK(refused == std::vector<errc>(3, errc::invalid_argument));
  CHECK(kit.node().start());
}

TEST_CASE("nothing begins on a node that has stopped", "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  REQUIRE(kit.node().start());
  kit.node().stop(1s);
  kit.node().subscribe("late", "orders", [](const order&) {});
  CHECK(kit.node().start().error().code == errc::closed);
  CHECK(kit.node().unsubscribe("late").error().code == errc::closed);
  CHECK(kit.node().pause("late").error().code == errc::closed);
}

TEST_CASE("subscriptions come and go on real threads while others publish", "[node]") {
  weir::node node{quiet({.threads = 3})};
  auto orders = orders_of(node, {.partitions = 4, .batch_events_max = 16});
  std::atomic<std::uint64_t> steady{0};
  node.subscribe("steady", "orders", [&](const order&) { ++steady; });
  REQUIRE(node.start());
  constexpr std::int64_t events = 20'000;
  std::thread publisher{[&] {
    auto own = node.make_publisher(orders);
    for (std::int64_t i = 0; i < events; ++i) {
      if (!own->publish(order{i, std::to_string(i % 50)})) std::abort();
    }
  }};
  std::atomic<std::uint64_t> passing{0};
  for (int round = 0; round < 20; ++round) {
    node.subscribe("passing", "orders", [&](const order&) { ++passing; });
    CHECK(node.start());
    auto side = node.topic("side." + std::to_string(round));
    CHECK(node.start());
    CHECK(side.publish(order{1, "c"}));
    CHECK(node.unsubscribe("passing"));
  }
  publisher.join();
  REQUIRE(node.drain(60s).drained);
  CHECK(steady == static_cast<std::uint64_t>(events));
  const auto counts = ledger_of(node, "passing");
  CHECK(counts.balanced());
  CHECK(counts.delivered == passing);
  CHECK(counts.in_flight == 0);
}
