// SPDX-License-Identifier: BSD-3-Clause
// The consumer as transcripts: what comes in, which handler calls and effects come out. Random
// histories are in consumer_property.cpp, deferred events in consumer_deferred_test.cpp.
#include "weir/runtime/delivery/consumer.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/codec/undecoded_event.hpp"
#include "weir/tests/runtime/delivery/outlet.hpp"
#include "weir/tests/runtime/delivery/stage.hpp"
#include "weir/tests/runtime/event/death.hpp"

using namespace delivery_tests;
using namespace std::chrono_literals;
using event_tests::last_words_of;
using event_tests::named;
using weir::errc;

namespace {

weir::recoverability retrying(unsigned retries, weir::backoff delays = weir::no_backoff()) {
  return {.in_place = {.retries = retries, .delays = delays}};
}

/// As a partition sends what it cannot decode.
weir::batch undecoded_batch(std::uint32_t count, std::uint64_t first_offset) {
  using weir::codec::undecoded_event;
  const boost::intrusive_ptr<weir::block_pool> pool{new weir::block_pool{{}}};
  auto memory = pool->take();
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto place = memory->reserve(sizeof(undecoded_event), alignof(undecoded_event), 0);
    auto* const made = new (place.payload)
        undecoded_event{"order.created", 3, "bytes", "", {},
                        {errc::schema_mismatch, "event " + std::to_string(i)}};
    memory->push(event_tests::envelope_of(weir::type_of<undecoded_event>(), i), made, 0, true);
  }
  memory->commit();
  weir::batch events{memory, 0, count, memory->bytes()};
  events.set_first_offset(first_offset);
  return events;
}

}  // namespace

TEST_CASE("events are handled in order and settled when their batch asks for it", "[delivery]") {
  stage on;
  on.open(0);
  on.send(0, 3);
  CHECK(on.seen() == lines{"0", "1", "2", "settle lane 0 to 3: 3 delivered"});
  CHECK(on.subject.received(0) == 3);
}

TEST_CASE("batches that do not ask are settled together with the next that does", "[delivery]") {
  stage on;
  on.open(0);
  on.send(0, 2, false);
  on.send(0, 1, false);
  CHECK(on.seen() == lines{"0", "1", "2"});
  on.send(0, 1, true);
  CHECK(on.seen() == lines{"3", "settle lane 0 to 4: 4 delivered"});
  on.send(0, 1, true);
  CHECK(on.seen() == lines{"4", "settle lane 0 to 5: 1 delivered"});
}

TEST_CASE("a batch that does not follow what was received is a late message", "[delivery]") {
  stage on;
  on.open(0);
  on.send(0, 2);
  on.seen();
  for (const std::uint64_t offset : {0, 1, 3}) {
    on.drive([&](effects& out) {
      on.subject.receive(0, event_tests::batch_from(0, 4, offset), true, noon, out);
    });
  }
  CHECK(on.seen().empty());
  CHECK(on.subject.received(0) == 2);
}

TEST_CASE("a lane jumps over what was dropped for it, and only from where it stands",
          "[delivery]") {
  stage on;
  on.open(0);
  on.send(0, 2);
  on.subject.jump(0, 2, 6);
  CHECK(on.subject.received(0) == 6);
  on.send(0, 2);
  CHECK(on.seen() == lines{"0", "1", "settle lane 0 to 2: 2 delivered", "6", "7",
                           "settle lane 0 to 8: 2 delivered"});
  on.subject.jump(0, 2, 20);  // a late message
  CHECK(on.subject.received(0) == 8);
}

TEST_CASE("a lane begins where it is told", "[delivery]") {
  stage on;
  on.subject.open_lane(5, "orders", 0, 40);
  on.subject.open_lane(2, "orders", 1, 0);
  CHECK(on.subject.lanes() == std::vector<std::uint32_t>{5, 2});
  CHECK(on.subject.received(5) == 40);
  on.send(5, 2);
  CHECK(on.seen() == lines{"540", "541", "settle lane 5 to 42: 2 delivered"});
}

TEST_CASE("a retry without delay happens in place", "[delivery]") {
  stage on{retrying(2)};
  on.open(0);
  on.text.acts[1] = {act::unavailable, act::throws};
  on.send(0, 3);
  CHECK(on.seen() == lines{"0", "1", "1 (1.2)", "1 (1.3)", "2", "settle lane 0 to 3: 3 delivered"});
  CHECK(on.subject.counts().retries == 2);
}

TEST_CASE("while a retry waits its lane waits and other lanes go on", "[delivery]") {
  stage on{retrying(2, weir::fixed(100ms))};
  on.open(0);
  on.open(1);
  on.text.acts[1] = {act::unavailable, act::unavailable};
  on.send(0, 2);
  CHECK(on.seen() == lines{"0", "1", "retry lane 0 after 100 ms"});
  on.send(0, 1);
  on.send(1, 1);
  CHECK(on.seen() == lines{"100", "settle lane 1 to 1: 1 delivered"});
  on.retry(0);
  CHECK(on.seen() == lines{"1 (1.2)", "retry lane 0 after 100 ms"});
  on.retry(0);
  CHECK(on.seen() == lines{"1 (1.3)", "2", "settle lane 0 to 3: 3 delivered"});
}

TEST_CASE("delays follow the policy's backoff", "[delivery]") {
  stage on{retrying(3, weir::exponential(100ms))};
  on.open(0);
  on.text.acts[0] = {act::unavailable, act::unavailable, act::unavailable};
  on.send(0, 1);
  on.retry(0);
  on.retry(0);
  CHECK(on.seen() == lines{"0", "retry lane 0 after 100 ms", "0 (1.2)", "retry lane 0 after 200 ms",
                           "0 (1.3)", "retry lane 0 after 400 ms"});
}

TEST_CASE("a timer of an earlier failure is ignored", "[delivery]") {
  stage on{retrying(2, weir::fixed(100ms))};
  on.open(0);
  on.text.acts[0] = {act::unavailable, act::unavailable};
  on.send(0, 1);
  const auto first = on.tickets.at(0);
  on.retry(0, first);
  on.seen();
  on.retry(0, first);
  on.retry(0, first + 7);
  CHECK(on.seen().empty());
  on.retry(0);
  CHECK(on.seen() == lines{"0 (1.3)", "settle lane 0 to 1: 1 delivered"});
  on.retry(0);
  CHECK(on.seen().empty());
}

TEST_CASE("an event whose retries are used up is a letter, and its lane goes on", "[delivery]") {
  stage on{retrying(1)};
  on.open(0);
  on.text.acts[1] = {act::unavailable, act::unavailable};
  on.send(0, 3);
  CHECK(on.seen() == lines{"0", "1", "1 (1.2)", "2", "letter 1: unavailable: service"});
  on.stored(0);
  CHECK(on.seen() == lines{"settle lane 0 to 3: 2 delivered, 1 dead"});
}

TEST_CASE("poison is a letter at once", "[delivery]") {
  stage on{retrying(5)};
  on.open(0);
  on.text.acts[0] = {act::rejected};
  on.send(0, 1);
  CHECK(on.seen() == lines{"0", "letter 0: rejected: bad"});
}

TEST_CASE("an event that nothing handles is a letter that says so", "[delivery]") {
  stage on{retrying(5)};
  on.open(0);
  on.drive([&](effects& out) {
    on.subject.receive(0, event_tests::batch_of<named>({{"x", 1}}), true, noon, out);
  });
  CHECK(on.seen() == lines{"letter 0: no_handler: event_tests.named@3"});
}

TEST_CASE("nothing is settled behind a letter that the store does not have", "[delivery]") {
  stage on;
  on.open(0);
  on.open(1);
  on.text.acts[0] = {act::rejected};
  on.text.acts[3] = {act::rejected};
  on.send(0, 2);
  on.send(0, 2);
  on.send(1, 1);
  CHECK(on.seen() == lines{"0", "1", "letter 0: rejected: bad", "2", "3", "letter 3: rejected: bad",
                           "100", "settle lane 1 to 1: 1 delivered"});
  on.stored(0);
  CHECK(on.seen() == lines{"settle lane 0 to 2: 1 delivered, 1 dead"});
  on.stored(0);
  CHECK(on.seen() == lines{"settle lane 0 to 4: 1 delivered, 1 dead"});
}

TEST_CASE("a letter tells the whole story", "[delivery]") {
  stage on{retrying(1)};
  on.open(3);
  on.text.acts[301] = {act::dies, act::throws, act::unavailable};
  on.send(3, 2);
  on.restart();
  REQUIRE(on.letters.size() == 1);
  const auto& letter = on.letters[0];
  CHECK(letter.id == weir::event_id{302, 1});
  CHECK(letter.topic == "orders");
  CHECK(letter.partition == 13);
  CHECK(letter.offset == 1);
  CHECK(letter.subscription == "billing");
  CHECK(letter.failure.code == weir::errc::unavailable);
  CHECK(letter.died_at == noon);
  CHECK(letter.delivery_count == 2);
  CHECK(letter.attempt_count == 2);
  REQUIRE(letter.attempts.size() == 2);
  CHECK(letter.attempts[0].time == noon);
  CHECK(letter.attempts[0].failure.message == "thrown");
  REQUIRE(letter.attempts[0].failure.causes.size() == 1);
  CHECK(letter.attempts[0].failure.causes[0].type == "std::runtime_error");
  CHECK(letter.attempts[1].failure.code == weir::errc::unavailable);
}

TEST_CASE("a letter keeps the first and the latest of many attempts", "[delivery]") {
  stage on{retrying(100)};
  on.open(0);
  auto& acts = on.text.acts[0];
  acts.assign(16, act::throws);
  acts.insert(acts.end(), 69, act::unavailable);
  acts.insert(acts.end(), 16, act::throws);
  on.send(0, 1);
  REQUIRE(on.letters.size() == 1);
  const auto& letter = on.letters[0];
  CHECK(letter.attempt_count == 101);
  REQUIRE(letter.attempts.size() == 32);
  for (const auto& attempt : letter.attempts) {
    CHECK(attempt.failure.code == weir::errc::handler_threw);
  }
}

TEST_CASE("a policy may skip what fails, and that is counted", "[delivery]") {
  auto policy = retrying(1);
  policy.on_exhausted = weir::exhausted_action::skip;
  stage on{policy};
  on.open(0);
  on.text.acts[0] = {act::unavailable, act::unavailable};
  on.send(0, 2);
  CHECK(on.seen() == lines{"0", "0 (1.2)", "1", "settle lane 0 to 2: 1 delivered, 1 skipped"});
}

TEST_CASE("a fatal error halts everything, once, and loses nothing", "[delivery]") {
  stage on;
  on.open(0);
  on.open(1);
  on.text.acts[1] = {act::unknown_topic};
  on.send(0, 3);
  CHECK(on.seen() == lines{"0", "1", "halted: unknown_topic: gone"});
  CHECK(on.subject.halted());
  CHECK(on.subject.halt_reason()->code == weir::errc::unknown_topic);
  on.send(0, 1);
  on.send(1, 1);
  on.restart();
  CHECK(on.seen() == lines{"restart"});
}

TEST_CASE("a store that refuses a letter halts the consumer", "[delivery]") {
  stage on{retrying(1, weir::fixed(100ms))};
  on.open(0);
  on.open(1);
  on.text.acts[0] = {act::rejected};
  on.text.acts[100] = {act::unavailable};
  on.send(0, 1);
  on.send(1, 1);
  on.seen();
  const auto full = [&] {
    on.drive([&](effects& out) { on.subject.halt({weir::errc::dead_letters_full, "full"}, out); });
  };
  full();
  CHECK(on.seen() == lines{"halted: dead_letters_full: full"});
  full();
  on.send(0, 1);
  on.retry(1);
  CHECK(on.seen().empty());
}

TEST_CASE("a new incarnation goes on at the event that ended the old one", "[delivery]") {
  stage on;
  on.open(0);
  on.text.acts[2] = {act::dies};
  on.send(0, 2);
  on.send(0, 3);
  CHECK(on.seen() == lines{"0", "1", "settle lane 0 to 2: 2 delivered", "2", "died"});
  CHECK(on.subject.received(0) == 5);
  on.restart();
  CHECK(on.seen() == lines{"restart", "2 (2.1)", "3", "4", "settle lane 0 to 5: 3 delivered"});
  CHECK(on.subject.counts().restarts == 1);
}

TEST_CASE("an event that dies in the middle of a run is not handled twice before it",
          "[delivery]") {
  stage on;
  on.open(0);
  on.text.acts[3] = {act::dies, act::dies};
  on.send(0, 5);
  on.restart();
  on.restart();
  CHECK(on.seen() == lines{"0", "1", "2", "3", "died", "restart", "3 (2.1)", "died", "restart",
                           "3 (3.1)", "4", "settle lane 0 to 5: 5 delivered"});
}

TEST_CASE("an event that ends its subscriber too often is a letter", "[delivery]") {
  stage on{{.in_place = {}, .max_deliveries = 2}};
  on.open(0);
  on.text.acts[1] = {act::dies, act::dies, act::dies};
  on.send(0, 3);
  on.restart();
  on.restart();
  CHECK(on.seen() == lines{"0", "1", "died", "restart", "1 (2.1)", "died", "restart", "2",
                           "letter 1: deliveries_exhausted: ended its subscriber 2 times"});
  CHECK(on.letters.at(0).delivery_count == 2);
  on.stored(0);
  CHECK(on.seen() == lines{"settle lane 0 to 3: 2 delivered, 1 dead"});
}

TEST_CASE("attempts are counted anew in each delivery", "[delivery]") {
  stage on{retrying(1, weir::fixed(100ms))};
  on.open(0);
  on.text.acts[0] = {act::unavailable, act::dies, act::unavailable};
  on.send(0, 1);
  on.retry(0);
  CHECK(on.seen() == lines{"0", "retry lane 0 after 100 ms", "0 (1.2)", "died"});
  on.restart();
  CHECK(on.seen() == lines{"restart", "0 (2.1)", "retry lane 0 after 100 ms"});
  on.retry(0);
  CHECK(on.seen() == lines{"0 (2.2)", "settle lane 0 to 1: 1 delivered"});
}

TEST_CASE("a restart that no event caused counts no delivery and retries at once", "[delivery]") {
  stage on{retrying(2, weir::fixed(100ms))};
  on.open(0);
  on.text.acts[0] = {act::unavailable};
  on.send(0, 2);
  const auto old = on.tickets.at(0);
  on.seen();
  on.restart();
  CHECK(on.seen() == lines{"restart", "0 (1.2)", "1", "settle lane 0 to 2: 2 delivered"});
  on.retry(0, old);
  CHECK(on.seen().empty());
}

TEST_CASE("letters of an old incarnation still hold their lane's settlement", "[delivery]") {
  stage on;
  on.open(0);
  on.text.acts[0] = {act::rejected};
  on.text.acts[1] = {act::dies};
  on.send(0, 2);
  CHECK(on.seen() == lines{"0", "1", "died", "letter 0: rejected: bad"});
  on.restart();
  CHECK(on.seen() == lines{"restart", "1 (2.1)"});
  on.stored(0);
  CHECK(on.seen() == lines{"settle lane 0 to 2: 1 delivered, 1 dead"});
}

TEST_CASE("a new incarnation has handlers of its own", "[delivery]") {
  int incarnations = 0;
  std::vector<int> handled_by;
  stage on{{}, [&] {
             return weir::delivery::copies_of(
                 [&, mine = ++incarnations](const numbered&) { handled_by.push_back(mine); })();
           }};
  on.open(0);
  on.send(0, 1);
  on.restart();
  on.send(0, 1);
  CHECK(handled_by == std::vector<int>{1, 2});
}

TEST_CASE("events of other types in a batch go to their own handlers, in order", "[delivery]") {
  std::string calls;
  stage on{{},
           weir::delivery::copies_of(
               [&](const numbered& event) { calls += std::to_string(event.number); },
               [&](const named& event) { calls += event.name; })};
  on.open(0);
  const boost::intrusive_ptr<weir::block_pool> pool{new weir::block_pool{{}}};
  auto memory = pool->take();
  event_tests::build(*memory, numbered{1});
  event_tests::build(*memory, named{"a", 2});
  event_tests::build(*memory, named{"b", 3});
  event_tests::build(*memory, numbered{4});
  memory->commit();
  on.drive([&](effects& out) {
    on.subject.receive(0, {memory, 0, 4, memory->bytes()}, true, noon, out);
  });
  CHECK(calls == "1ab4");
  CHECK(on.seen() == lines{"settle lane 0 to 4: 4 delivered"});
}

TEST_CASE("a lane is opened once, named when it is used, and never gets a letter too many",
          "[delivery]") {
  stage on;
  on.open(0);
  CHECK_THAT(last_words_of([&] { on.open(0); }), Catch::Contains("a lane opened twice"));
  CHECK_THAT(last_words_of([&] { on.stored(0); }), Catch::Contains("a letter was stored twice"));
  CHECK_THAT(last_words_of([&] { on.stored(1); }), Catch::Contains("no such lane"));
}

namespace {

// A stage whose handler publishes each event's number, and then follows the script.
struct publishing_stage {
  explicit publishing_stage(weir::topic::topic_options options, weir::recoverability policy = {})
      : to(options),
        on(policy, weir::delivery::copies_of([this](const numbered& event, weir::context& where) {
             on.text.note(std::to_string(event.number), where);
             auto done = where.publish(to, event);
             return done ? on.text.play(event.number) : done;
           })) {
    on.open(0);
  }
  std::vector<std::uint64_t> published() {
    return numbers_of<numbered>(commit_and_take(on.subject.outlets()));
  }

  outlet to;
  stage on;
};

using numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("what a failed attempt published is forgotten, and each event is published once",
          "[delivery]") {
  publishing_stage with{{}, retrying(1)};
  with.on.text.acts[1] = {act::unavailable};
  with.on.text.acts[2] = {act::rejected};
  with.on.text.acts[3] = {act::dies, act::throws};
  with.on.send(0, 5);
  CHECK(with.published() == numbers{0, 1});
  with.on.restart();
  CHECK(with.published() == numbers{3, 4});
}

TEST_CASE("a lane whose outlet is full waits for room and then goes on", "[delivery]") {
  // Rings of four blocks with one event each.
  publishing_stage with{{.batch_events_max = 1}};
  with.on.send(0, 6);
  CHECK(with.on.seen() == lines{"0", "1", "2", "3"});
  with.on.send(0, 1);
  CHECK(with.on.seen().empty());
  CHECK(with.published() == numbers{0, 1, 2, 3});
  with.on.drive([&](effects& out) { with.on.subject.resume(noon, out); });
  CHECK(with.on.seen() == lines{"4", "5", "6", "settle lane 0 to 7: 7 delivered"});
}

TEST_CASE("an event that publishes more than any ring holds fails by policy", "[delivery]") {
  outlet to{{.batch_events_max = 1}};
  stage on{retrying(1), weir::delivery::copies_of([&](const numbered& event, weir::context& where) {
             weir::result<void> done;
             for (int i = 0; i < 5 && done; ++i) done = where.publish(to, event);
             return done;
           })};
  on.open(0);
  on.send(0, 1);
  CHECK(on.seen() == lines{"letter 0: backpressure: outlet-0: the ring of partition 0 is full"});
  CHECK(commit_and_take(on.subject.outlets()).empty());
}

TEST_CASE("what stands for an event that could not be decoded is given to no handler",
          "[delivery]") {
  script text;
  stage on{retrying(3), [&text] {
             auto table = following(text)();
             table.add_catch_all(
                 std::move(following(text)().take(weir::type_of<event_tests::numbered>())));
             return table;
           }};
  on.open(0);
  on.send(0, 2);
  on.drive([&](effects& out) {
    on.subject.receive(0, undecoded_batch(3, 2), true, noon, out);
  });
  on.send(0, 1);
  CHECK(on.seen() ==
        lines{"settle lane 0 to 2: 2 delivered", "letter 2: schema_mismatch: event 0",
              "letter 3: schema_mismatch: event 1", "letter 4: schema_mismatch: event 2"});
  CHECK(text.lines == lines{"0", "1", "5"});
  CHECK(on.letters[1].type_name == "order.created");
  CHECK(on.letters[1].attempt_count == 1);
  for (int i = 0; i < 3; ++i) on.stored(0);
  CHECK(on.seen() == lines{"settle lane 0 to 6: 1 delivered, 3 dead"});
}
