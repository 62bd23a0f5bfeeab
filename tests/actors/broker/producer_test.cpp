// SPDX-License-Identifier: BSD-3-Clause
// Named producers through whole nodes that share a store, one after the other: what is published
// again is there once, wherever a node crashed and whoever owns the name.
#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

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
    .partitions = 3, .batch_events_max = 4, .ring_events = 16, .durable = true};

weir::node_options on(const std::shared_ptr<memory_store>& disk) {
  return quiet({.store = disk});
}

order numbered(std::int64_t i) { return order{i, "c" + std::to_string(i % 7)}; }

numbers up_to(std::int64_t end) {
  numbers all;
  for (std::int64_t i = 0; i < end; ++i) all.push_back(i);
  return all;
}

/// What the log holds, sorted; each customer's events must be in their order.
numbers log_on(const std::shared_ptr<memory_store>& disk) {
  test_node kit{1, on(disk)};
  orders_of(kit.node(), small);
  numbers log;
  // Whoever was here before would go on where he was.
  static int audits = 0;
  std::map<std::int64_t, std::int64_t> newest;
  kit.node()
      .subscribe("audit-" + std::to_string(++audits), "orders",
                 [&](const order& one) {
                   log.push_back(one.number);
                   const auto [entry, first] = newest.emplace(one.number % 7, one.number);
                   CHECK((first || one.number > entry->second));
                   entry->second = one.number;
                 })
      .starting(weir::from_earliest());
  REQUIRE(kit.node().start());
  REQUIRE(kit.drain(10h).drained);
  std::sort(log.begin(), log.end());
  return log;
}

}  // namespace

TEST_CASE("a producer that begins anew after a crash at any call publishes nothing twice",
          "[node][durable][producer]") {
  std::uint64_t crashes = 0;
  std::uint64_t repeated = 0;
  for (std::uint64_t call = 1; call <= 120; ++call) {
    INFO("crash at call " << call);
    const auto disk = std::make_shared<memory_store>();
    {
      test_node kit{call, on(disk)};
      auto orders = orders_of(kit.node(), small);
      disk->set_faults({.seed = call, .crash_at_call = call});
      auto source = kit.node().make_producer(orders, "source");
      for (std::int64_t i = 0; source && i < 150; ++i) {
        if (!source->publish(numbered(i), static_cast<std::uint64_t>(i) * 10)) break;
        kit.run(call % 5);
      }
      kit.run();
      static_cast<void>(kit.node().stop(1s));
    }
    crashes += disk->calls() >= call;
    disk->set_faults({});
    disk->reopen();
    const auto before = log_on(disk).size();
    {
      test_node kit{call, on(disk)};
      auto orders = orders_of(kit.node(), small);
      auto source = kit.node().make_producer(orders, "source");
      REQUIRE(source);
      std::uint64_t there = 0;
      for (std::int64_t i = 0; i < 150; ++i) {
        const auto fresh = source->publish(numbered(i), static_cast<std::uint64_t>(i) * 10);
        REQUIRE(fresh);
        there += !*fresh;
      }
      CHECK(there == before);
      repeated += there;
      REQUIRE(kit.node().stop(1h).drained);
    }
    CHECK(log_on(disk) == up_to(150));
  }
  CHECK(crashes > 50);
  CHECK(repeated > 1'000);
}

TEST_CASE("whoever takes a producer's name fences its former owner and knows what is stored",
          "[node][durable][producer]") {
  const auto disk = std::make_shared<memory_store>();
  {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), small);
    auto first = kit.node().make_producer(orders, "source");
    REQUIRE(first);
    CHECK_FALSE(first->newest());
    for (std::int64_t i = 0; i < 10; ++i) REQUIRE(first->publish(numbered(i), i + 1));
    // Nothing of it is stored yet: only waiting lets this node run.
    auto second = kit.node().make_producer(orders, "source");
    REQUIRE(second);
    CHECK(second->newest() == 10);
    const auto refused = first->publish(numbered(10), 11);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::fenced);
    CHECK(refused.error().message == "orders: another owner has taken the producer's name");
    for (std::int64_t i = 0; i < 12; ++i) {
      const auto fresh = second->publish(numbered(i), i + 1);
      REQUIRE(fresh);
      CHECK(*fresh == (i >= 10));
    }
    // Others go on.
    auto other = kit.node().make_producer(orders, "other");
    REQUIRE(other);
    CHECK(other->publish(numbered(12), 1).value());
    CHECK(second->publish(numbered(13), 20).value());
    REQUIRE(kit.node().stop(1h).drained);
    CHECK(second->publish(numbered(14), 21).error().code == errc::closed);
    CHECK(first->publish(numbered(14), 21).error().code == errc::closed);
  }
  CHECK(log_on(disk) == up_to(14));
}

TEST_CASE("a sequence that was given before is asked about again, a lower one is a mistake",
          "[node][durable][producer]") {
  const auto disk = std::make_shared<memory_store>();
  for (const bool again : {false, true}) {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), small);
    auto source = kit.node().make_producer(orders, "source");
    REQUIRE(source);
    for (int times = 0; times < 3; ++times) {
      const auto fresh = source->publish(numbered(0), 5, wait_for::stored, 1h);
      REQUIRE(fresh);
      CHECK(*fresh == (!again && times == 0));
      REQUIRE(source->publish(numbered(0), 5, wait_for::handled, 1h));
    }
    if (again) continue;
    const auto lower = source->publish(numbered(1), 4);
    REQUIRE_FALSE(lower);
    CHECK(to_string(lower.error()) ==
          "invalid_argument: source: sequence 4 comes after 5 in orders");
  }
  CHECK(log_on(disk) == numbers{0});
}

TEST_CASE("an event that is refused leaves no sequence behind",
          "[node][durable][producer]") {
  const auto disk = std::make_shared<memory_store>();
  {
    test_node kit{3, on(disk)};
    auto options = small;
    options.event_bytes_max = 1'024;
    auto orders = orders_of(kit.node(), options);
    auto source = kit.node().make_producer(orders, "source");
    REQUIRE(source);
    const auto huge =
        source->publish(order{1, std::string(2'000, 'x')}, 1, {.key = std::string_view{"c1"}});
    REQUIRE_FALSE(huge);
    CHECK(huge.error().code == errc::event_too_large);
    CHECK(source->publish(order{1, "c1"}, 1).value());
    CHECK(source->publish(numbered(2), 2).value());
    REQUIRE(kit.node().stop(1h).drained);
  }
  CHECK(log_on(disk) == numbers{1, 2});
}

TEST_CASE("an event whose key cannot be told leaves no sequence behind, whatever was thrown",
          "[node][durable][producer]") {
  const auto disk = std::make_shared<memory_store>();
  {
    test_node kit{3, on(disk)};
    auto orders = kit.node().topic("orders", small);
    int calls = 0;
    orders.key<order>([&calls](const order& one) -> std::string_view {
      // The second call is the publisher's own, when the sequence is noted.
      if (++calls == 2) throw std::runtime_error{"no key"};
      return one.customer;
    });
    REQUIRE(kit.node().start());
    auto source = kit.node().make_producer(orders, "source");
    REQUIRE(source);
    CHECK_THROWS_AS(source->publish(numbered(0), 0), std::runtime_error);
    CHECK(calls == 2);
    for (std::int64_t i = 0; i < 20; ++i) {
      CHECK(source->publish(numbered(i), static_cast<std::uint64_t>(i)).value());
    }
    REQUIRE(kit.node().stop(1h).drained);
  }
  CHECK(log_on(disk) == up_to(20));
}

TEST_CASE("what cannot be a producer is refused by name", "[node][producer]") {
  test_node kit{3, on(std::make_shared<memory_store>())};
  auto memory = kit.node().topic("memory", {});
  memory.carries<order>();
  auto keyless = kit.node().topic("keyless", small);
  keyless.carries<order>();
  auto orders = orders_of(kit.node(), small);
  std::optional<weir::error> in_handler;
  kit.node().subscribe("inside", "orders", [&](const order&) {
    const auto made = kit.node().make_producer(orders, "inside");
    if (!made) in_handler = made.error();
  });
  REQUIRE(kit.node().start());
  const auto refusal = [&](const weir::topic_handle& to, const std::string& name) {
    const auto made = kit.node().make_producer(to, name);
    return made ? std::string{} : to_string(made.error());
  };
  CHECK(refusal(memory, "source") ==
        "invalid_argument: memory: producer source needs a topic that is durable");
  CHECK(refusal(orders, "") == "invalid_argument: a producer's name of 0 bytes, it has 1 to 128");
  CHECK(refusal(orders, std::string(129, 'x')) ==
        "invalid_argument: a producer's name of 129 bytes, it has 1 to 128");
  CHECK(refusal(orders, std::string(128, 'x')).empty());
  auto source = kit.node().make_producer(keyless, "source");
  REQUIRE(source);
  CHECK(source->publish(numbered(1), 1).error().code == errc::missing_key);
  CHECK(source->publish(numbered(1), 1, {.key = "k"}).value());
  REQUIRE(orders.publish(numbered(1)));
  REQUIRE(kit.drain(1h).drained);
  REQUIRE(in_handler);
  CHECK(in_handler->code == errc::invalid_argument);
}

TEST_CASE("threads that take the name from each other publish each event once",
          "[node][durable][producer][threads]") {
  constexpr std::int64_t events = 3'000;
  const auto disk = std::make_shared<memory_store>();
  std::atomic<int> fenced{0};
  {
    weir::node node{on(disk)};
    auto orders = orders_of(node, small);
    REQUIRE(node.start());
    std::atomic<int> failed{0};
    const auto work = [&] {
      for (;;) {
        auto source = node.make_producer(orders, "source");
        if (!source) {
          ++failed;
          return;
        }
        std::int64_t i = 0;
        for (; i < events; ++i) {
          const auto done = source->publish(numbered(i), static_cast<std::uint64_t>(i));
          if (done) continue;
          if (done.error().code != errc::fenced) ++failed;
          break;
        }
        if (i == events) return;
        if (++fenced > 40 || failed > 0) return;
      }
    };
    std::thread one{work};
    std::thread other{work};
    one.join();
    other.join();
    CHECK(failed == 0);
    // Whoever was fenced too often left the rest to the other, who was not.
    auto source = node.make_producer(orders, "source");
    REQUIRE(source);
    for (std::int64_t i = 0; i < events; ++i) {
      REQUIRE(source->publish(numbered(i), static_cast<std::uint64_t>(i)));
    }
    REQUIRE(node.stop(1min).drained);
  }
  CHECK(log_on(disk) == up_to(events));
}
