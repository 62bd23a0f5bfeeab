// SPDX-License-Identifier: BSD-3-Clause
// Handlers of every shape run over batches, what they throw as errors, and the table that finds
// them.
#include "weir/runtime/delivery/handler.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/outlet.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using namespace event_tests;
using weir::context;
using weir::delivery::copies_of;
using weir::delivery::handler_table;
using weir::delivery::run_outcome;

namespace {

const weir::timestamp noon{std::chrono::hours{12}};

// Runs the table's handler over [from, end) of a batch of one type.
run_outcome run(const handler_table& table, const weir::batch& events, context& where,
                std::uint32_t from = 0) {
  where.open(events, {.partition = 0, .delivery_count = 1, .attempt = 1, .now = noon});
  auto* handler = table.find(*events.slots()[from].type);
  REQUIRE(handler != nullptr);
  return handler->run(events.slots(), from, events.size(), where);
}

template <class F>
run_outcome run(F function, const weir::batch& events, std::uint32_t from = 0) {
  context where{1};
  return run(copies_of(std::move(function))(), events, where, from);
}

std::uint64_t sum_seen = 0;
void free_function(const numbered& event) noexcept { sum_seen += event.number; }

struct counting_handler {
  std::uint64_t* total;
  std::uint64_t calls = 0;
  void operator()(const numbered&) { *total = ++calls; }
};

// Catch needs the error out of the handler that caught it.
template <class Throw>
weir::error caught(Throw deed) {
  try {
    deed();
  } catch (...) {
    return weir::delivery::current_exception_error();
  }
  return {};
}

}  // namespace

TEST_CASE("a handler may be a lambda, a function, or an object with state", "[delivery]") {
  const auto events = batch_from(1, 4);
  std::uint64_t sum = 0;
  CHECK(run([&](const numbered& event) { sum += event.number; }, events).handled == 4);
  CHECK(sum == 10);
  CHECK(run(free_function, events).handled == 4);
  CHECK(sum_seen == 10);
  CHECK(run(counting_handler{&sum}, events).handled == 4);
  CHECK(sum == 4);
  CHECK(run([&](const numbered&) mutable noexcept { ++sum; }, events).handled == 4);
  CHECK(sum == 8);
}

TEST_CASE("a run begins where it is told and leaves the events before alone", "[delivery]") {
  std::vector<std::uint64_t> seen;
  const auto outcome =
      run([&](const numbered& event) { seen.push_back(event.number); }, batch_from(0, 5), 3);
  CHECK(outcome.handled == 2);
  CHECK(seen == std::vector<std::uint64_t>{3, 4});
}

TEST_CASE("an error that is returned ends the run at its event", "[delivery]") {
  int calls = 0;
  const auto outcome = run(
      [&](const numbered& event) -> weir::result<void> {
        ++calls;
        if (event.number == 2) return weir::fail(weir::errc::rejected, "two");
        return {};
      },
      batch_from(0, 5));
  CHECK(outcome.handled == 2);
  CHECK(outcome.failed);
  CHECK(outcome.failure.code == weir::errc::rejected);
  CHECK(outcome.failure.message == "two");
  CHECK(calls == 3);
}

TEST_CASE("an exception ends the run at its event, with or without context", "[delivery]") {
  const auto events = batch_from(0, 5);
  const auto check = [](const run_outcome& outcome) {
    CHECK(outcome.handled == 3);
    CHECK(outcome.failed);
    CHECK(outcome.failure.code == weir::errc::handler_threw);
    CHECK(outcome.failure.message == "three");
  };
  check(run(
      [](const numbered& event) {
        if (event.number == 3) throw std::runtime_error{"three"};
      },
      events));
  check(run(
      [](const numbered&, context& where) {
        if (where.offset() == 3) throw std::runtime_error{"three"};
      },
      events));
  check(run(
      [](const numbered& event) {
        if (event.number == 4) throw std::runtime_error{"three"};
      },
      events, 1));
}

TEST_CASE("what is no std::exception passes through and leaves the index at its event",
          "[delivery]") {
  context where{1};
  const auto table = copies_of([](const numbered& event) {
    if (event.number == 2) throw 7;
  })();
  CHECK_THROWS_AS(run(table, batch_from(0, 5), where), int);
  CHECK(where.index() == 2);
}

TEST_CASE("a context shows the event that is handled", "[delivery]") {
  const auto events = batch_from(40, 3, 100);
  std::vector<std::uint64_t> offsets;
  run(
      [&](const numbered& event, context& where) {
        offsets.push_back(where.offset());
        CHECK(where.header().id == weir::event_id{event.number + 1, 1});
        CHECK(where.now() == noon);
      },
      events);
  CHECK(offsets == std::vector<std::uint64_t>{100, 101, 102});
}

TEST_CASE("a run whose outlet has filled up stops after the event that filled it", "[delivery]") {
  // Rings of four blocks, two events each: the seventh event opens the last block.
  delivery_tests::outlet to{{.batch_events_max = 2}};
  context where{1};
  const auto table = copies_of([&](const numbered& event, context& here) {
    return here.publish(to, named{"copy", event.number});
  })();
  const auto outcome = run(table, batch_from(0, 20), where);
  CHECK_FALSE(outcome.failed);
  CHECK(outcome.handled == 7);
  CHECK_FALSE(where.has_room());
}

TEST_CASE("an exception becomes an error with its type and its message", "[delivery]") {
  const auto failure = caught([] { throw std::out_of_range{"no row 7"}; });
  CHECK(failure.code == weir::errc::handler_threw);
  CHECK(failure.message == "no row 7");
  REQUIRE(failure.causes.size() == 1);
  CHECK(failure.causes[0].type == "std::out_of_range");
  CHECK(failure.causes[0].message == "no row 7");
}

TEST_CASE("nested exceptions become a chain of causes, outermost first", "[delivery]") {
  const auto failure = caught([] {
    try {
      try {
        throw std::invalid_argument{"inner"};
      } catch (...) {
        std::throw_with_nested(std::logic_error{"middle"});
      }
    } catch (...) {
      std::throw_with_nested(std::runtime_error{"outer"});
    }
  });
  CHECK(failure.message == "outer");
  REQUIRE(failure.causes.size() == 3);
  CHECK_THAT(failure.causes[0].type, Catch::Contains("std::runtime_error"));
  CHECK(failure.causes[1].message == "middle");
  CHECK(failure.causes[2].type == "std::invalid_argument");
  CHECK(failure.causes[2].message == "inner");
}

TEST_CASE("a nested cause of no known type is named as unknown", "[delivery]") {
  const auto failure = caught([] {
    try {
      throw 7;
    } catch (...) {
      std::throw_with_nested(std::runtime_error{"outer"});
    }
  });
  REQUIRE(failure.causes.size() == 2);
  CHECK(failure.causes[1].type == "unknown");
  const auto alone = caught([] { throw 7; });
  CHECK(alone.message == "an exception that is no std::exception");
  CHECK(alone.causes.empty());
}

namespace {

void throw_nested(int depth) {
  if (depth == 0) throw std::runtime_error{"root"};
  try {
    throw_nested(depth - 1);
  } catch (...) {
    std::throw_with_nested(std::runtime_error{"wrap"});
  }
}

}  // namespace

TEST_CASE("a chain of causes is cut before it fills the dead-letter store", "[delivery]") {
  CHECK(caught([] { throw_nested(5); }).causes.size() == 6);
  CHECK(caught([] { throw_nested(200); }).causes.size() == 16);
}

TEST_CASE("a table finds the handler of a type, then the one for all others, or none",
          "[delivery]") {
  std::string calls;
  auto table = copies_of([&](const numbered&) { calls += 'n'; })();
  CHECK(table.find(weir::type_of<numbered>()) != nullptr);
  CHECK(table.find(weir::type_of<named>()) == nullptr);
  CHECK(table.find(weir::type_of<tracked>()) == nullptr);

  const auto other = [&](const named&) { calls += 'o'; };
  table.add_catch_all(std::make_unique<weir::delivery::typed_handler<decltype(other)>>(other));
  context where{1};
  run(table, batch_from(0, 1), where);
  run(table, batch_of<named>({{"x", 1}}), where);
  CHECK(calls == "no");

  const auto newer = [&](const numbered&) { calls += 'N'; };
  table.add(weir::type_of<numbered>(),
            std::make_unique<weir::delivery::typed_handler<decltype(newer)>>(newer));
  run(table, batch_from(0, 1), where);
  CHECK(calls == "noN");
}

TEST_CASE("each incarnation begins with a copy of the functions as they were given", "[delivery]") {
  std::uint64_t total = 0;
  const auto factory = copies_of(counting_handler{&total});
  context where{1};
  auto first = factory();
  run(first, batch_from(0, 3), where);
  CHECK(total == 3);
  auto second = factory();
  run(second, batch_from(0, 1), where);
  CHECK(total == 1);
  run(first, batch_from(0, 1), where);
  CHECK(total == 4);
}

namespace {

/// Knows only runs; stops behind the run with `pauses_at`, and fails at `fails_at`.
struct runner final : weir::delivery::run_handler {
  run_outcome run(const weir::event_slot*, std::uint32_t from, std::uint32_t to,
                  context& where) override {
    told.push_back(std::to_string(from) + "-" + std::to_string(to));
    if (from <= fails_at && fails_at < to) return {fails_at - from, true, {}};
    if (from <= pauses_at && pauses_at < to) where.pause();
    return {to - from, false, {}};
  }
  std::vector<std::string> told;
  std::uint32_t pauses_at = 100, fails_at = 100;
};

}  // namespace

TEST_CASE("a handler that knows only runs gets those among the chosen, until it stops",
          "[delivery]") {
  using strings = std::vector<std::string>;
  const auto events = batch_from(0, 9);
  const std::vector<std::uint32_t> chosen{1, 2, 4, 6, 7, 8};
  context where{1};
  where.open(events, {.partition = 0, .delivery_count = 1, .attempt = 1, .now = noon});
  runner all;
  CHECK(all.run_chosen(events.slots(), chosen, where).handled == 6);
  CHECK(all.told == strings{"1-3", "4-5", "6-9"});
  runner pausing;
  pausing.pauses_at = 4;
  CHECK(pausing.run_chosen(events.slots(), chosen, where).handled == 3);
  CHECK(pausing.told == strings{"1-3", "4-5"});
  CHECK(where.take_paused());
  runner failing;
  failing.fails_at = 7;
  const auto failed = failing.run_chosen(events.slots(), chosen, where);
  CHECK(failed.handled == 4);
  CHECK(failed.failed);
}

TEST_CASE("one factory may make handlers for several types", "[delivery]") {
  std::string calls;
  const auto table = copies_of([&](const numbered&) { calls += 'n'; },
                               [&](const named&, context&) { calls += 'm'; })();
  context where{1};
  run(table, batch_of<named>({{"x", 1}, {"y", 2}}), where);
  run(table, batch_from(0, 1), where);
  CHECK(calls == "mmn");
}
