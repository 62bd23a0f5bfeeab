// SPDX-License-Identifier: BSD-3-Clause
// An actor of the program's own as a subscriber: it receives, settles, dead-letters, dies, and its
// next incarnation gets what was not settled.
#include "weir/actors/node/custom.hpp"

#include <algorithm>
#include <deque>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::actors::delivery;
using weir::actors::subscriber_link;
using weir::testkit::test_node;

namespace {

/// To the slow auditor itself.
struct page_turned {};

}  // namespace

WEIR_LOCAL_MESSAGE(page_turned)

namespace {

/// What all incarnations of the auditor share with the test.
struct audit_book {
  std::map<std::int64_t, int> seen;
  std::vector<std::int64_t> order;
  int incarnations = 0;
  std::int64_t dies_at = -1;
  int deaths_left = 0;
  bool poison_multiples_of_five = false;
  bool settles = true;
};

class auditor : public caf::event_based_actor {
 public:
  auditor(caf::actor_config& config, subscriber_link link, audit_book* book)
      : caf::event_based_actor(config), link_(std::move(link)), book_(book) {}

  caf::behavior make_behavior() override {
    ++book_->incarnations;
    link_.ready(this);
    return {
        [this](const delivery& arrived) { audit(arrived); },
        [this](const weir::actors::letters_answered&) { link_.answered(); },
    };
  }

 private:
  void audit(const delivery& arrived) {
    for (std::uint32_t i = 0; i < arrived.events.size(); ++i) {
      const auto event = arrived.events[i];
      const auto number = event.as<order>().number;
      if (number == book_->dies_at && book_->deaths_left > 0) {
        --book_->deaths_left;
        quit(caf::exit_reason::unhandled_exception);
        return;
      }
      ++book_->seen[number];
      book_->order.push_back(number);
      if (book_->poison_multiples_of_five && number % 5 == 0) {
        link_.dead_letter(arrived, i, {weir::errc::rejected, "a multiple of five"});
      }
    }
    if (book_->settles) link_.settle(arrived);
  }

  subscriber_link link_;
  audit_book* book_;
};

/// What all incarnations of the slow auditor share with the test.
struct slow_book {
  std::vector<std::int64_t> settled;
  std::uint64_t settled_to = 0;
  int gaps = 0;
  int incarnations = 0;
  int dies_after = 0;
};

/// Takes a second for each delivery, and dies once with some of them on its desk.
class slow_auditor : public caf::event_based_actor {
 public:
  slow_auditor(caf::actor_config& config, subscriber_link link, slow_book* book)
      : caf::event_based_actor(config), link_(std::move(link)), book_(book) {}

  caf::behavior make_behavior() override {
    ++book_->incarnations;
    received_ = book_->settled_to;
    link_.ready(this);
    return {
        [this](const delivery& arrived) { receive(arrived); },
        [this](page_turned) { settle(); },
    };
  }

 private:
  void receive(const delivery& arrived) {
    // A delivery says what it follows: nothing is missed without a word.
    CHECK(arrived.follows == received_);
    if (arrived.follows != arrived.events.first_offset()) ++book_->gaps;
    received_ = arrived.events.end_offset();
    desk_.push_back(arrived);
    weir::actors::tell_later(*this, 1s, page_turned{});
  }
  void settle() {
    if (--book_->dies_after == 0) {
      quit(caf::exit_reason::unhandled_exception);
      return;
    }
    for (const auto event : desk_.front().events) {
      book_->settled.push_back(event.as<order>().number);
    }
    book_->settled_to = desk_.front().events.end_offset();
    link_.settle(desk_.front());
    desk_.pop_front();
  }

  subscriber_link link_;
  slow_book* book_;
  std::uint64_t received_ = 0;
  std::deque<delivery> desk_;
};

weir::subscription declare(weir::node& node, audit_book& book) {
  return weir::actors::subscribe<auditor>(node, "audit", "orders", {&weir::type_of<order>()},
                                          &book);
}

void publish(weir::topic_handle& orders, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) REQUIRE(orders.publish(order{i, "c"}));
}

}  // namespace

TEST_CASE("a custom actor receives deliveries in order and settles them", "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node(), {.batch_events_max = 3, .ring_events = 4});
  audit_book book;
  declare(kit.node(), book);
  publish(orders, 50);
  REQUIRE(kit.drain().drained);
  CHECK(book.order.size() == 50);
  CHECK(std::is_sorted(book.order.begin(), book.order.end()));
  CHECK(ledger_of(kit.node(), "audit").delivered == 50);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("what a custom actor does not settle is reported, and it is sent no more than its credit",
          "[node]") {
  test_node kit{1, quiet()};
  auto orders = orders_of(kit.node(), {.batch_events_max = 1});
  audit_book book;
  book.settles = false;
  declare(kit.node(), book).credit(3);
  publish(orders, 20);
  const auto report = kit.drain(1min);
  REQUIRE(report.left.size() == 1);
  CHECK(book.order.size() == 3);
  CHECK(ledger_of(kit.node(), "audit").in_flight == report.left[0].events);
}

TEST_CASE("a custom actor that dies gets again what it had not settled, and only that", "[node]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.batch_events_max = 4});
    audit_book book;
    book.dies_at = 10;
    book.deaths_left = 2;
    declare(kit.node(), book);
    publish(orders, 30);
    REQUIRE(kit.drain().drained);
    CHECK(book.incarnations == 3);
    CHECK(book.seen.size() == 30);
    for (const auto& [number, times] : book.seen) {
      CHECK(times >= 1);
      // Only its own batch can come again, and nothing behind the death was seen before it.
      if (number < 7 || number >= 10) CHECK(times == 1);
    }
    CHECK(ledger_of(kit.node(), "audit").delivered == 30);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a custom actor goes on when its supervisor itself was restarted", "[node]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    weir::node_options options = quiet();
    options.intensity = {1, 10s};
    test_node kit{seed, options};
    auto orders = orders_of(kit.node(), {.batch_events_max = 4});
    audit_book book;
    book.dies_at = 10;
    book.deaths_left = 3;
    declare(kit.node(), book);
    publish(orders, 30);
    REQUIRE(kit.drain().drained);
    CHECK(book.incarnations == 4);
    CHECK(book.seen.size() == 30);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a custom actor's dead letters hold back settling until the store has them", "[node]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.batch_events_max = 4});
    audit_book book;
    book.poison_multiples_of_five = true;
    declare(kit.node(), book);
    publish(orders, 30);
    REQUIRE(kit.drain().drained);
    const auto counts = ledger_of(kit.node(), "audit");
    CHECK(counts.delivered == 24);
    CHECK(counts.dead_lettered == 6);
    const auto letters = kit.node().dead_letters();
    REQUIRE(letters.size() == 6);
    CHECK(letters[1].offset == 5);
    CHECK(letters[1].subscription == "audit");
    CHECK(letters[1].topic == "orders");
    CHECK(letters[1].failure.message == "a multiple of five");
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a slow custom actor with a lossy policy is told what it missed, and settles the rest",
          "[node]") {
  int gaps = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.batch_events_max = 4, .ring_events = 8});
    slow_book book;
    book.dies_after = static_cast<int>(3 + seed % 3);
    weir::actors::subscribe<slow_auditor>(kit.node(), "audit", "orders", {&weir::type_of<order>()},
                                          &book)
        .credit(static_cast<std::uint32_t>(1 + seed % 3))
        .overflow(weir::overflow::drop_oldest);
    weir::random chance{seed};
    for (std::int64_t i = 0; i < 200; ++i) {
      REQUIRE(orders.publish(order{i, "c"}));
      kit.run(chance.below(8));
      if (chance.below(8) == 0) kit.advance(1s);
    }
    REQUIRE(kit.drain().drained);
    CHECK(book.incarnations == 2);
    gaps += book.gaps;
    CHECK(std::adjacent_find(book.settled.begin(), book.settled.end(), std::greater_equal<>{}) ==
          book.settled.end());
    const auto counts = ledger_of(kit.node(), "audit");
    CHECK(counts.delivered == book.settled.size());
    CHECK(counts.dropped_for(weir::observe::drop_reason::overflow_oldest) ==
          200 - counts.delivered);
    CHECK(kit.final_verdict() == "");
  }
  CHECK(gaps > 50);
}

TEST_CASE("a full dead-letter store halts a custom actor's subscription", "[node]") {
  weir::node_options options = quiet();
  options.dead_letters.letters_max = 2;
  test_node kit{1, options};
  auto orders = orders_of(kit.node(), {.batch_events_max = 4});
  audit_book book;
  book.poison_multiples_of_five = true;
  declare(kit.node(), book);
  publish(orders, 30);
  const auto report = kit.drain(1h);
  REQUIRE(report.left.size() == 1);
  CHECK_THAT(report.left[0].halted, Catch::StartsWith("dead_letters_full"));
  const auto counts = ledger_of(kit.node(), "audit");
  CHECK(counts.balanced());
  CHECK(counts.in_flight == report.left[0].events);
  CHECK(kit.node().dead_letters().size() == 2);
}
