// SPDX-License-Identifier: BSD-3-Clause
// Subscriptions that begin in the past, by example: where they start, what that keeps again, and
// what they are told where nothing is left. Random histories are in partition_property.cpp.
#include <catch2/catch.hpp>

#include "weir/runtime/topic/partition.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using event_tests::batch_from;
using weir::from_earliest;
using weir::from_latest;
using weir::from_offset;
using weir::from_time;
using weir::overflow;
using weir::topic::cursor_slot;
using weir::topic::partition;
using weir::topic::partition_limits;

namespace {

partition_limits retaining(std::uint64_t events, std::uint64_t ring = 100) {
  return {.ring_events = ring, .ring_bytes = 1'000'000, .retained_events = events};
}

void append(partition& log, int pairs = 1) {
  for (; pairs > 0; --pairs) log.append(batch_from(log.next_offset(), 2));
}

cursor_slot begin(partition& log, const weir::start_position& from,
                  overflow policy = overflow::block) {
  auto slot = log.subscribe(9, 99, policy, from);
  REQUIRE(slot);
  return *slot;
}

std::uint64_t start_of(partition& log, const weir::start_position& from) {
  return log.unsubscribe(begin(log, from)).start;
}

std::string refusal(partition& log, std::uint64_t offset) {
  const auto slot = log.subscribe(9, 99, overflow::block, from_offset(offset));
  return slot ? "" : to_string(slot.error());
}

// `0-2 2-4`: what next() gives.
std::string sent(partition& log, cursor_slot slot) {
  std::string text;
  while (const auto next = log.next(slot)) {
    CHECK(next->follows == next->events.first_offset());
    text += (text.empty() ? "" : " ") + std::to_string(next->events.first_offset()) + "-" +
            std::to_string(next->events.end_offset());
  }
  return text;
}

bool balanced(const partition& log, cursor_slot slot) {
  const auto& reader = log.cursors()[slot];
  return log.next_offset() - reader.start ==
         reader.counts.total() + reader.dropped + reader.in_flight(log.next_offset());
}

}  // namespace

TEST_CASE("what everybody has settled is retained, with and without subscriptions", "[topic]") {
  partition log{retaining(4)};
  append(log, 3);
  CHECK(log.kept_events() == 0);
  CHECK(log.retained_events() == 4);
  CHECK(log.earliest_offset() == 2);
  const auto slot = begin(log, from_latest());
  append(log);
  CHECK(sent(log, slot) == "6-8");
  log.settle(slot, 8, {.delivered = 2});
  CHECK(log.settled());
  CHECK(log.kept_events() == 0);
  CHECK(log.earliest_offset() == 4);
  append(log, 3);
  CHECK(log.earliest_offset() == 8);  // what is kept is as many as are to be retained
  log.unsubscribe(slot);
  CHECK(log.kept_events() == 0);
  CHECK(log.earliest_offset() == 10);
}

TEST_CASE("nothing is retained unless asked for", "[topic]") {
  partition log{retaining(0)};
  append(log, 2);
  CHECK(log.earliest_offset() == 4);
  CHECK(start_of(log, from_earliest()) == 4);
}

TEST_CASE("a subscription begins at the latest, the earliest or any offset between", "[topic]") {
  partition log{retaining(6)};
  append(log, 5);
  CHECK(start_of(log, from_latest()) == 10);
  CHECK(start_of(log, from_earliest()) == 4);
  for (std::uint64_t offset = 4; offset <= 10; ++offset) {
    CHECK(start_of(log, from_offset(offset)) == offset);
  }
}

TEST_CASE("an offset that is not retained is refused, with what is", "[topic]") {
  partition log{retaining(6)};
  append(log, 5);
  CHECK(refusal(log, 3) ==
        "not_found: offset 3 is not retained: the oldest is 4, the next will be 10");
  CHECK(refusal(log, 11) ==
        "not_found: offset 11 is not there yet: the oldest retained is 4, the next will be 10");
  CHECK(log.cursors().empty());
  CHECK(log.hungry());
}

TEST_CASE("a time begins at the first retained event of that time or later", "[topic]") {
  partition log{retaining(100)};
  const auto at = [](std::int64_t time) {
    return from_time(weir::timestamp{weir::duration{time}});
  };
  CHECK(start_of(log, at(0)) == 0);
  // Publishers' clocks differ: offsets 0 to 5 have these times.
  log.append(event_tests::batch_of<event_tests::numbered>({{10}, {30}, {20}}));
  log.append(event_tests::batch_of<event_tests::numbered>({{25}, {40}, {35}}));
  CHECK(start_of(log, at(-1)) == 0);
  CHECK(start_of(log, at(10)) == 0);
  CHECK(start_of(log, at(11)) == 1);
  CHECK(start_of(log, at(30)) == 1);
  CHECK(start_of(log, at(31)) == 4);
  CHECK(start_of(log, at(41)) == 6);
}

TEST_CASE("a start in the history has it kept again, from its batch on", "[topic]") {
  partition log{retaining(100)};
  append(log, 4);
  const auto slot = begin(log, from_offset(5));
  CHECK(log.kept_events() == 4);
  CHECK(log.retained_events() == 8);
  CHECK(log.settled_everywhere() == 5);
  CHECK_FALSE(log.hungry());
  CHECK(balanced(log, slot));
  append(log);
  CHECK(sent(log, slot) == "5-6 6-8 8-10");
  CHECK(balanced(log, slot));
  log.settle(slot, 7, {.delivered = 2});
  CHECK(log.kept_events() == 4);
  log.rewind(slot, 7);
  CHECK(sent(log, slot) == "7-8 8-10");
  log.settle(slot, 10, {.delivered = 3});
  CHECK(log.settled());
  CHECK(log.hungry());
  CHECK(log.kept_events() == 0);
  CHECK(log.earliest_offset() == 0);
  CHECK(balanced(log, slot));
}

TEST_CASE("a start among what is kept for others moves nothing", "[topic]") {
  partition log{retaining(0)};
  const auto slow = begin(log, from_latest());
  append(log, 3);
  CHECK(sent(log, slow) == "0-2 2-4 4-6");
  log.settle(slow, 1, {.delivered = 1});
  const auto first = begin(log, from_earliest());
  const auto middle = begin(log, from_offset(3));
  CHECK(log.kept_events() == 6);
  CHECK(sent(log, first) == "0-2 2-4 4-6");
  CHECK(sent(log, middle) == "3-4 4-6");
  log.settle(slow, 6, {.delivered = 5});
  CHECK(log.kept_events() == 6);
  log.settle(first, 6, {.delivered = 6});
  CHECK(log.kept_events() == 4);
  log.settle(middle, 6, {.delivered = 3});
  CHECK(log.kept_events() == 0);
}

TEST_CASE("a history never takes room from publishers; being kept again does", "[topic]") {
  partition log{retaining(6, 6)};
  append(log, 9);
  CHECK(log.has_room());
  CHECK(log.retained_events() == 6);
  const auto slot = begin(log, from_earliest());
  CHECK_FALSE(log.has_room());
  CHECK(sent(log, slot) == "12-14 14-16 16-18");
  log.settle(slot, 14, {.delivered = 2});
  CHECK(log.has_room());
  CHECK(log.earliest_offset() == 12);
  append(log);
  CHECK_FALSE(log.has_room());
  CHECK(log.earliest_offset() == 14);
  log.unsubscribe(slot);
  CHECK(log.has_room());
  CHECK(log.retained_events() == 6);
}

TEST_CASE("a lossy subscription that begins in the past keeps what is retained for itself",
          "[topic]") {
  for (const auto policy : {overflow::drop_oldest, overflow::drop_newest, overflow::fail}) {
    // The most that may be retained, in the least convenient batches.
    partition log{retaining(4, 4)};
    append(log, 2);
    const auto slot = begin(log, from_offset(1), policy);
    CHECK(log.has_room());
    CHECK(log.kept_events() == 0);
    CHECK(log.cursors()[slot].kept == 3);
    CHECK(log.cursors()[slot].dropped == 0);
    CHECK(log.take_failed().empty());
    CHECK_FALSE(log.hungry());
    CHECK(balanced(log, slot));
    CHECK(sent(log, slot) == "1-2 2-4");
    append(log, 2);
    CHECK(balanced(log, slot));
    log.settle(slot, 3, {.delivered = 2});
    CHECK(sent(log, slot) == "4-6 6-8");
    log.settle(slot, 8, {.delivered = 5});
    CHECK(log.settled());
    CHECK(balanced(log, slot));
  }
}

TEST_CASE("what a lossy subscription was given from the past overflows as anything else",
          "[topic]") {
  partition log{retaining(4, 4)};
  append(log, 2);
  const auto slot = begin(log, from_offset(1), overflow::drop_oldest);
  append(log, 2);
  CHECK(log.cursors()[slot].dropped == 3);  // the first of its batches was half a one
  CHECK(log.cursors()[slot].settled == 4);
  CHECK(balanced(log, slot));
  const auto next = log.next(slot);
  REQUIRE(next);
  CHECK(next->follows == 1);
  CHECK(next->events.first_offset() == 4);
}
