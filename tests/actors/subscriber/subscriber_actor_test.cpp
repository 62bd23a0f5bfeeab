// SPDX-License-Identifier: BSD-3-Clause
// What a subscription does with what its handlers return and throw.
#include "weir/actors/subscriber/subscriber_actor.hpp"

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

int functions_called = 0;
void count_call(const order&) { ++functions_called; }

struct billing {
  int* calls;
  result<void> operator()(const order&, context&) { return ++*calls, result<void>{}; }
};

std::vector<std::int64_t> numbers(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> all;
  for (auto i = from; i < to; ++i) all.push_back(i);
  return all;
}

}  // namespace

TEST_CASE("functions, lambdas and objects of every signature are handlers", "[subscriber]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  int seen[3] = {};
  functions_called = 0;
  kit.node().subscribe("function", "orders", &count_call);
  kit.node().subscribe("object", "orders", billing{&seen[0]});
  kit.node().subscribe(
      "two-types", "*", [&](const order&) { ++seen[1]; },
      [&](const invoice&, context&) { ++seen[2]; });
  REQUIRE(orders.publish(order{1, "c"}));
  REQUIRE(orders.publish(invoice{1, "c"}));
  kit.run();
  CHECK(functions_called == 1);
  CHECK(seen[0] == 1);
  CHECK(seen[1] == 1);
  CHECK(seen[2] == 1);
  // Those without a handler for an invoice have it as a dead letter.
  const auto letters = kit.node().dead_letters();
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].failure.code == errc::no_handler);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a transient failure is retried in place after its backoff, in order", "[subscriber]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  using call = std::pair<std::int64_t, weir::timestamp>;
  std::vector<call> calls;
  kit.node()
      .subscribe("billing", "orders",
                 [&](const order& one, context& where) -> result<void> {
                   calls.emplace_back(one.number, where.now());
                   if (one.number > 0 || where.attempt() == 4) return {};
                   return weir::fail(errc::unavailable, "not yet");
                 })
      .retry(5, weir::exponential(10s));
  REQUIRE(orders.publish(order{0, "c"}));
  REQUIRE(orders.publish(order{1, "c"}));
  const auto begin = kit.now();
  REQUIRE(kit.drain().drained);
  CHECK(calls ==
        std::vector<call>{
            {0, begin}, {0, begin + 10s}, {0, begin + 30s}, {0, begin + 60s}, {1, begin + 60s}});
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("while one partition waits for a retry, others go on", "[subscriber]") {
  test_node kit{1};
  auto orders = orders_of(kit.node(), {.partitions = 4});
  std::map<std::string, int> handled;
  kit.node()
      .subscribe("billing", "orders",
                 [&](const order& one, context& where) -> result<void> {
                   if (one.customer == "c0" && where.attempt() == 1) {
                     return weir::fail(errc::unavailable, "not yet");
                   }
                   ++handled[one.customer];
                   return {};
                 })
      .retry(1, weir::fixed(1h));
  for (const auto* customer : {"c0", "c1", "c2", "c3", "c4", "c5"}) {
    REQUIRE(orders.publish(order{1, customer}));
  }
  kit.run();
  CHECK(handled["c0"] == 0);
  CHECK(handled.size() > 2);
  kit.advance(1h);
  CHECK(handled["c0"] == 1);
  CHECK(handled.size() == 6);
}

TEST_CASE("rules say what becomes of which failure, of which event", "[subscriber]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node());
  std::map<std::int64_t, int> calls;
  kit.node()
      .subscribe("billing", "orders",
                 [&](const order& one) -> result<void> {
                   ++calls[one.number];
                   switch (one.number) {
                     case 1: return weir::fail(errc::rejected, "poison");
                     case 2: throw std::invalid_argument{"thrown"};
                     case 3: return weir::fail(errc::timeout, "slow");
                     case 4: return weir::fail(errc::timeout, "slow, and of no importance");
                     default: return {};
                   }
                 })
      .recover(weir::on_failure()
                   .event<order>([](const order& one, const weir::error&) {
                     return one.number == 4;
                   })
                   .then_skip())
      .recover(weir::on_failure().code(errc::timeout).retry(2, weir::fixed(1s)))
      .recover(weir::on_failure().thrown<std::invalid_argument>().then_skip())
      .recover(weir::on_failure().kind(weir::error_class::poison).retry(1).then_skip());
  for (std::int64_t i = 0; i < 6; ++i) REQUIRE(orders.publish(order{i, "c"}));
  REQUIRE(kit.drain().drained);
  CHECK(calls == std::map<std::int64_t, int>{{0, 1}, {1, 2}, {2, 1}, {3, 3}, {4, 1}, {5, 1}});
  const auto counts = ledger_of(kit.node(), "billing");
  CHECK(counts.dropped_for(weir::observe::drop_reason::skipped) == 3);
  CHECK(counts.dead_lettered == 1);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a failure may begin the subscriber anew, until its event is a dead letter",
          "[subscriber]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node());
  int incarnations = 0;
  std::vector<std::int64_t> handled;
  struct counting {
    explicit counting(int& count) : count_(&count) { ++*count_; }
    counting(const counting& other) : count_(other.count_) { ++*count_; }
    int* count_;
  };
  kit.node()
      .subscribe("billing", "orders",
                 [&, state = counting{incarnations}](const order& one) -> result<void> {
                   if (one.number == 2) return weir::fail(errc::unavailable, "a stale connection");
                   handled.push_back(one.number);
                   return {};
                 })
      .max_deliveries(3)
      .recover(weir::on_failure().code(errc::unavailable).then_restart());
  REQUIRE(kit.node().start());
  const auto before = incarnations;
  for (std::int64_t i = 0; i < 5; ++i) REQUIRE(orders.publish(order{i, "c"}));
  REQUIRE(kit.drain().drained);
  CHECK(handled == std::vector<std::int64_t>{0, 1, 3, 4});
  CHECK(incarnations - before >= 3);
  const auto letters = kit.node().dead_letters();
  REQUIRE(letters.size() == 1);
  CHECK(letters.front().failure.code == errc::deliveries_exhausted);
  CHECK(letters.front().delivery_count == 3);
  CHECK(letters.front().attempts.size() == 3);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("while a service is away its events are held, and order, attempts and letters are spared",
          "[subscriber]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.partitions = 3});
    bool away = false;
    std::uint64_t tried = 0;
    std::map<std::string, std::int64_t> newest;
    kit.node()
        .subscribe("billing", "orders",
                   [&](const order& one) -> result<void> {
                     if (away) {
                       ++tried;
                       return weir::fail(errc::unavailable, "away");
                     }
                     CHECK(one.number > std::exchange(newest[one.customer], one.number));
                     return {};
                   })
        .retry(2, weir::fixed(100ms))
        .circuit_breaker({.failure_share = 0.5, .window = 4, .open_for = 10s});
    REQUIRE(kit.node().start());
    std::int64_t number = 0;
    const auto publish = [&](int events) {
      for (; events > 0; --events) {
        ++number;
        REQUIRE(orders.publish(order{number, "c" + std::to_string(number % 7)}));
      }
      kit.run();
    };
    publish(20);
    away = true;
    for (int minute = 0; minute < 10; ++minute) {
      publish(5);
      kit.advance(1min);
    }
    // A few until it opened, then one each ten seconds.
    CHECK(tried >= 40);
    CHECK(tried <= 80);
    away = false;
    REQUIRE(kit.drain(1h).drained);
    const auto counts = ledger_of(kit.node(), "billing");
    CHECK(counts.dead_lettered == 0);
    CHECK(counts.delivered == static_cast<std::uint64_t>(number));
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("poison is not retried, and what is exhausted goes where the policy says",
          "[subscriber]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node());
  int poison = 0, skipped = 0;
  kit.node()
      .subscribe("poison", "orders",
                 [&](const order&) -> result<void> {
                   ++poison;
                   return weir::fail(errc::rejected, "never");
                 })
      .retry(5);
  kit.node()
      .subscribe("skips", "orders",
                 [&](const order&) -> result<void> {
                   ++skipped;
                   throw std::runtime_error{"always"};
                 })
      .retry(2)
      .then_skip();
  REQUIRE(orders.publish(order{1, "c"}));
  REQUIRE(kit.drain().drained);
  CHECK(poison == 1);
  CHECK(skipped == 3);
  CHECK(ledger_of(kit.node(), "poison").dead_lettered == 1);
  CHECK(ledger_of(kit.node(), "skips").dropped_for(weir::observe::drop_reason::skipped) == 1);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a fatal failure halts the subscription, and the report says why", "[subscriber]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node());
  kit.node().subscribe("billing", "orders", [](const order& one) -> result<void> {
    if (one.number < 3) return {};
    return weir::fail(errc::closed, "the ledger book is closed");
  });
  for (std::int64_t i = 0; i < 10; ++i) REQUIRE(orders.publish(order{i, "c"}));
  const auto report = kit.drain();
  REQUIRE(report.left.size() == 1);
  CHECK(report.left[0].halted == "closed: the ledger book is closed");
  CHECK(ledger_of(kit.node(), "billing").in_flight == report.left[0].events);
  CHECK(kit.verdict() == "");
}

TEST_CASE("what is no std::exception ends the actor; the event comes again, the others do not",
          "[subscriber]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.batch_events_max = 4});
    std::vector<std::int64_t> handled;
    std::vector<unsigned> deliveries;
    kit.node().subscribe("billing", "orders",
                         kit.recording("billing", [&](const order& one, context& where) {
                           if (one.number == 5) deliveries.push_back(where.delivery_count());
                           if (one.number == 5 && where.delivery_count() < 3) throw 1;
                           handled.push_back(one.number);
                         }));
    for (std::int64_t i = 0; i < 20; ++i) REQUIRE(orders.publish(order{i, "c"}));
    REQUIRE(kit.drain().drained);
    CHECK(handled == numbers(0, 20));
    CHECK(deliveries == std::vector<unsigned>{1, 2, 3});
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("an event that ends its subscriber max_deliveries times is a dead letter",
          "[subscriber]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node());
  std::vector<std::int64_t> handled;
  kit.node()
      .subscribe("billing", "orders",
                 [&](const order& one) {
                   if (one.number == 1) throw 1;
                   handled.push_back(one.number);
                 })
      .max_deliveries(2);
  for (std::int64_t i = 0; i < 3; ++i) REQUIRE(orders.publish(order{i, "c"}));
  REQUIRE(kit.drain().drained);
  CHECK(handled == std::vector<std::int64_t>{0, 2});
  const auto letters = kit.node().dead_letters();
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].failure.code == errc::deliveries_exhausted);
  CHECK(letters[0].delivery_count == 2);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a restart begins with fresh handlers", "[subscriber]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node());
  std::vector<int> counts;
  kit.node().subscribe("billing", "orders", [&counts, mine = 0](const order& one) mutable {
    counts.push_back(++mine);
    if (one.number == 2 && counts.size() == 3) throw 1;
  });
  for (std::int64_t i = 0; i < 5; ++i) REQUIRE(orders.publish(order{i, "c"}));
  REQUIRE(kit.drain().drained);
  CHECK(counts == std::vector<int>{1, 2, 3, 1, 2, 3});
}

TEST_CASE("what a failed attempt published is never seen", "[subscriber]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.batch_events_max = 3});
    auto invoices = kit.node().topic("invoices", {.batch_events_max = 2, .ring_events = 2});
    kit.node()
        .subscribe("billing", "orders",
                   [=](const order& one, context& where) -> result<void> {
                     auto sent = where.publish(invoices, invoice{one.number, {}});
                     if (!sent) return sent;
                     const auto calls = where.attempt() + where.delivery_count() - 1;
                     if (one.number % 5 == 1 && calls == 1) throw std::runtime_error{"once"};
                     if (one.number % 5 == 2 && calls == 1) throw 1;
                     if (one.number % 5 == 3) return weir::fail(errc::rejected, "never");
                     return {};
                   })
        .retry(1)
        .publishes_to(invoices);
    std::vector<std::int64_t> invoiced;
    kit.node().subscribe("mail", "invoices",
                         [&](const invoice& one) { invoiced.push_back(one.number); });
    std::vector<std::int64_t> expected;
    for (std::int64_t i = 0; i < 30; ++i) {
      REQUIRE(orders.publish(order{i, "c"}));
      if (i % 5 != 3) expected.push_back(i);
    }
    REQUIRE(kit.drain().drained);
    CHECK(invoiced == expected);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("what a handler publishes carries the conversation on", "[subscriber]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  auto invoices = kit.node().topic("invoices");
  weir::event_id first, cause, conversation;
  kit.node()
      .subscribe("billing", "orders",
                 [&, invoices](const order&, context& where) {
                   first = where.header().id;
                   return where.publish(invoices, invoice{});
                 })
      .publishes_to(invoices);
  kit.node().subscribe("mail", "invoices", [&](const invoice&, context& where) {
    cause = where.header().causation_id();
    conversation = where.header().correlation_id();
  });
  REQUIRE(orders.publish(order{1, "c"}));
  kit.run();
  CHECK(first);
  CHECK(cause == first);
  CHECK(conversation == first);
}
