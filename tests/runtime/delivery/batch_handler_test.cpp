// SPDX-License-Identifier: BSD-3-Clause
// Functions that take runs of events at once: what a call gets, and that a call in vain costs
// nobody anything but itself.
#include "weir/runtime/delivery/batch_handler.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/delivery/event_filter.hpp"
#include "weir/runtime/delivery/task_handler.hpp"
#include "weir/tests/runtime/delivery/batch_script.hpp"
#include "weir/tests/runtime/delivery/outlet.hpp"

using namespace delivery_tests;
using namespace std::chrono_literals;
using event_tests::named;
using weir::context;
using weir::result;
using weir::delivery::filter_of;
using weir::delivery::filtered;
using weir::delivery::handlers_of;

namespace {

template <class T>
using span_of = std::span<const T* const>;

weir::recoverability retrying(unsigned retries) {
  weir::recoverability policy;
  policy.in_place.retries = retries;
  return policy;
}

struct batch_stage {
  explicit batch_stage(weir::recoverability policy = {})
      : on(policy, [this] { return following_in_batches(on.text)(); }) {
    on.open(0);
  }
  stage on;
};

}  // namespace

TEST_CASE("a batch handler gets a whole run of its type at once, others beside it theirs",
          "[delivery]") {
  std::vector<std::string> told;
  stage on{{}, handlers_of(
                   [&](span_of<numbered> events) {
                     told.push_back(std::to_string(events.front()->number) + "-" +
                                    std::to_string(events.back()->number) + "/" +
                                    std::to_string(events.size()));
                   },
                   [&](const named& event) { told.push_back(event.name); })};
  on.open(0);
  on.send(0, 6);
  on.send(0, 2);
  CHECK(told == lines{"0-5/6", "6-7/2"});

  const boost::intrusive_ptr<weir::block_pool> pool{new weir::block_pool{{}}};
  auto memory = pool->take();
  for (std::uint64_t i : {1, 2}) event_tests::build(*memory, numbered{i});
  event_tests::build(*memory, named{"between", 3});
  event_tests::build(*memory, numbered{4});
  memory->commit();
  weir::batch mixed{memory, 0, 4, memory->bytes()};
  mixed.set_first_offset(8);
  told.clear();
  on.drive([&](effects& out) { on.subject.receive(0, mixed, true, noon, out); });
  CHECK(told == lines{"1-2/2", "between", "4-4/1"});
  CHECK(on.seen().back() == "settle lane 0 to 12: 4 delivered");
}

TEST_CASE("the context of a batch call is that of its first event", "[delivery]") {
  const outlet to;
  context where{1};
  const auto events = event_tests::batch_from(40, 3, 100);
  const auto table = handlers_of([&](span_of<numbered> all, context& here) -> result<void> {
    CHECK(all.size() == 3);
    CHECK(here.offset() == 100);
    CHECK(here.header().id == weir::event_id{41, 1});
    return here.publish(to, named{"sum", 123});
  })();
  where.open(events, {.partition = 0, .delivery_count = 1, .attempt = 1, .now = noon});
  const auto outcome =
      table.find(weir::type_of<numbered>())->run(events.slots(), 0, events.size(), where);
  CHECK(outcome.handled == 3);
  const auto published = commit_and_take(where);
  REQUIRE(published.size() == 1);
  CHECK(published[0][0].header.causation_id() == weir::event_id{41, 1});
}

TEST_CASE("after a call in vain each event is given alone, and only the culprit fails",
          "[delivery]") {
  const auto deed = GENERATE(act::unavailable, act::throws);
  batch_stage with{retrying(2)};
  auto& on = with.on;
  on.text.acts[2] = {deed, deed};
  on.send(0, 5);
  CHECK(on.seen() == lines{"0-4 in vain", "0", "1", "2", "2 (1.2)", "2 (1.3)", "3", "4",
                           "settle lane 0 to 5: 5 delivered"});
  CHECK(on.subject.counts().retries == 2);
  on.send(0, 2);
  CHECK(on.seen() == lines{"5-6", "settle lane 0 to 7: 2 delivered"});
}

TEST_CASE("a culprit is a dead letter with its own attempts, its companions are delivered",
          "[delivery]") {
  batch_stage with{retrying(1)};
  auto& on = with.on;
  on.text.acts[1] = {act::unavailable, act::unavailable};
  on.text.acts[3] = {act::rejected};
  on.send(0, 5);
  REQUIRE(on.letters.size() == 2);
  CHECK(on.letters[0].attempt_count == 2);
  CHECK(on.letters[0].delivery_count == 1);
  CHECK(on.letters[1].attempt_count == 1);
  on.stored(0);
  on.stored(0);
  CHECK(on.seen().back() == "settle lane 0 to 5: 3 delivered, 2 dead");
}

TEST_CASE("a batch call that ends the subscriber counts for nobody, one event's end for that event",
          "[delivery]") {
  weir::recoverability policy;
  policy.max_deliveries = 2;
  batch_stage with{policy};
  auto& on = with.on;
  on.text.acts[1] = {act::dies, act::dies};
  on.send(0, 3);
  CHECK(on.seen() == lines{"0-2 in vain", "died"});
  on.restart();
  CHECK(on.seen() == lines{"restart", "0", "1", "died"});
  on.restart();
  CHECK(on.seen() == lines{"restart", "1 (2.1)", "died"});
  on.restart();
  CHECK(on.seen() ==
        lines{"restart", "2", "letter 1: deliveries_exhausted: ended its subscriber 2 times"});
  CHECK(on.letters[0].delivery_count == 2);
  on.stored(0);
  CHECK(on.seen() == lines{"settle lane 0 to 3: 2 delivered, 1 dead"});
}

TEST_CASE("what a call in vain has published is forgotten", "[delivery]") {
  const outlet to;
  int calls = 0;
  stage on{{}, handlers_of([&](span_of<numbered> events, context& where) -> result<void> {
             for (const auto* event : events) {
               if (auto sent = where.publish(to, numbered{event->number}); !sent) return sent;
             }
             if (++calls == 1) return weir::fail(weir::errc::unavailable, "together");
             return {};
           })};
  on.open(0);
  on.send(0, 3);
  CHECK(calls == 4);
  CHECK(numbers_of<numbered>(commit_and_take(on.subject.outlets())) ==
        std::vector<std::uint64_t>{0, 1, 2});
}

TEST_CASE("what is too much to publish in one call is published one by one", "[delivery]") {
  const outlet to{{.batch_events_max = 2}};
  stage on{{}, handlers_of([&](span_of<numbered> events, context& where) -> result<void> {
             for (const auto* event : events) {
               if (auto sent = where.publish(to, numbered{event->number}); !sent) return sent;
             }
             return {};
           })};
  on.open(0);
  on.send(0, 20);
  std::vector<std::uint64_t> all;
  for (int rounds = 0; rounds < 20 && all.size() < 20; ++rounds) {
    for (const auto number :
         numbers_of<numbered>(commit_and_take(on.subject.outlets()))) {
      all.push_back(number);
    }
    on.drive([&](effects& out) { on.subject.resume(noon, out); });
  }
  REQUIRE(all.size() == 20);
  CHECK(std::is_sorted(all.begin(), all.end()));
  CHECK(on.letters.empty());
}

TEST_CASE("a batch call gets what passes the filters, however scattered", "[delivery]") {
  script text;
  stage on{retrying(1), filtered(following_in_batches(text),
                                 {filter_of<numbered>([](const numbered& event) {
                                   return event.number % 3 == 1;
                                 })})};
  on.open(0);
  on.send(0, 9);
  CHECK(text.lines == lines{"1-7"});
  CHECK(on.seen() == lines{"settle lane 0 to 9: 3 delivered, 6 filtered"});
  text.acts[13] = {act::dies, act::unavailable};
  on.send(0, 9);
  CHECK(on.seen() == lines{"died"});
  on.restart();
  CHECK(on.seen() == lines{"restart", "died"});
  on.restart();
  CHECK(text.lines == lines{"1-7", "10-16 in vain", "10", "13", "13 (2.1)", "13 (2.2)", "16"});
  CHECK(on.seen() == lines{"restart", "settle lane 0 to 18: 3 delivered, 6 filtered"});
}

TEST_CASE("a batch call gets no more than there are tokens for, and pays when in vain",
          "[delivery]") {
  batch_stage with;
  auto& on = with.on;
  on.subject.limit({10, 4});
  on.text.acts[0] = {act::unavailable};
  on.send(0, 6);
  CHECK(on.seen() == lines{"0-3 in vain", "tokens after 100 ms"});
  on.refill();
  CHECK(on.seen().front() == "0");
  on.now += 500ms;
  on.refill();
  CHECK(on.seen() == lines{"1", "2", "3", "4", "tokens after 100 ms"});
}

TEST_CASE("the array of pointers is used again", "[delivery]") {
  const void* first = nullptr;
  stage on{{}, handlers_of([&](span_of<numbered> events) {
             if (first == nullptr) first = events.data();
             CHECK(events.data() == first);
           })};
  on.open(0);
  for (int i = 0; i < 5; ++i) on.send(0, static_cast<std::uint32_t>(8 - i));
}
