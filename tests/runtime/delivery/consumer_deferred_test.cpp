// SPDX-License-Identifier: BSD-3-Clause
// Deferred events as transcripts: a handler that defers what it is told to, and completes it when
// the test says so. Random histories are in consumer_property.cpp.
#include <catch2/catch.hpp>

#include "weir/runtime/delivery/consumer.hpp"
#include "weir/tests/runtime/delivery/deferring.hpp"
#include "weir/tests/runtime/delivery/outlet.hpp"
#include "weir/tests/runtime/event/death.hpp"

using namespace delivery_tests;
using event_tests::last_words_of;

TEST_CASE("a deferred event holds its lane's settlement and nothing else", "[delivery]") {
  deferring_stage with;
  with.defer({1});
  with.on.send(0, 3);
  with.on.send(1, 1);
  CHECK(with.on.seen() ==
        lines{"0", "1", "deferred 1", "2", "100", "settle lane 1 to 1: 1 delivered"});
  with.complete({1});
  CHECK(with.on.seen() == lines{"complete 1", "settle lane 0 to 3: 3 delivered"});
}

TEST_CASE("events are completed in the order their handler names them", "[delivery]") {
  deferring_stage with;
  with.defer({0, 1, 2, 100});
  with.on.send(0, 3);
  with.on.send(1, 1);
  with.on.seen();
  with.complete({2, 100, 0});
  CHECK(with.on.seen() ==
        lines{"complete 2", "complete 100", "complete 0", "settle lane 1 to 1: 1 delivered"});
  with.complete({1});
  CHECK(with.on.seen() == lines{"complete 1", "settle lane 0 to 3: 3 delivered"});
}

TEST_CASE("later batches of the lane are handled meanwhile and settled with it", "[delivery]") {
  deferring_stage with;
  with.defer({1});
  with.on.send(0, 2);
  with.on.send(0, 2, false);
  with.on.send(0, 1);
  with.on.seen();
  with.complete({1});
  CHECK(with.on.seen() == lines{"complete 1", "settle lane 0 to 5: 5 delivered"});
}

TEST_CASE("what completing throws or returns as an error makes a letter", "[delivery]") {
  deferring_stage with;
  with.defer({0, 1});
  with.on.text.acts[0] = {act::ok, act::throws};
  with.on.text.acts[1] = {act::ok, act::unavailable};
  with.on.send(0, 3);
  with.on.seen();
  with.complete({0, 1});
  CHECK(with.on.seen() == lines{"complete 0", "complete 1",
                                "letter 0: handler_threw: thrown; caused by std::runtime_error: "
                                "thrown",
                                "letter 1: unavailable: service"});
  REQUIRE(with.on.letters.size() == 2);
  CHECK(with.on.letters[0].attempt_count == 1);
  CHECK(with.on.letters[0].attempts.size() == 1);
  CHECK(with.on.letters[1].topic == "orders");
  with.on.stored(0);
  with.on.stored(0);
  CHECK(with.on.seen() == lines{"settle lane 0 to 3: 1 delivered, 2 dead"});
}

TEST_CASE("an event that fails instead of being deferred follows the policy", "[delivery]") {
  deferring_stage with{{.in_place = {.retries = 1, .delays = {}}}};
  with.defer({0});
  with.on.text.acts[0] = {act::unavailable, act::ok};
  with.on.send(0, 1);
  CHECK(with.on.seen() == lines{"0", "0 (1.2)", "deferred 0"});
}

TEST_CASE("a handler that waits for too much stops its lane until something completes",
          "[delivery]") {
  deferring_stage with;
  with.pause_at = 2;
  with.defer({0, 1, 2, 3});
  with.on.send(0, 5);
  CHECK(with.on.seen() == lines{"0", "deferred 0", "1", "deferred 1"});
  with.complete({0});
  CHECK(with.on.seen() == lines{"complete 0", "2", "deferred 2"});
  with.complete({1, 2});
  CHECK(with.on.seen() == lines{"complete 1", "complete 2", "3", "deferred 3", "4"});
  with.complete({3});
  CHECK(with.on.seen() == lines{"complete 3", "settle lane 0 to 5: 5 delivered"});
}

TEST_CASE("a new incarnation begins with the deferred events, in their order", "[delivery]") {
  deferring_stage with;
  with.defer({0, 1, 100});
  with.on.text.acts[3] = {act::dies};
  with.on.send(0, 2);
  with.on.send(1, 1);
  with.on.send(0, 3);
  with.on.seen();
  with.on.restart();
  CHECK(with.on.seen() == lines{"restart", "0", "deferred 0", "1", "deferred 1", "100",
                                "deferred 100", "3 (2.1)", "4"});
  with.complete({0, 1, 100});
  CHECK(with.on.seen() == lines{"complete 0", "complete 1", "complete 100",
                                "settle lane 0 to 5: 5 delivered",
                                "settle lane 1 to 1: 1 delivered"});
}

TEST_CASE("a deferred event may be handled at once in a new incarnation", "[delivery]") {
  deferring_stage with;
  with.defer({0});
  with.on.send(0, 2);
  with.on.seen();
  with.to_defer.clear();
  with.on.restart();
  CHECK(with.on.seen() == lines{"restart", "0", "settle lane 0 to 2: 2 delivered"});
}

TEST_CASE("completing that ends the subscriber is one more delivery of that event only",
          "[delivery]") {
  deferring_stage with{{.in_place = {}, .max_deliveries = 2}};
  with.defer({0, 1});
  with.on.text.acts[1] = {act::ok, act::dies, act::ok, act::dies};
  with.on.send(0, 2);
  with.complete({0, 1});
  CHECK(with.on.seen() ==
        lines{"0", "deferred 0", "1", "deferred 1", "complete 0", "complete 1", "died"});
  with.on.restart();
  CHECK(with.on.seen() == lines{"restart", "1 (2.1)", "deferred 1"});
  with.complete({1});
  CHECK(with.on.seen() == lines{"complete 1 (2.1)", "died"});
  with.on.restart();
  CHECK(with.on.seen() ==
        lines{"restart", "letter 1: deliveries_exhausted: ended its subscriber 2 times"});
  CHECK(with.on.letters.at(0).delivery_count == 2);
  with.on.stored(0);
  CHECK(with.on.seen() == lines{"settle lane 0 to 2: 1 delivered, 1 dead"});
}

TEST_CASE("a deferred event that ends its subscriber when begun again counts a delivery",
          "[delivery]") {
  deferring_stage with;
  with.defer({0, 1, 2});
  with.on.text.acts[1] = {act::ok, act::dies};
  with.on.send(0, 3);
  with.on.seen();
  with.on.restart();
  CHECK(with.on.seen() == lines{"restart", "0", "deferred 0", "1", "died"});
  with.on.restart();
  CHECK(with.on.seen() ==
        lines{"restart", "0", "deferred 0", "1 (2.1)", "deferred 1", "2", "deferred 2"});
  with.complete({0, 1, 2});
  CHECK(with.on.seen() ==
        lines{"complete 0", "complete 1 (2.1)", "complete 2", "settle lane 0 to 3: 3 delivered"});
}

TEST_CASE("what completing publishes is seen if it succeeds and forgotten if it fails",
          "[delivery]") {
  const outlet to;
  deferring_stage with;
  with.publish_to = &to;
  with.defer({0, 1, 2});
  with.on.text.acts[1] = {act::ok, act::rejected};
  with.on.send(0, 3);
  with.complete({0, 1, 2});
  CHECK(numbers_of<numbered>(commit_and_take(with.on.subject.outlets())) ==
        std::vector<std::uint64_t>{0, 2});
}

TEST_CASE("completing waits for room in the rings, and settles once it went on", "[delivery]") {
  const outlet to{{.batch_events_max = 1}};
  deferring_stage with;
  with.publish_to = &to;
  with.defer({0, 1, 2, 3, 4, 5});
  with.on.send(0, 6);
  with.on.seen();
  with.complete({0, 1, 2, 3, 4, 5});
  CHECK(with.on.seen() == lines{"complete 0", "complete 1", "complete 2", "complete 3"});
  CHECK(commit_and_take(with.on.subject.outlets()).size() == 4);
  with.on.drive([&](effects& out) { with.on.subject.resume(noon, out); });
  CHECK(with.on.seen() == lines{"complete 4", "complete 5", "settle lane 0 to 6: 6 delivered"});
}

TEST_CASE("a consumer that has halted completes nothing, in its next incarnation neither",
          "[delivery]") {
  deferring_stage with;
  with.defer({0});
  with.on.send(0, 1);
  with.on.drive([&](effects& out) {
    with.on.subject.halt({weir::errc::dead_letters_full, "full"}, out);
  });
  with.on.seen();
  with.complete({0});
  CHECK(with.on.seen().empty());
  with.on.restart();
  CHECK(with.on.seen() == lines{"restart"});
}

TEST_CASE("answers for a subscription that asks nothing are ignored", "[delivery]") {
  stage on;
  on.open(0);
  on.drive([&](effects& out) { on.subject.answered(1, nullptr, noon, out); });
  on.drive([&](effects& out) { on.subject.overdue(1, noon, out); });
  weir::delivery::ask nothing_asked;
  CHECK_FALSE(on.subject.take_ask(nothing_asked));
  CHECK(on.seen().empty());
}

TEST_CASE("questions, answers and timeouts pass between handler and shell", "[delivery]") {
  deferring_stage with;
  with.questions = 2;
  weir::delivery::ask question;
  REQUIRE(with.on.subject.take_ask(question));
  CHECK(question.ticket == 2);
  REQUIRE(with.on.subject.take_ask(question));
  CHECK_FALSE(with.on.subject.take_ask(question));
  with.on.drive([&](effects& out) { with.on.subject.answered(2, nullptr, noon, out); });
  with.on.drive([&](effects& out) { with.on.subject.overdue(1, noon, out); });
  CHECK(with.on.seen() == lines{"answered 2", "overdue 1"});
}

TEST_CASE("completing an event twice is our bug", "[delivery]") {
  deferring_stage with;
  with.defer({0});
  with.on.send(0, 1);
  const auto id = with.waiting.at(0);
  with.complete({0});
  CHECK_THAT(last_words_of([&] {
               with.ready.push_back(id);
               with.on.drive([&](effects& out) { with.on.subject.answered(0, {}, noon, out); });
             }),
             Catch::Contains("completed an event that is not deferred"));
}
