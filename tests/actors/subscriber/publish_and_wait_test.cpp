// SPDX-License-Identifier: BSD-3-Clause
// Coroutine handlers that publish and wait, in a node under virtual time: levels, full rings, and
// nodes and subscribers that end meanwhile.
#include "weir/actors/subscriber/publish_and_wait.hpp"

#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "weir/actors/node/impl.hpp"
#include "weir/actors/subscriber/ask_actor.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::per_key;
using weir::publish_and_wait;
using weir::result;
using weir::task;
using weir::task_context;
using weir::wait_for;
using weir::testkit::test_node;

namespace {

weir::topic_handle invoices_of(weir::node& node, weir::topic::topic_options options = {}) {
  auto topic = node.topic("invoices", options);
  topic.key<invoice>(&invoice::customer);
  return topic;
}

/// Billing of orders: an invoice for each, awaited up to this level.
auto billing(const weir::topic_handle& invoices, wait_for level, std::vector<result<void>>& came,
             weir::duration deadline = 1min) {
  return [=, &came](const order& one, task_context& context) -> task<result<void>> {
    const invoice made{one.number, one.customer};
    came.push_back(
        co_await publish_and_wait(context, invoices, made, level, deadline));
    co_return result<void>{};
  };
}

auto well(const std::vector<result<void>>& came) {
  return std::count_if(came.begin(), came.end(), [](const auto& one) { return one.has_value(); });
}

/// Nothing of this topic is ever handled: the retry of its first event is an hour away.
void never_handled(weir::node& node, int& calls) {
  node.subscribe("stuck", "invoices",
                 [&calls](const invoice&) -> result<void> {
                   ++calls;
                   return weir::fail(errc::unavailable, "for ever");
                 })
      .retry(1000, weir::fixed(24h));
}

}  // namespace

TEST_CASE("a handler waits until what it publishes has reached its level", "[subscriber]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    for (const auto level : {wait_for::accepted, wait_for::stored, wait_for::handled}) {
      test_node kit{seed};
      auto orders = orders_of(kit.node());
      const auto invoices = invoices_of(kit.node());
      int handled = 0;
      std::vector<result<void>> came;
      std::vector<int> handled_then;
      kit.node().subscribe("post", "invoices", [&](const invoice&) { ++handled; });
      kit.node().subscribe("billing", "orders",
                           [&](const order& one, task_context& context) -> task<result<void>> {
                             const invoice made{one.number, one.customer};
                             came.push_back(co_await publish_and_wait(
                                 context, invoices, made, level, 1min));
                             handled_then.push_back(handled);
                             co_return result<void>{};
                           });
      for (std::int64_t i = 0; i < 3; ++i) REQUIRE(orders.publish(order{i, "c"}));
      kit.run();
      CHECK(well(came) == 3);
      if (level == wait_for::handled) CHECK(handled_then == std::vector<int>{1, 2, 3});
      CHECK(handled == 3);
      CHECK(kit.final_verdict() == "");
    }
  }
}

TEST_CASE("what is awaited to a level is published even if the attempt fails, and carries on",
          "[subscriber]") {
  test_node kit{3};
  auto orders = orders_of(kit.node());
  const auto invoices = invoices_of(kit.node());
  std::vector<std::int64_t> posted;
  bool same_conversation = true;
  weir::event_id conversation;
  kit.node().subscribe("post", "invoices", [&](const invoice& one, weir::context& context) {
    posted.push_back(one.number);
    same_conversation = same_conversation && context.header().correlation_id() == conversation;
  });
  kit.node()
      .subscribe("billing", "orders",
                 [&](const order& one, task_context& context) -> task<result<void>> {
                   conversation = context.header().correlation_id();
                   context.publish(invoices, invoice{one.number + 100, one.customer});
                   const invoice made{one.number, one.customer};
                   auto sent = co_await publish_and_wait(context, invoices, made,
                                                         wait_for::handled, 1min);
                   if (!sent) co_return sent;
                   if (context.attempt() == 1) co_return weir::fail(errc::unavailable, "no");
                   co_return result<void>{};
                 })
      .retry(1, weir::fixed(1s));
  REQUIRE(orders.publish(order{7, "c"}));
  kit.advance(1min);
  CHECK(posted == std::vector<std::int64_t>{7, 7, 107});
  CHECK(same_conversation);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("an event that does not reach its level in time is errc::timeout and stays",
          "[subscriber]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  const auto invoices = invoices_of(kit.node());
  int calls = 0;
  never_handled(kit.node(), calls);
  std::vector<result<void>> came;
  kit.node().subscribe("billing", "orders", billing(invoices, wait_for::handled, came));
  REQUIRE(orders.publish(order{1, "c"}));
  kit.advance(59s);
  CHECK(came.empty());
  kit.advance(1s);
  REQUIRE(came.size() == 1);
  CHECK(came[0].error().code == errc::timeout);
  CHECK(came[0].error().message == "invoices: not handled within 60000 ms");
  CHECK(calls == 1);
  CHECK(ledger_of(kit.node(), "stuck").in_flight == 1);
  CHECK(ledger_of(kit.node(), "billing").delivered == 1);
}

TEST_CASE("what its topic does not take is told at once", "[subscriber]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  const auto invoices = invoices_of(kit.node(), {.ordered = true});
  std::vector<result<void>> came;
  kit.node().subscribe("billing", "orders", billing(invoices, wait_for::stored, came));
  weir::topic::publish_options keyed{.key = "k"};
  REQUIRE(orders.publish(order{1, ""}, keyed));
  kit.run();
  REQUIRE(came.size() == 1);
  CHECK(came[0].error().code == errc::missing_key);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a ring that never empties is errc::backpressure at the deadline, and nothing is lost",
          "[subscriber]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  const auto invoices =
      invoices_of(kit.node(), {.batch_events_max = 1, .ring_events = 4, .ring_bytes = 64 * 1024});
  int calls = 0;
  never_handled(kit.node(), calls);
  std::vector<result<void>> came;
  kit.node()
      .subscribe("billing", "orders", billing(invoices, wait_for::accepted, came))
      .concurrency(per_key{64});
  for (std::int64_t i = 0; i < 40; ++i) {
    REQUIRE(orders.publish(order{i, std::to_string(i)}));
  }
  kit.run();
  const auto accepted = came.size();
  CHECK(accepted >= 4);
  CHECK(accepted < 40);
  kit.advance(2min);
  REQUIRE(came.size() > accepted);
  for (std::size_t i = accepted; i < came.size(); ++i) {
    REQUIRE_FALSE(came[i]);
    CHECK(came[i].error().code == errc::backpressure);
    CHECK(came[i].error().message == "invoices: no room within 60000 ms");
  }
  CHECK(kit.verdict() == "");
}

TEST_CASE("room wakes a handler that waits for it", "[subscriber]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    test_node kit{seed};
    auto orders = orders_of(kit.node());
    const auto invoices = invoices_of(
        kit.node(), {.batch_events_max = 1, .ring_events = 4, .ring_bytes = 64 * 1024});
    std::vector<result<void>> came;
    int posted = 0;
    kit.node()
        .subscribe("post", "invoices",
                   [&](const invoice&, weir::context& context) -> result<void> {
                     if (context.attempt() == 1 && posted == 0) {
                       return weir::fail(errc::unavailable, "later");
                     }
                     ++posted;
                     return {};
                   })
        .retry(3, weir::fixed(10s));
    kit.node()
        .subscribe("billing", "orders", billing(invoices, wait_for::stored, came))
        .concurrency(per_key{64});
    for (std::int64_t i = 0; i < 40; ++i) {
      REQUIRE(orders.publish(order{i, std::to_string(i)}));
    }
    kit.advance(1min - 1ns);
    CHECK(well(came) == 40);
    CHECK(posted == 40);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a handler that waits for a level when the node stops hears so or is destroyed",
          "[subscriber]") {
  const auto held = std::make_shared<int>(0);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    std::vector<errc> heard;
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node());
    const auto invoices = invoices_of(kit.node());
    int calls = 0;
    never_handled(kit.node(), calls);
    kit.node().subscribe("billing", "orders",
                         [&, held](const order& one, task_context& context) -> task<result<void>> {
                           const auto mine = held;
                           const invoice made{one.number, one.customer};
                           auto sent = co_await publish_and_wait(context, invoices, made,
                                                                 wait_for::handled, 24h);
                           heard.push_back(sent ? errc{} : sent.error().code);
                           co_return sent;
                         });
    REQUIRE(orders.publish(order{0, "a"}));
    kit.run();
    CHECK_FALSE(kit.node().stop(1s).drained);
    CHECK((heard.empty() || heard == std::vector<errc>{errc::closed}));
  }
  CHECK(held.use_count() == 1);
}

TEST_CASE("a subscriber that dies while it waits publishes anew, and hears no old answer",
          "[subscriber]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node());
    const auto invoices = invoices_of(kit.node());
    std::vector<std::int64_t> posted;
    std::vector<result<void>> came;
    kit.node()
        .subscribe("post", "invoices",
                   [&](const invoice& one, weir::context& context) -> result<void> {
                     if (context.attempt() == 1) return weir::fail(errc::unavailable, "later");
                     posted.push_back(one.number);
                     return {};
                   })
        .retry(1, weir::fixed(10s));
    kit.node()
        .subscribe("billing", "orders",
                   [&](const order& one, task_context& context) -> task<result<void>> {
                     if (one.number == 1 && context.delivery_count() == 1) {
                       co_await context.sleep(1s);
                       throw 7;
                     }
                     const invoice made{one.number, one.customer};
                     came.push_back(co_await publish_and_wait(context, invoices, made,
                                                              wait_for::handled, 1min));
                     co_return result<void>{};
                   })
        .concurrency(per_key{8});
    REQUIRE(orders.publish(order{0, "a"}));
    REQUIRE(orders.publish(order{1, "b"}));
    kit.advance(10min);
    // The first incarnation had published 0 already: outside its attempt, so it stays.
    CHECK(posted == std::vector<std::int64_t>{0, 0, 1});
    CHECK(well(came) == 2);
    CHECK(came.size() == 2);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a subscriber that dies while others wait to publish loses nothing", "[subscriber]") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node());
    const auto invoices = invoices_of(kit.node());
    std::map<std::int64_t, int> posted;
    kit.node().subscribe("post", "invoices", [&](const invoice& one) { ++posted[one.number]; });
    kit.node()
        .subscribe("billing", "orders",
                   [&](const order& one, task_context& context) -> task<result<void>> {
                     // 60 KB each: some 270 fit into what may be staged, and 4 into a ring.
                     for (std::int64_t i = 0; i < 4; ++i) {
                       const invoice made{one.number * 100 + i, std::string(60'000, 'x')};
                       const weir::topic::publish_options options{.key = one.customer};
                       auto sent = co_await context.publish(invoices, made, options);
                       if (!sent) co_return sent;
                     }
                     co_await context.sleep(1s);
                     if (one.number == 3 && context.delivery_count() == 1) throw 7;
                     co_return result<void>{};
                   })
        .concurrency(per_key{90});
    for (std::int64_t i = 0; i < 90; ++i) {
      REQUIRE(orders.publish(order{i, std::to_string(i)}));
    }
    kit.advance(1min);
    CHECK(posted.size() == 360);
    CHECK(std::all_of(posted.begin(), posted.end(), [](const auto& one) {
      return one.second == 1;
    }));
    CHECK(kit.node().dead_letters().empty());
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a handler that never finishes is given up, and its key and others go on",
          "[subscriber]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  std::vector<std::int64_t> ended;
  kit.node()
      .subscribe("billing", "orders",
                 [&](const order& one, task_context& context) -> task<result<void>> {
                   while (one.number == 0) co_await context.sleep(1h);
                   ended.push_back(one.number);
                   co_return result<void>{};
                 })
      .concurrency(per_key{1})
      .timeout(5s)
      .retry(0);
  REQUIRE(orders.publish(order{0, "a"}));
  REQUIRE(orders.publish(order{1, "a"}));
  REQUIRE(orders.publish(order{2, "b"}));
  kit.advance(4s);
  CHECK(ended.empty());
  kit.advance(1s);
  CHECK(ended == std::vector<std::int64_t>{1, 2});
  REQUIRE(kit.node().dead_letters().size() == 1);
  CHECK(kit.node().dead_letters()[0].failure.code == errc::timeout);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("an answer that comes after the node has stopped finds nobody, and nothing is kept",
          "[subscriber]") {
  const auto held = std::make_shared<int>(0);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    bool went_on = false;
    {
      test_node kit{seed};
      auto orders = orders_of(kit.node());
      caf::actor slow;
      kit.node().subscribe("billing", "orders",
                           [&, held](const order& one, task_context& context)
                               -> task<result<void>> {
                             const auto mine = held;
                             auto answer = co_await weir::ask_actor<std::int64_t>(
                                 context, slow, 1h, one.number);
                             went_on = true;
                             co_return result<void>{};
                           });
      REQUIRE(kit.node().start());
      bool answered = false;
      // Answers when whoever asked has ended.
      const auto answering_late = [&answered](caf::event_based_actor* self, int) -> caf::behavior {
        const auto open = std::make_shared<caf::typed_response_promise<std::int64_t>>();
        self->set_down_handler([&answered, self, open](caf::down_msg&) {
          open->deliver(std::int64_t{1});
          answered = true;
          self->quit();
        });
        return {[self, open](std::int64_t) -> caf::result<std::int64_t> {
          self->monitor(caf::actor_cast<caf::actor>(self->current_sender()));
          *open = self->make_response_promise<std::int64_t>();
          return *open;
        }};
      };
      slow = kit.node().internals().link->system->spawn(answering_late, 0);
      REQUIRE(orders.publish(order{0, "a"}));
      kit.run();
      CHECK_FALSE(kit.node().stop(1s).drained);
      CHECK(answered);
      slow = nullptr;
    }
    CHECK_FALSE(went_on);
  }
  CHECK(held.use_count() == 1);
}
