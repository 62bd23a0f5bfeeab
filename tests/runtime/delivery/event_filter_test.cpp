// SPDX-License-Identifier: BSD-3-Clause
// Filters before handlers of every kind: who is asked, who is called, what is counted, and what
// stays exact when something fails or ends in between.
#include "weir/runtime/delivery/event_filter.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/task_stage.hpp"

using namespace delivery_tests;
using weir::delivery::filter_of;
using weir::delivery::filtered;
using weir::delivery::run_outcome;

namespace {

using predicate = std::function<bool(const numbered&)>;

/// A stage whose scripted handler stands behind filters.
struct filtered_stage {
  explicit filtered_stage(std::vector<predicate> filters, weir::recoverability policy = {})
      : on(policy, [this, filters] { return filtered(following(on.text), rules(filters))(); }) {
    on.open(0);
  }
  static std::vector<weir::delivery::filter_rule> rules(const std::vector<predicate>& filters) {
    std::vector<weir::delivery::filter_rule> all;
    for (const auto& one : filters) all.push_back(filter_of<numbered>(one));
    return all;
  }
  stage on;
};

bool odd(const numbered& event) { return event.number % 2 == 1; }

weir::recoverability retrying(unsigned retries) {
  weir::recoverability policy;
  policy.in_place.retries = retries;
  return policy;
}

}  // namespace

TEST_CASE("what a filter refuses is settled as filtered and never handled", "[delivery]") {
  filtered_stage with{{odd}};
  with.on.send(0, 5);
  CHECK(with.on.seen() == lines{"1", "3", "settle lane 0 to 5: 2 delivered, 3 filtered"});
  with.on.send(0, 1);
  with.on.send(0, 1);
  CHECK(with.on.seen() == lines{"5", "settle lane 0 to 6: 1 delivered",
                                "settle lane 0 to 7: 1 filtered"});
}

TEST_CASE("filters of one type must all agree, the first is asked first", "[delivery]") {
  std::vector<std::uint64_t> asked;
  filtered_stage with{{[](const numbered& event) { return event.number % 3 != 0; },
                       [&](const numbered& event) {
                         asked.push_back(event.number);
                         return event.number % 2 == 0;
                       }}};
  with.on.send(0, 9);
  CHECK(with.on.seen() == lines{"2", "4", "8", "settle lane 0 to 9: 3 delivered, 6 filtered"});
  CHECK(asked == std::vector<std::uint64_t>{1, 2, 4, 5, 7, 8});
}

TEST_CASE("a filter is for its own type", "[delivery]") {
  stage on{{}, filtered(weir::delivery::copies_of([](const numbered&) {},
                                                  [](const event_tests::named&) {}),
                        {filter_of<numbered>(odd)})};
  on.open(0);
  const auto named = event_tests::batch_of<event_tests::named>({{"x", 0}, {"y", 2}});
  on.drive([&](effects& out) { on.subject.receive(0, named, true, noon, out); });
  CHECK(on.seen() == lines{"settle lane 0 to 2: 2 delivered"});
}

TEST_CASE("a filter that throws fails the attempt of its event alone", "[delivery]") {
  unsigned throws_left = 3;
  filtered_stage with{{odd,
                       [&](const numbered& event) {
                         if (event.number == 3 && throws_left > 0) {
                           --throws_left;
                           throw std::runtime_error{"unreadable"};
                         }
                         return true;
                       }},
                      retrying(5)};
  with.on.send(0, 6);
  // Once when it is first looked at, which is before 1 is handled; then twice as its own attempts.
  CHECK(with.on.seen() ==
        lines{"1", "3 (1.3)", "5", "settle lane 0 to 6: 3 delivered, 3 filtered"});
  CHECK(with.on.subject.counts().retries == 2);
}

TEST_CASE("an event whose filter always throws is a dead letter", "[delivery]") {
  filtered_stage with{{[](const numbered& event) {
                        if (event.number == 1) throw std::runtime_error{"unreadable"};
                        return true;
                      }},
                      retrying(1)};
  with.on.send(0, 3);
  CHECK(with.on.letters.size() == 1);
  CHECK(with.on.letters[0].failure.code == weir::errc::handler_threw);
  CHECK(with.on.seen().front() == "0");
  CHECK(with.on.letters[0].attempt_count == 2);
  with.on.stored(0);
  CHECK(with.on.seen() == lines{"settle lane 0 to 3: 2 delivered, 1 dead"});
}

TEST_CASE("a filter that ends its subscriber counts as a death of its event, not of others",
          "[delivery]") {
  weir::recoverability policy;
  policy.max_deliveries = 2;
  filtered_stage with{{odd,
                       [](const numbered& event) {
                         if (event.number == 3) throw 7;
                         return true;
                       }},
                      policy};
  with.on.send(0, 6);
  CHECK(with.on.seen() == lines{"1", "died"});
  with.on.restart();
  CHECK(with.on.seen() == lines{"restart", "died"});
  with.on.restart();
  CHECK(with.on.seen() ==
        lines{"restart", "5", "letter 3: deliveries_exhausted: ended its subscriber 2 times"});
  with.on.stored(0);
  CHECK(with.on.seen() == lines{"settle lane 0 to 6: 2 delivered, 3 filtered, 1 dead"});
}

TEST_CASE("what was filtered in front of a failure or an end is counted once", "[delivery]") {
  filtered_stage with{{odd}, retrying(1)};
  with.on.text.acts[3] = {act::dies, act::unavailable, act::unavailable};
  with.on.send(0, 7);
  CHECK(with.on.seen() == lines{"1", "3", "died"});
  with.on.restart();
  CHECK(with.on.seen() ==
        lines{"restart", "3 (2.1)", "3 (2.2)", "5", "letter 3: unavailable: service"});
  with.on.stored(0);
  CHECK(with.on.seen() == lines{"settle lane 0 to 7: 2 delivered, 4 filtered, 1 dead"});
}

TEST_CASE("a handler whose outlet fills up goes on behind the event that filled it", "[delivery]") {
  const outlet to{{.batch_events_max = 2}};
  weir::context where{1};
  const auto events = event_tests::batch_from(0, 20);
  where.open(events, {.partition = 0, .delivery_count = 1, .attempt = 1, .now = noon});
  const auto table = filtered(weir::delivery::copies_of(
                                  [&](const numbered& event, weir::context& here) {
                                    return here.publish(to, numbered{event.number});
                                  }),
                              {filter_of<numbered>(odd)})();
  const auto outcome =
      table.find(weir::type_of<numbered>())->run(events.slots(), 0, events.size(), where);
  CHECK_FALSE(outcome.failed);
  CHECK(outcome.handled == 15);  // seven blocks' worth of odd ones, and who is not handled between
  CHECK(where.left_out() == 8);
  CHECK_FALSE(where.has_room());
}

TEST_CASE("coroutines see what passes, and no more of it than may wait", "[delivery]") {
  SECTION("one event of the partition at once") {
    task_stage with{ask_oracle, {}, {}, {filter_of<numbered>(odd)}};
    with.on.open(0);
    with.send(0, 5);
    CHECK(with.seen() == lines{"begin 1"});
    with.answer(1);
    CHECK(with.seen() == lines{"end 1", "begin 3"});
    with.answer(3);
    CHECK(with.seen() == lines{"end 3", "settle lane 0 to 5: 2 delivered, 3 filtered"});
  }
  SECTION("two keys at once") {
    task_stage with{ask_oracle, {.keys = 2}, {}, {filter_of<numbered>(odd)}};
    with.on.open(0);
    with.send(0, 7);
    CHECK(with.seen() == lines{"begin 1", "begin 3"});
    with.answer(3);
    with.answer(1);
    CHECK(with.seen() == lines{"end 3", "begin 5", "end 1"});
    with.answer(5);
    CHECK(with.seen() == lines{"end 5", "settle lane 0 to 7: 3 delivered, 4 filtered"});
  }
  SECTION("a restart asks again") {
    bool closed = false;
    task_stage with{ask_oracle, {.keys = 10}, {}, {filter_of<numbered>([&](const numbered& event) {
                      return odd(event) && !(closed && event.number == 3);
                    })}};
    with.on.open(0);
    with.send(0, 5);
    closed = true;
    with.on.restart();
    with.answer(1);
    CHECK(with.seen() == lines{"begin 1", "begin 3", "restart", "begin 1", "end 1",
                               "settle lane 0 to 5: 1 delivered, 4 filtered"});
  }
}
