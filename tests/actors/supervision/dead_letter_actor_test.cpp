// SPDX-License-Identifier: BSD-3-Clause
// Letters through a whole node: the story they tell, and what a full store does.
#include "weir/actors/supervision/dead_letter_actor.hpp"

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::testkit::test_node;

namespace {

weir::result<void> refuse_even(const order& one) {
  if (one.number % 2 != 0) return {};
  return weir::fail(errc::rejected, "number " + std::to_string(one.number) + " is even");
}

}  // namespace

TEST_CASE("a dead letter holds the event, where it was and everything that was tried",
          "[supervision]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node(), {.partitions = 2});
  kit.node()
      .subscribe("billing", "orders",
                 [](const order&) -> weir::result<void> {
                   try {
                     throw std::runtime_error{"connection refused"};
                   } catch (...) {
                     std::throw_with_nested(std::logic_error{"cannot bill"});
                   }
                 })
      .retry(2, weir::fixed(1min));
  REQUIRE(orders.publish(order{7, "c-1"}));
  const auto begin = kit.now();
  REQUIRE(kit.drain().drained);
  const auto letters = kit.node().dead_letters();
  REQUIRE(letters.size() == 1);
  const auto& letter = letters[0];
  CHECK(letter.subscription == "billing");
  CHECK(letter.topic == "orders");
  CHECK(letter.offset == 0);
  CHECK(letter.key == "c-1");
  CHECK(letter.type_name == "test.order");
  CHECK(letter.payload == R"({"number":7,"customer":"c-1"})");
  CHECK(letter.failure.code == errc::handler_threw);
  CHECK(letter.failure.message == "cannot bill");
  REQUIRE(letter.failure.causes.size() == 2);
  CHECK(letter.failure.causes[1].type == "std::runtime_error");
  CHECK(letter.failure.causes[1].message == "connection refused");
  CHECK(letter.attempt_count == 3);
  REQUIRE(letter.attempts.size() == 3);
  CHECK(letter.attempts[2].time - letter.attempts[0].time == 2min);
  CHECK(letter.delivery_count == 1);
  CHECK(letter.died_at == begin + 2min);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("letters are read by number, in the order they came", "[supervision]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node());
  kit.node().subscribe("billing", "orders", refuse_even);
  for (std::int64_t i = 0; i < 10; ++i) REQUIRE(orders.publish(order{i, "c"}));
  kit.drain();
  CHECK(kit.node().dead_letters().size() == 5);
  const auto page = kit.node().dead_letters(2, 2);
  REQUIRE(page.size() == 2);
  CHECK(page[0].offset == 2);
  CHECK(page[1].offset == 4);
  CHECK(kit.node().dead_letters(6).empty());
}

TEST_CASE("a full store halts the subscription and loses nothing", "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    weir::node_options options = quiet();
    options.dead_letters.letters_max = 2;
    test_node kit{seed, options};
    auto orders = orders_of(kit.node(), {.batch_events_max = 1});
    int handled = 0;
    kit.node().subscribe("billing", "orders", [&](const order& one) {
      auto done = refuse_even(one);
      if (done) ++handled;
      return done;
    });
    kit.node().subscribe("audit", "orders", [](const order&) {});
    for (std::int64_t i = 0; i < 20; ++i) REQUIRE(orders.publish(order{i, "c"}));
    const auto report = kit.drain(1h);
    CHECK_FALSE(report.drained);
    REQUIRE(report.left.size() == 1);
    CHECK(report.left[0].subscription == "billing");
    CHECK_THAT(report.left[0].halted, Catch::StartsWith("dead_letters_full"));
    CHECK_THAT(to_string(report), Catch::Contains("billing") && Catch::Contains("halted"));
    CHECK(kit.node().dead_letters().size() == 2);
    // Offsets 0 and 2 are letters, 1 and 3 were delivered, 4 is refused: all from it on are kept.
    const auto counts = ledger_of(kit.node(), "billing");
    CHECK(counts.balanced());
    CHECK(counts.published == 20);
    CHECK(counts.dead_lettered == 2);
    CHECK(counts.in_flight >= 16);
    CHECK(report.left[0].events == counts.in_flight);
    CHECK(ledger_of(kit.node(), "audit").delivered == 20);
    CHECK(kit.verdict() == "");
  }
}
