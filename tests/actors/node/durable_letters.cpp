// SPDX-License-Identifier: BSD-3-Clause
// Dead letters through whole nodes that share a store, one after the other: wherever a node ends or
// its disk fails, an event that nobody could handle is a letter, and one of a durable topic once.
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

bool poison(std::int64_t number) { return number % 3 == 0; }

weir::result<void> refuse_poison(const order& one) {
  if (!poison(one.number)) return {};
  return weir::fail(errc::rejected, "number " + std::to_string(one.number));
}

order numbered(std::int64_t i) { return order{i, "c" + std::to_string(i % 5)}; }

std::int64_t number_of(const weir::delivery::dead_letter& letter) {
  return std::stoll(letter.failure.message.substr(7));
}

/// How often each number is a letter.
std::map<std::int64_t, int> letters_by_number(weir::node& node) {
  std::map<std::int64_t, int> counts;
  for (const auto& letter : node.dead_letters()) ++counts[number_of(letter)];
  return counts;
}

/// A node on a disk, with a topic of orders and a subscription that cannot handle poison.
struct shop {
  shop(std::uint64_t seed, const std::shared_ptr<memory_store>& disk,
       weir::delivery::dead_letter_limits limits = {})
      : kit(seed, quiet({.dead_letters = limits, .store = disk})),
        orders(orders_of(kit.node(), small)) {
    kit.node().subscribe("billing", "orders", [this](const order& one) {
      auto done = refuse_poison(one);
      if (done) ++handled[one.number];
      return done;
    });
  }

  void publish(std::int64_t from, std::int64_t end) {
    for (auto i = from; i < end; ++i) REQUIRE(orders.publish(numbered(i)));
  }

  test_node kit;
  weir::topic_handle orders;
  std::map<std::int64_t, int> handled;
};

}  // namespace

TEST_CASE("letters of earlier runs are there in the next, and their events do not come again",
          "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  for (std::int64_t run = 0; run < 3; ++run) {
    shop one{7, disk};
    REQUIRE(one.kit.node().start());
    CHECK(one.kit.node().dead_letters().size() == static_cast<std::size_t>(run) * 10);
    one.publish(run * 30, run * 30 + 30);
    REQUIRE(one.kit.drain(1h).drained);
    CHECK(one.kit.final_verdict() == "");
    REQUIRE(one.kit.node().stop(1h).drained);
    const auto letters = one.kit.node().dead_letters();
    REQUIRE(letters.size() == static_cast<std::size_t>(run) * 10 + 10);
    CHECK(number_of(letters.back()) / 30 == run);
    CHECK(letters.back().subscription == "billing");
    CHECK_THAT(letters.back().payload, Catch::StartsWith(R"({"number":)"));
  }
}

TEST_CASE("letters of topics in memory are kept too, whatever offsets they had",
          "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  for (std::size_t run = 1; run <= 3; ++run) {
    test_node kit{7, quiet({.store = disk})};  // the same seed: the same ids, offsets and times
    auto orders = orders_of(kit.node());
    kit.node().subscribe("billing", "orders", refuse_poison);
    for (std::int64_t i = 0; i < 9; ++i) REQUIRE(orders.publish(numbered(i)));
    REQUIRE(kit.drain(1h).drained);
    CHECK(kit.node().dead_letters().size() == run * 3);
  }
}

TEST_CASE("wherever a node crashes, poison of a durable topic is one letter in the end",
          "[node][durable]") {
  std::uint64_t crashes = 0;
  std::uint64_t kept_before = 0;
  for (std::uint64_t call = 1; call <= 150; ++call) {
    const auto disk = std::make_shared<memory_store>();
    numbers acknowledged;
    {
      shop first{call, disk};
      disk->set_faults({.seed = call, .crash_at_call = call});
      for (std::int64_t i = 0; i < 60; ++i) {
        const bool waits = i % 4 == 0;
        if (waits && first.orders.publish(numbered(i), wait_for::stored, 1h)) {
          acknowledged.push_back(i);
        }
        if (!waits && !first.orders.publish(numbered(i))) break;
        first.kit.run(call % 7);
      }
      first.kit.run();
      static_cast<void>(first.kit.node().stop(1s));
      kept_before += first.kit.node().dead_letters().size();
    }
    crashes += disk->calls() >= call;
    disk->set_faults({});
    disk->reopen();
    shop next{call, disk};
    numbers log;
    next.kit.node()
        .subscribe("audit", "orders", [&](const order& one) { log.push_back(one.number); })
        .starting(weir::from_earliest());
    INFO("crash at call " << call);
    REQUIRE(next.kit.node().start());
    REQUIRE(next.kit.drain(1h).drained);
    const auto letters = letters_by_number(next.kit.node());
    for (const auto number : acknowledged) CHECK(std::count(log.begin(), log.end(), number) == 1);
    for (const auto number : log) {
      CHECK(letters.count(number) == (poison(number) ? 1U : 0U));
    }
    for (const auto& [number, times] : letters) CHECK(times == 1);
    CHECK(next.kit.final_verdict() == "");
  }
  CHECK(crashes > 60);
  CHECK(kept_before > 100);
}

TEST_CASE("a letter that cannot be flushed is refused: its event stays, and comes again",
          "[node][durable]") {
  int halted = 0;
  for (std::uint64_t call = 1; call <= 60; ++call) {
    const auto disk = std::make_shared<memory_store>();
    {
      shop first{call, disk};
      REQUIRE(first.kit.node().start());
      disk->set_faults({.seed = call, .fail_at_call = disk->calls() + call});
      for (std::int64_t i = 0; i < 30; ++i) {
        if (!first.orders.publish(numbered(i), wait_for::stored, 1h)) break;
        first.kit.run(call % 5);
      }
      first.kit.run();
      const auto report = first.kit.drain(1h);
      INFO("failing call " << call << ": " << to_string(report));
      for (const auto& entry : report.left) {
        halted += entry.halted.find("store_failed") != std::string::npos;
      }
      const auto counts = ledger_of(first.kit.node(), "billing");
      CHECK(counts.balanced());
      // Settled as a letter is only what is shown as one, and that is on disk.
      CHECK(counts.dead_lettered <= first.kit.node().dead_letters().size());
      CHECK(first.kit.verdict() == "");
    }
    disk->set_faults({});
    disk->reopen();
    shop next{call, disk};
    numbers log;
    next.kit.node()
        .subscribe("audit", "orders", [&](const order& one) { log.push_back(one.number); })
        .starting(weir::from_earliest());
    REQUIRE(next.kit.node().start());
    REQUIRE(next.kit.drain(1h).drained);
    const auto letters = letters_by_number(next.kit.node());
    for (const auto number : log) {
      CHECK(letters.count(number) == (poison(number) ? 1U : 0U));
    }
    for (const auto& [number, times] : letters) CHECK(times == 1);
  }
  CHECK(halted > 5);
}

TEST_CASE("a node starts with more letters than it may hold, and takes no more",
          "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  {
    shop one{7, disk};
    one.publish(0, 30);
    REQUIRE(one.kit.node().stop(1h).drained);
  }
  {
    shop bounded{7, disk, {.letters_max = 4}};
    REQUIRE(bounded.kit.node().start());
    CHECK(bounded.kit.node().dead_letters().size() == 4);
    REQUIRE(bounded.orders.publish(numbered(31)));
    REQUIRE(bounded.kit.drain(1h).drained);
    REQUIRE(bounded.orders.publish(numbered(33)));
    const auto report = bounded.kit.drain(1h);
    REQUIRE(report.left.size() == 1);
    CHECK_THAT(report.left.front().halted, Catch::StartsWith("dead_letters_full"));
  }
  shop again{7, disk};
  REQUIRE(again.kit.node().start());
  REQUIRE(again.kit.drain(1h).drained);
  CHECK(again.kit.node().dead_letters().size() == 11);
}

TEST_CASE("a damaged letter does not keep a node from starting", "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  {
    shop one{7, disk};
    one.publish(0, 30);
    REQUIRE(one.kit.node().stop(1h).drained);
  }
  std::string key;
  REQUIRE(disk->scan(weir::store::table::dead_letters, "", "", [&](std::string_view at, auto) {
    key = at;
    return false;
  }));
  disk->sealed(weir::store::table::dead_letters, key)->at(20) ^= 1;
  shop next{7, disk};
  REQUIRE(next.kit.node().start());
  CHECK(next.kit.node().dead_letters().size() == 9);
}
