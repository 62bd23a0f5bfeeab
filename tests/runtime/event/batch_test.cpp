// SPDX-License-Identifier: BSD-3-Clause
// Batches: views, slices that share their events, and how long events live.
#include "weir/runtime/event/batch.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/tests/runtime/event/sample_events.hpp"

using namespace event_tests;

TEST_CASE("a batch that was never filled is empty", "[event]") {
  const weir::batch none;
  CHECK(none.empty());
  CHECK(none.size() == 0);
  CHECK(none.begin() == none.end());
  CHECK(none.first_offset() == none.end_offset());
}

TEST_CASE("a batch shows payload, envelope and offset of each event in order", "[event]") {
  const auto events = batch_from(100, 3, 40);
  CHECK(events.end_offset() == 43);
  std::uint64_t expected = 100;
  for (const auto event : events) {
    CHECK(event.is<numbered>());
    CHECK_FALSE(event.is<named>());
    CHECK(event.as<numbered>().number == expected);
    CHECK(event.header.id == weir::event_id{expected + 1, 1});
    CHECK(event.offset == expected - 60);
    ++expected;
  }
  CHECK(expected == 103);
}

TEST_CASE("a slice shares the events and keeps their offsets", "[event]") {
  const auto events = batch_from(0, 5, 10);
  const auto rest = events.from(2);
  CHECK(rest.size() == 3);
  CHECK(rest.first_offset() == 12);
  CHECK(rest.end_offset() == events.end_offset());
  CHECK(rest[0].payload == events[2].payload);
  CHECK(events.from(0).size() == 5);
  CHECK(events.from(5).empty());
  CHECK(events.from(5).first_offset() == 15);
}

TEST_CASE("slices of slices are slices", "[event][property]") {
  rc::prop("from(a).from(b) is from(a + b)", [] {
    const auto size = *rc::gen::inRange<std::uint32_t>(1, 20);
    const auto events = batch_from(0, size, *rc::gen::inRange<std::uint64_t>(0, 1000));
    const auto first = *rc::gen::inRange<std::uint32_t>(0, size + 1);
    const auto second = *rc::gen::inRange<std::uint32_t>(0, size - first + 1);
    const auto twice = events.from(first).from(second);
    const auto once = events.from(first + second);
    RC_ASSERT(twice.size() == once.size());
    RC_ASSERT(twice.first_offset() == once.first_offset());
    RC_ASSERT(twice.slots() == once.slots());
    RC_ASSERT(twice.envelopes() == once.envelopes());
  });
}

TEST_CASE("events live as long as the last batch or slice that shares them", "[event]") {
  REQUIRE(tracked::alive.empty());
  auto events = batch_of<tracked>({tracked{1}, tracked{2}});
  CHECK(tracked::alive == std::multiset<std::uint64_t>{1, 2});
  auto copy = events;
  auto slice = events.from(1);
  events = {};
  copy = {};
  CHECK(tracked::alive == std::multiset<std::uint64_t>{1, 2});
  CHECK(slice[0].as<tracked>().number == 2);
  slice = {};
  CHECK(tracked::alive.empty());
  CHECK(tracked::destroyed_twice == 0);
}
