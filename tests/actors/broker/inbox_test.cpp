// SPDX-License-Identifier: BSD-3-Clause
// Inboxes through whole nodes that share a store, one after the other: a message that is brought
// again is one event, wherever a node crashed and whoever brings it.
#include <algorithm>
#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/store/inbox_record.hpp"
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
constexpr std::uint64_t horizon = 1'000;

weir::node_options on(const std::shared_ptr<memory_store>& disk) {
  return quiet({.store = disk});
}

order numbered(std::int64_t i) { return order{i, "c" + std::to_string(i % 7)}; }
std::string id_of(std::int64_t i) { return "message-" + std::to_string(i); }

numbers up_to(std::int64_t end) {
  numbers all;
  for (std::int64_t i = 0; i < end; ++i) all.push_back(i);
  return all;
}

/// What the log holds, sorted.
numbers log_on(const std::shared_ptr<memory_store>& disk) {
  test_node kit{1, on(disk)};
  orders_of(kit.node(), small);
  numbers log;
  // Whoever was here before would go on where he was.
  static int audits = 0;
  kit.node()
      .subscribe("audit-" + std::to_string(++audits), "orders",
                 [&](const order& one) { log.push_back(one.number); })
      .starting(weir::from_earliest());
  REQUIRE(kit.node().start());
  REQUIRE(kit.drain(10h).drained);
  std::sort(log.begin(), log.end());
  return log;
}

}  // namespace

TEST_CASE("a message that is brought again after a crash at any call is one event",
          "[node][durable][inbox]") {
  std::uint64_t crashes = 0;
  std::uint64_t known = 0;
  for (std::uint64_t call = 1; call <= 120; ++call) {
    INFO("crash at call " << call);
    const auto disk = std::make_shared<memory_store>();
    {
      test_node kit{call, on(disk)};
      auto orders = orders_of(kit.node(), small);
      disk->set_faults({.seed = call, .crash_at_call = call});
      auto incoming = kit.node().make_inbox(orders, horizon);
      for (std::int64_t i = 0; incoming && i < 150; ++i) {
        if (!incoming->publish(numbered(i), id_of(i))) break;
        if (i % 3 == 0 && !incoming->publish(numbered(i), id_of(i))) break;
        kit.run(call % 5);
      }
      kit.run();
      static_cast<void>(kit.node().stop(1s));
    }
    crashes += disk->calls() >= call;
    disk->set_faults({});
    disk->reopen();
    const auto before = log_on(disk);
    {
      test_node kit{call, on(disk)};
      auto orders = orders_of(kit.node(), small);
      auto incoming = kit.node().make_inbox(orders, horizon);
      REQUIRE(incoming);
      numbers there;
      // In another order: an inbox knows messages, not positions.
      for (std::int64_t i = 149; i >= 0; --i) {
        const auto fresh = incoming->publish(numbered(i), id_of(i));
        REQUIRE(fresh);
        if (!*fresh) there.push_back(i);
      }
      std::reverse(there.begin(), there.end());
      CHECK(there == before);
      known += there.size();
      REQUIRE(kit.node().stop(1h).drained);
    }
    CHECK(log_on(disk) == up_to(150));
  }
  CHECK(crashes > 50);
  CHECK(known > 1'000);
}

TEST_CASE("as many ids are remembered as the horizon says, the newest, in every run",
          "[node][durable][inbox]") {
  const auto disk = std::make_shared<memory_store>();
  const auto bring = [&](std::uint64_t remembered, std::int64_t from, std::int64_t end) {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), small);
    auto incoming = kit.node().make_inbox(orders, remembered);
    REQUIRE(incoming);
    numbers fresh;
    for (auto i = from; i < end; ++i) {
      const auto done = incoming->publish(numbered(i), id_of(i), wait_for::stored, 1h);
      REQUIRE(done);
      if (*done) fresh.push_back(i);
    }
    REQUIRE(kit.node().stop(1h).drained);
    std::uint64_t records = 0;
    REQUIRE(weir::store::visit_messages(*disk, "orders",
                                        [&](std::uint64_t, std::string_view) { ++records; }));
    CHECK(records <= remembered);
    return fresh;
  };
  CHECK(bring(10, 0, 25) == up_to(25));
  CHECK(bring(10, 15, 25).empty());
  CHECK(bring(10, 14, 15) == numbers{14});
  CHECK(bring(4, 22, 25).empty());
  CHECK(bring(4, 20, 21) == numbers{20});
}

TEST_CASE("who brings a message again hears of it when it is stored", "[node][durable][inbox]") {
  const auto disk = std::make_shared<memory_store>();
  for (const bool again : {false, true}) {
    test_node kit{3, on(disk)};
    auto orders = orders_of(kit.node(), small);
    auto one = kit.node().make_inbox(orders, horizon);
    auto other = kit.node().make_inbox(orders, horizon);
    REQUIRE(one);
    REQUIRE(other);
    CHECK(one->publish(numbered(1), "m").value() == !again);
    const auto stored = disk->calls();
    CHECK_FALSE(other->publish(numbered(1), "m", wait_for::stored, 1h).value());
    // The first was not waited for: somebody had to.
    if (!again) CHECK(disk->calls() > stored);
    CHECK_FALSE(one->publish(numbered(1), "m", wait_for::handled, 1h).value());
  }
  CHECK(log_on(disk) == numbers{1});
}

TEST_CASE("a message that is refused may be brought again", "[node][durable][inbox]") {
  const auto disk = std::make_shared<memory_store>();
  {
    test_node kit{3, on(disk)};
    auto options = small;
    options.event_bytes_max = 1'024;
    auto orders = orders_of(kit.node(), options);
    auto incoming = kit.node().make_inbox(orders, horizon);
    REQUIRE(incoming);
    const auto huge =
        incoming->publish(order{1, std::string(2'000, 'x')}, "m", {.key = std::string_view{"c1"}});
    REQUIRE_FALSE(huge);
    CHECK(huge.error().code == errc::event_too_large);
    CHECK(incoming->publish(order{1, "c1"}, "m").value());
    CHECK_FALSE(incoming->publish(order{1, "c1"}, "m").value());
    REQUIRE(kit.node().stop(1h).drained);
  }
  CHECK(log_on(disk) == numbers{1});
}

TEST_CASE("a message whose key cannot be told may be brought again, whatever was thrown",
          "[node][durable][inbox]") {
  const auto disk = std::make_shared<memory_store>();
  {
    test_node kit{3, on(disk)};
    auto orders = kit.node().topic("orders", small);
    int calls = 0;
    orders.key<order>([&calls](const order& one) -> std::string_view {
      // The second call is the publisher's own, when the id is claimed and noted.
      if (++calls == 2) throw std::runtime_error{"no key"};
      return one.customer;
    });
    auto incoming = kit.node().make_inbox(orders, 10);
    REQUIRE(incoming);
    CHECK_THROWS_AS(incoming->publish(numbered(1), id_of(1)), std::runtime_error);
    CHECK(calls == 2);
    CHECK(incoming->publish(numbered(1), id_of(1)).value());
    CHECK_FALSE(incoming->publish(numbered(1), id_of(1)).value());
    REQUIRE(kit.node().stop(1h).drained);
  }
  CHECK(log_on(disk) == numbers{1});
}

TEST_CASE("what cannot be an inbox or a message is refused by name", "[node][inbox]") {
  test_node kit{3, on(std::make_shared<memory_store>())};
  auto memory = kit.node().topic("memory", {});
  memory.carries<order>();
  auto orders = orders_of(kit.node(), small);
  const auto refusal = [&](const weir::topic_handle& to, std::uint64_t remembered) {
    const auto made = kit.node().make_inbox(to, remembered);
    return made ? std::string{} : to_string(made.error());
  };
  CHECK(refusal(memory, 10) ==
        "invalid_argument: memory: an inbox needs a topic that is durable");
  CHECK(refusal(orders, 0) ==
        "invalid_argument: orders: an inbox that remembers 0 messages, it is 1 to 100000000");
  CHECK(refusal(orders, 10).empty());
  CHECK(refusal(orders, 11) ==
        "invalid_argument: orders: an inbox that remembers 11 messages beside one of 10");
  auto incoming = kit.node().make_inbox(orders, 10);
  REQUIRE(incoming);
  for (const auto& id : {std::string{}, std::string(257, 'x')}) {
    const auto refused = incoming->publish(numbered(1), id);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::invalid_argument);
  }
  CHECK(incoming->publish(numbered(1), std::string(256, 'x')).value());
}

TEST_CASE("threads that are brought the same messages publish each once",
          "[node][durable][inbox][threads]") {
  constexpr std::int64_t events = 5'000;
  const auto disk = std::make_shared<memory_store>();
  {
    weir::node node{on(disk)};
    auto orders = orders_of(node, small);
    REQUIRE(node.start());
    std::atomic<int> failed{0};
    std::atomic<std::int64_t> fresh{0};
    const auto work = [&] {
      auto incoming = node.make_inbox(orders, 10'000);
      if (!incoming) ++failed;
      for (std::int64_t i = 0; incoming && i < events;) {
        const auto done = incoming->publish(numbered(i), id_of(i));
        if (done) {
          fresh += *done;
          ++i;
        } else if (done.error().code != errc::unavailable) {
          ++failed;
          return;
        }
      }
    };
    std::thread one{work};
    std::thread other{work};
    one.join();
    other.join();
    CHECK(failed == 0);
    CHECK(fresh == events);
    REQUIRE(node.stop(1min).drained);
  }
  CHECK(log_on(disk) == up_to(events));
}
