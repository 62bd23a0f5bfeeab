// SPDX-License-Identifier: BSD-3-Clause
// Handlers, coroutines and enrichers on the bench: what they return, publish, ask and keep.
#include "weir/actors/testkit/given.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::testkit::given;
using weir::testkit::loose_topic;
using weir::testkit::outcome;

namespace {

weir::result<void> refuse_negative(const order& one) {
  if (one.number < 0) return weir::fail(errc::rejected, "negative");
  return {};
}

struct price_of {
  std::int64_t number = 0;
  bool operator==(const price_of&) const = default;
};
struct prices {
  using request_type = price_of;
  using reply_type = std::int64_t;
  std::string name = "prices";
};

}  // namespace

template <>
struct std::hash<price_of> {
  std::size_t operator()(const price_of& one) const noexcept {
    return std::hash<std::int64_t>{}(one.number);
  }
};

TEST_CASE("a plain handler succeeds or fails with its error", "[testkit]") {
  auto billing = given(refuse_negative);
  CHECK(billing.when(order{1, "c"}).succeeded());
  const auto then = billing.when(order{-1, "c"});
  CHECK_FALSE(then.succeeded());
  CHECK(then.failed_with(errc::rejected));
  CHECK(to_string(then) == "failed: rejected: negative");
  CHECK(billing.when(order{2, "c"}).succeeded());
}

TEST_CASE("what is thrown fails the attempt, or ends the subscriber", "[testkit]") {
  auto billing = given([](const order& one) {
    if (one.number == 1) throw std::runtime_error{"no memory"};
    if (one.number == 2) throw 7;
  });
  const auto thrown = billing.when(order{1, "c"});
  CHECK(thrown.failed_with(errc::handler_threw));
  CHECK(thrown.failure()->message == "no memory");
  CHECK(billing.when(order{2, "c"}).what() == outcome::kind::died);
  CHECK(billing.when(order{3, "c"}).succeeded());
}

TEST_CASE("what a handler publishes is seen by topic and type, and not if it fails", "[testkit]") {
  const loose_topic invoices{"invoices"};
  auto billing = given([&](const order& one, weir::context& where) -> weir::result<void> {
    auto sent = where.publish(invoices, invoice{one.number * 2, one.customer});
    if (!sent) return sent;
    return refuse_negative(one);
  });
  const auto then = billing.when(order{4, "c-9"});
  REQUIRE(then.published<invoice>("invoices").size() == 1);
  CHECK(then.published<invoice>("invoices")[0].number == 8);
  CHECK(then.published<order>("invoices").empty());
  CHECK(then.published<invoice>("orders").empty());
  CHECK(to_string(then) == "handled, published 1 event");
  CHECK(billing.when(order{-4, "c-9"}).published_count() == 0);
}

TEST_CASE("earlier events are known to the handler, and their key to its states", "[testkit]") {
  auto totals = given([](const order& one, weir::context& where) {
    return where.state<std::string, std::int64_t>("totals").update(
        one.customer, [&](std::int64_t& sum) { sum += one.number; });
  });
  totals.transactional().earlier(order{3, "a"}).earlier(order{4, "b"});
  CHECK(totals.when(order{5, "a"}).succeeded());
  CHECK(totals.state<std::string, std::int64_t>("totals", "a") == 8);
  CHECK(totals.state<std::string, std::int64_t>("totals", "b") == 4);
  CHECK_FALSE(totals.state<std::string, std::int64_t>("totals", "c"));
}

TEST_CASE("retries happen in virtual time, as the policy says", "[testkit]") {
  int calls = 0;
  auto billing = given([&](const order&) -> weir::result<void> {
    if (++calls < 3) return weir::fail(errc::unavailable, "not yet");
    return {};
  });
  weir::recoverability patient;
  patient.in_place = {2, weir::fixed(1min)};
  billing.policy(patient);
  const auto begin = billing.now();
  CHECK(billing.when(order{1, "c"}).succeeded());
  CHECK(calls == 3);
  CHECK(billing.now() - begin == 2min);
}

TEST_CASE("a coroutine asks a scripted service and sleeps in virtual time", "[testkit]") {
  const prices bank;
  auto billing = given([bank](const order& one,
                              weir::task_context& context) -> weir::task<weir::result<void>> {
    co_await context.sleep(1h);
    auto price = co_await context.ask(bank, price_of{one.number}, 5s);
    if (!price) co_return weir::fail(std::move(price.error()));
    co_return refuse_negative(order{*price, one.customer});
  });
  billing.service("prices", [](const price_of& one) -> weir::result<std::int64_t> {
    if (one.number == 13) return weir::fail(errc::unavailable, "no such price");
    return one.number - 10;
  });
  const auto begin = billing.now();
  CHECK(billing.when(order{20, "c"}).succeeded());
  CHECK(billing.now() - begin >= 1h);
  CHECK(billing.when(order{5, "c"}).failed_with(errc::rejected));
  CHECK(billing.when(order{13, "c"}).failed_with(errc::unavailable));
}

TEST_CASE("an enricher joins what its scripted service answers", "[testkit]") {
  const loose_topic invoices{"invoices"};
  auto pricing = given(
      weir::enrichment{.from = prices{},
                       .ask = [](const order& one) { return price_of{one.number}; },
                       .join = [](const order& one, const std::int64_t& price)
                           -> weir::result<invoice> { return invoice{price, one.customer}; }},
      invoices);
  pricing.service("", [](const price_of& one) -> weir::result<std::int64_t> {
    if (one.number == 13) return weir::fail(errc::rejected, "unlucky");
    return one.number * 100;
  });
  const auto then = pricing.when(order{7, "c-1"});
  CHECK(then.succeeded());
  REQUIRE(then.published<invoice>("invoices").size() == 1);
  CHECK(then.published<invoice>("invoices")[0].number == 700);
  CHECK(pricing.when(order{13, "c-1"}).failed_with(errc::rejected));
}
