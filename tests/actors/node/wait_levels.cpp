// SPDX-License-Identifier: BSD-3-Clause
// What each wait level of a publish answers in each fate of its event, as one table. `accepted` is
// about the publisher's ring, `stored` about the partition; only `handled` sees what subscriptions
// do, and it ends well exactly when every one of them has settled the event, however that ended.
#include <functional>
#include <latch>
#include <optional>
#include <thread>

#include <catch2/catch.hpp>

#include "weir/actors/node/impl.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::context;
using weir::errc;
using weir::fail;
using weir::overflow;
using weir::result;
using weir::wait_for;
using weir::testkit::test_node;

namespace {

constexpr weir::duration deadline = 1min;
/// The event that waits; those around it have other numbers.
constexpr std::int64_t awaited = 7;
constexpr std::int64_t earlier = 1;

using declaration = std::function<void(test_node&, weir::topic_handle&)>;

/// One row: what is declared, what is published before, and the answer at each level.
struct row {
  const char* fate;
  std::optional<errc> accepted, stored, handled;
  declaration declare;
  declaration before = [](test_node&, weir::topic_handle&) {};
  weir::topic::topic_options topic{};
  weir::node_options options{};
};
constexpr std::nullopt_t well = std::nullopt;

template <class Handler>
weir::subscription billing(test_node& kit, Handler handler) {
  return kit.node().subscribe("billing", "orders", kit.recording("billing", handler));
}

result<void> not_yet() { return fail(errc::unavailable, "not yet"); }
result<void> never() { return fail(errc::rejected, "never"); }

/// Fails until its `attempts`th attempt.
auto late_by(unsigned attempts) {
  return [attempts](const order&, context& where) -> result<void> {
    return where.attempt() < attempts ? not_yet() : result<void>{};
  };
}

/// Fails for the earlier event alone.
auto stuck_on_earlier(unsigned attempts) {
  return [attempts](const order& one, context& where) -> result<void> {
    return one.number == earlier && where.attempt() < attempts ? not_yet() : result<void>{};
  };
}

/// Being no std::exception it ends the subscriber.
struct death {};
auto dies(unsigned deliveries) {
  return [deliveries](const order&, context& where) {
    if (where.delivery_count() <= deliveries) throw death{};
  };
}

void publish_earlier(test_node& kit, weir::topic_handle& orders) {
  REQUIRE(orders.publish(order{earlier, "c"}));
  kit.run();
}

constexpr weir::topic::topic_options small{.batch_events_max = 1, .ring_events = 2};

/// Fates that subscriptions alone decide.
std::vector<row> settled_rows() {
  return {
      {"the handler succeeds", well, well, well,
       [](auto& kit, auto&) { billing(kit, [](const order&) {}); }},
      {"there is no subscription", well, well, well, [](auto&, auto&) {}},
      {"the handler fails and is retried", well, well, well,
       [](auto& kit, auto&) { billing(kit, late_by(3)).retry(2, weir::fixed(10s)); }},
      {"the event is dead-lettered at once", well, well, well,
       [](auto& kit, auto&) { billing(kit, [](const order&) { return never(); }); }},
      {"the event is dead-lettered after its retries", well, well, well,
       [](auto& kit, auto&) { billing(kit, late_by(9)).retry(2, weir::fixed(10s)); }},
      {"the event is skipped", well, well, well,
       [](auto& kit, auto&) { billing(kit, late_by(9)).then_skip(); }},
      {"the subscriber dies and is restarted", well, well, well,
       [](auto& kit, auto&) { billing(kit, dies(2)).max_deliveries(3); }},
      {"the event kills its subscriber until it is a dead letter", well, well, well,
       [](auto& kit, auto&) { billing(kit, dies(9)).max_deliveries(2); }},
      {"the event expires behind one that is retried", well, well, well,
       [](auto& kit, auto&) {
         billing(kit, stuck_on_earlier(2)).retry(1, weir::fixed(10s)).time_to_live(1s);
       },
       publish_earlier},
      {"a lossy subscription drops it as the newest", well, well, well,
       [](auto& kit, auto&) {
         billing(kit, stuck_on_earlier(2))
             .retry(1, weir::fixed(10s))
             .credit(1)
             .overflow(overflow::drop_newest);
       },
       [](auto& kit, auto& orders) {
         for (int i = 0; i < 3; ++i) publish_earlier(kit, orders);
       },
       small},
      {"a lossy subscription drops it as the oldest", well, well, well,
       [](auto& kit, auto&) {
         billing(kit, stuck_on_earlier(2))
             .retry(1, weir::fixed(10s))
             .credit(1)
             .overflow(overflow::drop_oldest);
       },
       [](auto& kit, auto& orders) {
         publish_earlier(kit, orders);
         for (int i = 1; i <= 5; ++i) {
           REQUIRE(orders.publish_after(order{100, "c"}, i * 1s));
         }
       },
       small},
      {"a scheduled event that is published behind it fails", well, well, well,
       [](auto& kit, auto&) {
         billing(kit, [](const order& one) -> result<void> {
           if (one.number != 100) return {};
           return never();
         });
       },
       [](auto&, auto& orders) { REQUIRE(orders.publish_after(order{100, "c"}, 1s)); }},
  };
}

/// Fates that no settlement ends.
std::vector<row> unsettled_rows() {
  return {
      {"the deadline passes first", well, well, errc::timeout,
       [](auto& kit, auto&) { billing(kit, late_by(2)).retry(1, weir::fixed(1h)); }},
      {"the event halts its subscription", well, well, errc::subscription_halted,
       [](auto& kit, auto&) { billing(kit, late_by(9)).retry(1, weir::fixed(1s)).then_halt(); }},
      {"one subscription halts, the other settles it", well, well, errc::subscription_halted,
       [](auto& kit, auto&) {
         kit.node().subscribe("audit", "orders", [](const order&) {});
         billing(kit, late_by(9)).retry(0).then_halt();
       }},
      {"an earlier event has halted the subscription", well, well, errc::subscription_halted,
       [](auto& kit, auto&) { billing(kit, stuck_on_earlier(9)).retry(0).then_halt(); },
       publish_earlier},
      {"the dead-letter store is full", well, well, errc::subscription_halted,
       [](auto& kit, auto&) { billing(kit, [](const order&) { return never(); }); },
       publish_earlier,
       {},
       {.dead_letters = {.letters_max = 1}}},
      {"the subscriber dies more often than its supervisors restart it", well, well,
       errc::subscription_halted,
       [](auto& kit, auto&) { billing(kit, dies(900)).max_deliveries(1000); },
       [](auto&, auto&) {},
       {},
       {.intensity = {.restarts = 2, .window = 1h}}},
      {"a subscription with overflow `fail` lags too far behind", well, well,
       errc::subscription_halted,
       [](auto& kit, auto&) {
         billing(kit, stuck_on_earlier(9))
             .retry(9, weir::fixed(1h))
             .credit(1)
             .overflow(overflow::fail);
       },
       [](auto& kit, auto& orders) {
         for (int i = 0; i < 3; ++i) publish_earlier(kit, orders);
       },
       small},
      // Accepted is not stored: a partition that a halted subscription fills takes no more.
      {"a halted subscription has filled the partition's ring", well, errc::timeout,
       errc::subscription_halted,
       [](auto& kit, auto&) { billing(kit, late_by(9)).retry(0).then_halt(); },
       [](auto& kit, auto& orders) {
         for (int i = 0; i < 3; ++i) publish_earlier(kit, orders);
       },
       small},
      {"a slow subscription has filled the partition's ring", well, errc::timeout, errc::timeout,
       [](auto& kit, auto&) { billing(kit, late_by(9)).retry(9, weir::fixed(1h)); },
       [](auto& kit, auto& orders) {
         for (int i = 0; i < 3; ++i) publish_earlier(kit, orders);
       },
       small},
  };
}

void try_level(const row& tried, wait_for level, std::optional<errc> expected,
               std::uint64_t seed) {
  INFO("level " << static_cast<int>(level));
  test_node kit{seed, quiet(tried.options)};
  auto orders = orders_of(kit.node(), tried.topic);
  tried.declare(kit, orders);
  REQUIRE(kit.node().start());
  tried.before(kit, orders);
  const auto begun = kit.now();
  const auto answer = orders.publish(order{awaited, "c"}, level, deadline);
  const auto took = kit.now() - begun;
  CHECK(answer.has_value() == !expected);
  if (!answer && expected) CHECK(to_string(answer.error().code) == to_string(*expected));
  // Only the deadline ends a wait at the deadline.
  CHECK((took == deadline) == (expected == errc::timeout));
  if (level == wait_for::accepted) CHECK(took == 0s);
  if (!answer && answer.error().code == errc::subscription_halted) {
    CHECK_THAT(answer.error().message, Catch::StartsWith("orders: ") && Catch::Contains("billing"));
  }
  if (level == wait_for::handled && answer) {
    for (const auto& entry : kit.drain().left) FAIL("unsettled in " << entry.subscription);
  }
  kit.run();
  CHECK(kit.verdict() == "");
}

void try_rows(const std::vector<row>& rows) {
  for (const auto& tried : rows) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      INFO(tried.fate << ", seed " << seed);
      try_level(tried, wait_for::accepted, tried.accepted, seed);
      try_level(tried, wait_for::stored, tried.stored, seed);
      try_level(tried, wait_for::handled, tried.handled, seed);
    }
  }
}

}  // namespace

TEST_CASE("handled is well however the event was settled", "[node]") { try_rows(settled_rows()); }

TEST_CASE("handled says at once why it never will be, and no level waits beyond its deadline",
          "[node]") {
  try_rows(unsettled_rows());
}

TEST_CASE("a subscription that joins while an event waits has no say in it", "[node]") {
  weir::node node{quiet({.threads = 3})};
  auto orders = orders_of(node);
  std::latch begun{1}, let_go{1};
  node.subscribe("billing", "orders", [&](const order& one) {
    if (one.number != awaited) return;
    begun.count_down();
    let_go.wait();
  });
  auto publisher = node.make_publisher(orders);
  REQUIRE(publisher);
  result<void> answer = fail(errc::timeout, "no answer");
  std::thread waiting{
      [&] { answer = publisher->publish(order{awaited, "c"}, wait_for::handled, 100h); }};
  begun.wait();
  node.subscribe("audit", "orders", [](const order&) { return not_yet(); })
      .retry(1, weir::fixed(1h));
  CHECK(node.start());
  CHECK(orders.publish(order{100, "c"}));
  let_go.count_down();
  waiting.join();
  CHECK(answer);
  CHECK_FALSE(node.stop(1ms).drained);
}

TEST_CASE("a node that stops ends every wait with errc::closed", "[node]") {
  for (const auto level : {wait_for::accepted, wait_for::stored, wait_for::handled}) {
    weir::node node{quiet({.threads = 2})};
    auto orders = orders_of(node);
    std::latch begun{1};
    node.subscribe("billing", "orders",
                   [&](const order&) -> result<void> {
                     begun.count_down();
                     return not_yet();
                   })
        .retry(1, weir::fixed(1h));
    auto publisher = node.make_publisher(orders);
    REQUIRE(publisher);
    result<void> answer;
    // The stop may come while the wait's request is on its way, too.
    std::thread waiting{[&] { answer = publisher->publish(order{awaited, "c"}, level, 100h); }};
    begun.wait();
    CHECK_FALSE(node.stop(1ms).drained);
    waiting.join();
    INFO("level " << static_cast<int>(level));
    if (level == wait_for::handled) {
      REQUIRE_FALSE(answer);
      CHECK(answer.error().code == errc::closed);
    } else if (!answer) {
      // Sequenced, but the answer was overtaken by the end.
      CHECK(answer.error().code == errc::closed);
    }
    const auto late = publisher->publish(order{awaited, "c"}, level, 100h);
    REQUIRE_FALSE(late);
    CHECK(late.error().code == errc::closed);
  }
}

TEST_CASE("a wait that comes to a partition that has ended is errc::closed, not a wait",
          "[node]") {
  // What a stop does between a publish and the request to hear of it.
  const bool ended_before = GENERATE(true, false);
  for (const auto level : {wait_for::stored, wait_for::handled}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      test_node kit{seed, quiet()};
      auto orders = orders_of(kit.node());
      REQUIRE(orders.publish(order{earlier, "c"}));
      kit.run();
      weir::actors::kill(kit.node().internals().link->partitions->at(0).actor);
      if (ended_before) kit.run();
      const auto begun = kit.now();
      const auto answer = orders.publish(order{awaited, "c"}, level, deadline);
      REQUIRE_FALSE(answer);
      CHECK(answer.error().code == errc::closed);
      CHECK_THAT(answer.error().message, Catch::StartsWith("orders: the node stopped"));
      CHECK(kit.now() == begun);
    }
  }
}
