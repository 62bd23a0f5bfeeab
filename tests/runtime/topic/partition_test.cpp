// SPDX-License-Identifier: BSD-3-Clause
// The partition by example: offsets, credit, settling, rewinding, room. Random histories are in
// partition_property.cpp.
#include "weir/runtime/topic/partition.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/runtime/event/death.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using event_tests::batch_from;
using event_tests::last_words_of;
using weir::topic::partition;
using weir::topic::settled_counts;

namespace {

using range = std::pair<std::uint64_t, std::uint64_t>;

// The offsets that next() gives, [first, end), or nothing.
std::optional<range> next_range(partition& log, weir::topic::cursor_slot slot) {
  const auto given = log.next(slot);
  if (!given) return std::nullopt;
  return range{given->events.first_offset(), given->events.end_offset()};
}

settled_counts delivered(std::uint64_t count) { return {.delivered = count}; }

void append(partition& log, std::uint32_t count) {
  log.append(batch_from(log.next_offset(), count));
}

}  // namespace

TEST_CASE("batches get dense offsets in the order of their arrival", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 8);
  append(log, 3);
  append(log, 1);
  append(log, 2);
  CHECK(log.next_offset() == 6);
  CHECK(next_range(log, slot) == range{0, 3});
  CHECK(next_range(log, slot) == range{3, 4});
  CHECK(next_range(log, slot) == range{4, 6});
  CHECK(next_range(log, slot) == std::nullopt);
}

TEST_CASE("a subscription sees what comes after it, and keeps nothing from before", "[topic]") {
  partition log{{}};
  append(log, 2);
  CHECK(log.kept_events() == 0);
  CHECK(log.settled());
  const auto slot = log.subscribe(1, 1);
  CHECK(log.cursors()[slot].start == 2);
  CHECK(next_range(log, slot) == std::nullopt);
  append(log, 2);
  CHECK(log.kept_events() == 2);
  CHECK(next_range(log, slot) == range{2, 4});
}

TEST_CASE("a subscription without credit is our bug", "[topic]") {
  partition log{{}};
  CHECK_THAT(last_words_of([&] { log.subscribe(1, 0); }), Catch::Contains("without credit"));
}

TEST_CASE("a subscription gets no more batches than its credit until it settles", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 2);
  for (int i = 0; i < 4; ++i) append(log, 2);
  CHECK(next_range(log, slot) == range{0, 2});
  CHECK(next_range(log, slot) == range{2, 4});
  CHECK(next_range(log, slot) == std::nullopt);
  log.settle(slot, 1, delivered(1));  // half of a batch returns no credit
  CHECK(next_range(log, slot) == std::nullopt);
  log.settle(slot, 4, delivered(3));
  CHECK(next_range(log, slot) == range{4, 6});
  CHECK(next_range(log, slot) == range{6, 8});
}

TEST_CASE("a settlement is asked for at every half of the credit and at the end", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 4);
  for (int i = 0; i < 5; ++i) append(log, 1);
  std::vector<bool> asked;
  for (std::uint64_t i = 0; i < 5; ++i) {
    asked.push_back(log.next(slot)->settle_now);
    log.settle(slot, i + 1, delivered(1));
  }
  CHECK(asked == std::vector<bool>{false, true, false, true, true});
}

TEST_CASE("the last batch of a credit asks to be settled, or lost requests would stop the flow",
          "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 4);
  for (int i = 0; i < 8; ++i) append(log, 1);
  CHECK_FALSE(log.next(slot)->settle_now);
  for (std::uint64_t lost = 1; lost < 3; ++lost) {
    CHECK(log.next(slot)->settle_now);  // by the rule of halves
    log.rewind(slot, lost);             // but its receiver died
    CHECK_FALSE(log.next(slot)->settle_now);
  }
  CHECK(log.next(slot)->settle_now);
  CHECK_FALSE(log.next(slot));
  log.rewind(slot, 3);
  CHECK(log.next(slot)->settle_now);
  CHECK_FALSE(log.next(slot));
}

TEST_CASE("a batch is kept until its slowest subscription has settled it", "[topic]") {
  partition log{{}};
  const auto fast = log.subscribe(1, 8);
  const auto slow = log.subscribe(2, 8);
  append(log, 2);
  append(log, 3);
  for (const auto slot : {fast, slow}) {
    while (log.next(slot)) {
    }
  }
  log.settle(fast, 5, delivered(5));
  CHECK(log.kept_events() == 5);
  CHECK(log.settled_everywhere() == 0);
  log.settle(slow, 3, delivered(3));
  CHECK(log.settled_everywhere() == 3);
  CHECK(log.kept_events() == 3);
  CHECK_FALSE(log.settled());
  log.settle(slow, 5, delivered(2));
  CHECK(log.kept_events() == 0);
  CHECK(log.kept_bytes() == 0);
  CHECK(log.settled());
}

TEST_CASE("a full ring has no room until its slowest subscription settles", "[topic]") {
  partition log{{.ring_events = 4, .ring_bytes = 1'000'000}};
  const auto fast = log.subscribe(1, 8);
  const auto slow = log.subscribe(2, 8);
  append(log, 3);
  CHECK(log.has_room());
  append(log, 3);  // the last batch may exceed the limit
  CHECK_FALSE(log.has_room());
  while (log.next(fast)) {
  }
  log.settle(fast, 6, delivered(6));
  CHECK_FALSE(log.has_room());
  CHECK(next_range(log, slow) == range{0, 3});
  log.settle(slow, 3, delivered(3));
  CHECK(log.has_room());
}

TEST_CASE("a ring is full by bytes too", "[topic]") {
  const auto one = event_tests::counted_bytes<event_tests::numbered>();
  partition log{{.ring_events = 100, .ring_bytes = 3 * one}};
  const auto slot = log.subscribe(1, 8);
  append(log, 2);
  CHECK(log.kept_bytes() == 2 * one);
  CHECK(log.has_room());
  append(log, 1);
  CHECK_FALSE(log.has_room());
  log.unsubscribe(slot);
  CHECK(log.has_room());
}

TEST_CASE("appending without room or without events is our bug", "[topic]") {
  partition log{{.ring_events = 1, .ring_bytes = 1'000'000}};
  log.subscribe(1, 1);
  CHECK_THAT(last_words_of([&] { log.append({}); }), Catch::Contains("without events"));
  append(log, 1);
  CHECK_THAT(last_words_of([&] { append(log, 1); }), Catch::Contains("append without room"));
}

TEST_CASE("a settlement that is no news is ignored", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 8);
  append(log, 4);
  log.next(slot);
  log.settle(slot, 3, delivered(3));
  log.settle(slot, 3, delivered(3));
  log.settle(slot, 1, delivered(1));
  CHECK(log.cursors()[slot].settled == 3);
  CHECK(log.cursors()[slot].counts == delivered(3));
}

TEST_CASE("settling what was not sent, or counting another range, is our bug", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 8);
  append(log, 4);
  CHECK_THAT(last_words_of([&] { log.settle(slot, 4, delivered(4)); }),
             Catch::Contains("settled what was never sent"));
  log.next(slot);
  CHECK_THAT(last_words_of([&] { log.settle(slot, 4, delivered(3)); }),
             Catch::Contains("settled a range, counted another"));
  CHECK_THAT(last_words_of([&] { log.settle({slot.index + 1, 0}, 1, delivered(1)); }),
             Catch::Contains("no such cursor"));
}

TEST_CASE("a cursor adds up how its events ended", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 8);
  append(log, 10);
  log.next(slot);
  log.settle(slot, 4, {.delivered = 1, .filtered = 1, .skipped = 1, .dead_lettered = 1});
  log.settle(slot, 10, {.delivered = 3, .filtered = 2, .skipped = 1, .dead_lettered = 0});
  const auto last = log.unsubscribe(slot);
  CHECK(last.counts ==
        settled_counts{.delivered = 4, .filtered = 3, .skipped = 2, .dead_lettered = 1});
  CHECK(last.counts.total() == last.settled - last.start);
}

TEST_CASE("a rewind sends again what the subscriber had not received", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 2);
  append(log, 2);
  append(log, 2);
  log.next(slot);
  log.next(slot);
  CHECK(next_range(log, slot) == std::nullopt);
  log.rewind(slot, 2);
  CHECK(next_range(log, slot) == range{2, 4});
  CHECK(next_range(log, slot) == std::nullopt);
  log.rewind(slot, 0);
  CHECK(next_range(log, slot) == range{0, 2});
  CHECK(next_range(log, slot) == range{2, 4});
  log.rewind(slot, 4);
  CHECK(next_range(log, slot) == std::nullopt);
}

TEST_CASE("a rewind into the middle of a batch sends its rest", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 1);
  append(log, 5);
  log.next(slot);
  log.rewind(slot, 2);
  const auto rest = log.next(slot);
  REQUIRE(rest);
  CHECK(rest->events.first_offset() == 2);
  CHECK(rest->events.size() == 3);
  CHECK(rest->events[0].as<event_tests::numbered>().number == 2);
  CHECK(rest->settle_now);
}

TEST_CASE("a rewind to what was settled, or never sent, is our bug", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 8);
  append(log, 2);
  append(log, 2);
  log.next(slot);
  log.settle(slot, 2, delivered(2));
  CHECK_THAT(last_words_of([&] { log.rewind(slot, 1); }), Catch::Contains("never sent"));
  CHECK_THAT(last_words_of([&] { log.rewind(slot, 3); }), Catch::Contains("never sent"));
}

TEST_CASE("a slot that was left is given to the next subscription, which starts fresh", "[topic]") {
  partition log{{}};
  const auto first = log.subscribe(1, 1);
  const auto second = log.subscribe(2, 1);
  append(log, 2);
  log.next(first);
  log.unsubscribe(first);
  CHECK_FALSE(log.cursors()[first].active);
  CHECK_FALSE(log.next(first));
  CHECK_THAT(last_words_of([&] { log.unsubscribe(first); }), Catch::Contains("unsubscribed twice"));
  CHECK(log.kept_events() == 2);

  const auto third = log.subscribe(3, 1);
  CHECK(third.index == first.index);
  CHECK(log.cursors()[third].id == 3);
  CHECK(next_range(log, third) == std::nullopt);
  append(log, 1);
  CHECK(next_range(log, third) == range{2, 3});
  CHECK(next_range(log, second) == range{0, 2});
}

TEST_CASE("events nobody subscribes to are numbered and not kept", "[topic]") {
  partition log{{.ring_events = 1, .ring_bytes = 1}};
  for (int i = 0; i < 10; ++i) append(log, 5);
  CHECK(log.next_offset() == 50);
  CHECK(log.kept_events() == 0);
  CHECK(log.settled_everywhere() == 50);
  CHECK(log.cursors().empty());
}

TEST_CASE("a halted subscription is waited for by nobody, also when it settles late", "[topic]") {
  partition log{{}};
  const auto halted = log.subscribe(1, 4);
  const auto going = log.subscribe(2, 4);
  log.append(batch_from(0, 3));
  REQUIRE(log.next(halted));
  REQUIRE(log.next(going));
  log.halt(halted);
  CHECK_FALSE(log.hungry());
  CHECK(log.awaits_settlement());
  log.settle(halted, 3, delivered(3));
  CHECK_FALSE(log.hungry());
  CHECK(log.awaits_settlement());
  log.settle(going, 3, delivered(3));
  CHECK(log.hungry());
  CHECK_FALSE(log.awaits_settlement());
  log.append(batch_from(3, 1));
  CHECK_FALSE(log.next(halted));
  log.halt(going);
  CHECK(log.hungry());  // nobody goes on: nobody is waited for
}

TEST_CASE("what is said late about a subscription that left never means its successor",
          "[topic]") {
  partition log{{}};
  const auto left = log.subscribe(1, 4);
  append(log, 3);
  REQUIRE(log.next(left));
  log.unsubscribe(left);
  CHECK_FALSE(log.holds(left));
  log.settle(left, 3, delivered(3));  // nobody is there yet
  const auto next = log.subscribe(1, 4);
  REQUIRE(next.index == left.index);
  CHECK(log.holds(next));
  append(log, 3);
  REQUIRE(log.next(next));
  log.settle(left, 6, delivered(3));
  log.settle_rest(left, 6, {});
  log.rewind(left, 0);
  log.halt(left);
  log.pause(left);
  const auto& reader = log.cursors()[next];
  CHECK(reader.going());
  CHECK(reader.settled == 3);
  CHECK(reader.sent == 6);
  CHECK(reader.counts == settled_counts{});
  append(log, 1);
  CHECK_FALSE(log.next(left));
  CHECK(next_range(log, next) == range{6, 7});
  log.pause(next);
  log.resume(left);
  CHECK(reader.paused);
}

TEST_CASE("a paused subscription gets nothing, may settle, and goes on where it stopped",
          "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 4);
  append(log, 2);
  append(log, 2);
  CHECK(next_range(log, slot) == range{0, 2});
  log.pause(slot);
  log.pause(slot);
  CHECK(log.cursors()[slot].paused);
  CHECK(next_range(log, slot) == std::nullopt);
  log.settle(slot, 2, delivered(2));
  CHECK(log.kept_events() == 2);
  CHECK(next_range(log, slot) == std::nullopt);
  log.resume(slot);
  log.resume(slot);
  CHECK_FALSE(log.cursors()[slot].paused);
  CHECK(next_range(log, slot) == range{2, 4});
  CHECK(next_range(log, slot) == std::nullopt);
}

TEST_CASE("nobody waits for a paused subscription but publishers", "[topic]") {
  partition log{{.ring_events = 4, .ring_bytes = 1'000'000}};
  const auto paused = log.subscribe(1, 4);
  const auto going = log.subscribe(2, 4);
  append(log, 4);
  REQUIRE(log.next(paused));
  REQUIRE(log.next(going));
  log.pause(paused);
  CHECK_FALSE(log.hungry());
  CHECK(log.awaits_settlement());
  log.settle(going, 4, delivered(4));
  CHECK(log.hungry());
  CHECK_FALSE(log.awaits_settlement());
  CHECK_FALSE(log.has_room());
  log.resume(paused);
  CHECK(log.awaits_settlement());
  log.pause(paused);
  log.settle(paused, 4, delivered(4));
  CHECK(log.has_room());
  CHECK_FALSE(log.awaits_settlement());
  log.resume(paused);  // with nothing left
  CHECK_FALSE(log.awaits_settlement());
  append(log, 1);
  CHECK(log.awaits_settlement());
  log.pause(paused);
  log.pause(going);
  CHECK(log.hungry());  // nobody goes on: nobody is waited for
  log.unsubscribe(paused);
  log.resume(going);
  CHECK(log.awaits_settlement());
  CHECK_FALSE(log.hungry());
}

TEST_CASE("a subscription that has halted is neither paused nor resumed", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 4);
  log.pause(slot);
  log.halt(slot);
  CHECK_FALSE(log.cursors()[slot].paused);
  log.resume(slot);
  log.pause(slot);
  CHECK(log.cursors()[slot].halted);
  CHECK_FALSE(log.cursors()[slot].paused);
  append(log, 1);
  CHECK_FALSE(log.next(slot));
  CHECK_FALSE(log.awaits_settlement());
  CHECK(log.hungry());
}
