// SPDX-License-Identifier: BSD-3-Clause
// The overflow policies by example: who is made to wait, what is dropped, and what a subscription
// that missed something is told.
#include "weir/runtime/topic/overflow.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/topic/partition.hpp"
#include "weir/tests/runtime/event/death.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using event_tests::batch_from;
using event_tests::last_words_of;
using weir::overflow;
using weir::topic::cursor_slot;
using weir::topic::partition;
using weir::topic::settled_counts;

namespace {

/// Two batches of two fill it.
constexpr weir::topic::partition_limits small{.ring_events = 4, .ring_bytes = 1'000'000};

void append(partition& log, int pairs = 1) {
  for (; pairs > 0; --pairs) log.append(batch_from(log.next_offset(), 2));
}

// `0-2 4-6` for the batches next() gives; a jump is written `(2)4-6`: it follows 2.
std::string sent(partition& log, cursor_slot slot) {
  std::string text;
  while (const auto next = log.next(slot)) {
    const auto first = next->events.first_offset();
    if (!text.empty()) text += ' ';
    if (next->follows != first) text += "(" + std::to_string(next->follows) + ")";
    text += std::to_string(first) + "-" + std::to_string(next->events.end_offset());
  }
  return text;
}

// All that was published is in exactly one place.
bool balanced(const partition& log, cursor_slot slot) {
  const auto& reader = log.cursors()[slot];
  return log.next_offset() - reader.start ==
         reader.counts.total() + reader.dropped + reader.in_flight(log.next_offset());
}

}  // namespace

TEST_CASE("a lossy subscription never fills the ring", "[topic]") {
  for (const auto policy : {overflow::drop_oldest, overflow::drop_newest, overflow::fail}) {
    partition log{small};
    const auto slot = log.subscribe(1, 1, policy);
    for (int i = 0; i < 100; ++i) {
      REQUIRE(log.has_room());
      append(log);
      CHECK(balanced(log, slot));
    }
    CHECK(log.kept_events() == 0);
    CHECK(log.cursors()[slot].kept == 4);
    CHECK(log.cursors()[slot].dropped == 196);
  }
}

TEST_CASE("beside a lossy subscription, a blocking one is waited for and loses nothing",
          "[topic]") {
  partition log{small};
  const auto lossy = log.subscribe(1, 1, overflow::drop_oldest);
  const auto blocking = log.subscribe(2, 9);
  append(log, 2);
  CHECK_FALSE(log.has_room());
  CHECK(sent(log, blocking) == "0-2 2-4");
  log.settle(blocking, 4, {.delivered = 4});
  CHECK(log.has_room());  // the lossy one has settled nothing
  append(log, 2);
  CHECK(sent(log, blocking) == "4-6 6-8");
  CHECK(log.cursors()[blocking].dropped == 0);
  CHECK(sent(log, lossy) == "(0)4-6");
}

TEST_CASE("drop_oldest drops whole batches that were never sent, and keeps the newest",
          "[topic]") {
  partition log{small};
  const auto slot = log.subscribe(1, 1, overflow::drop_oldest);
  append(log);
  CHECK(sent(log, slot) == "0-2");
  append(log, 5);  // 2-12, of which 8-12 stay
  CHECK(log.cursors()[slot].dropped == 6);
  CHECK(log.cursors()[slot].settled == 0);
  log.settle(slot, 2, {.delivered = 2});
  CHECK(log.cursors()[slot].settled == 8);  // what is dropped needs no settling
  CHECK(sent(log, slot) == "(2)8-10");
  log.settle(slot, 10, {.delivered = 2});
  CHECK(sent(log, slot) == "10-12");
  CHECK(balanced(log, slot));
}

TEST_CASE("drop_newest drops what comes while the subscription lags, and keeps the oldest",
          "[topic]") {
  partition log{small};
  const auto slot = log.subscribe(1, 1, overflow::drop_newest);
  append(log);
  CHECK(sent(log, slot) == "0-2");
  append(log, 5);  // 2-12, of which 2-6 stay
  log.settle(slot, 2, {.delivered = 2});
  CHECK(sent(log, slot) == "2-4");
  append(log);  // 12-14 finds room again
  log.settle(slot, 4, {.delivered = 2});
  CHECK(sent(log, slot) == "4-6");
  log.settle(slot, 6, {.delivered = 2});
  CHECK(sent(log, slot) == "(6)12-14");
  CHECK(log.cursors()[slot].dropped == 6);
  log.settle(slot, 14, {.delivered = 2});
  CHECK(log.settled());
  CHECK(balanced(log, slot));
}

TEST_CASE("what was dropped last is settled with what was kept", "[topic]") {
  partition log{small};
  const auto slot = log.subscribe(1, 9, overflow::drop_newest);
  append(log, 4);
  CHECK(sent(log, slot) == "0-2 2-4");
  CHECK(log.awaits_settlement());
  log.settle(slot, 4, {.delivered = 4});
  CHECK(log.settled_everywhere() == 8);
  CHECK(log.hungry());
  CHECK_FALSE(log.awaits_settlement());
}

TEST_CASE("the last batch that is kept asks to be settled, whatever was dropped behind it",
          "[topic]") {
  partition log{small};
  const auto slot = log.subscribe(1, 9, overflow::drop_newest);
  append(log, 4);
  CHECK_FALSE(log.next(slot)->settle_now);
  CHECK(log.next(slot)->settle_now);
}

TEST_CASE("a subscription that fails halts at its limit, and says so once", "[topic]") {
  partition log{small};
  const auto failing = log.subscribe(1, 1, overflow::fail);
  const auto other = log.subscribe(2, 9);
  append(log);
  CHECK(sent(log, failing) == "0-2");
  append(log);
  CHECK(sent(log, other) == "0-2 2-4");
  log.settle(other, 4, {.delivered = 4});
  append(log);
  CHECK(log.take_failed().empty());
  append(log);
  CHECK(log.take_failed() == std::vector<cursor_slot>{failing});
  CHECK(log.take_failed().empty());
  CHECK(log.cursors()[failing].halted);
  CHECK(sent(log, other) == "4-6 6-8");
  log.settle(other, 8, {.delivered = 4});
  CHECK(log.has_room());
  append(log, 2);
  CHECK(log.take_failed().empty());
  // What it was sent it may still settle; what waits is kept, what came later is not.
  log.settle(failing, 2, {.delivered = 2});
  CHECK(sent(log, failing) == "");
  CHECK(log.cursors()[failing].in_flight(log.next_offset()) == 4);
  CHECK(log.cursors()[failing].dropped == 6);
  CHECK(balanced(log, failing));
}

TEST_CASE("a halted lossy subscription keeps no more than its limit, and nobody waits for it",
          "[topic]") {
  partition log{small};
  const auto slot = log.subscribe(1, 1, overflow::drop_oldest);
  log.halt(slot);
  append(log, 50);
  CHECK(log.has_room());
  CHECK(log.cursors()[slot].kept == 4);
  CHECK(log.hungry());
  CHECK(log.take_failed().empty());
}

TEST_CASE("a restarted lossy subscriber gets what it was sent again, and not what was dropped",
          "[topic]") {
  partition log{small};
  const auto slot = log.subscribe(1, 2, overflow::drop_oldest);
  append(log, 2);
  CHECK(sent(log, slot) == "0-2 2-4");
  append(log, 4);  // 4-12, of which 8-12 stay
  log.rewind(slot, 0);
  append(log, 1);  // drops 8-10; what was sent is owed
  CHECK(sent(log, slot) == "0-2 2-4");
  log.settle(slot, 4, {.delivered = 4});
  CHECK(sent(log, slot) == "(4)10-12 12-14");
  // It has received nothing since 4, though `settled` has moved on.
  log.rewind(slot, 4);
  CHECK(sent(log, slot) == "(4)10-12 12-14");
  log.rewind(slot, 12);
  CHECK(sent(log, slot) == "12-14");
  log.settle(slot, 14, {.delivered = 4});
  CHECK(balanced(log, slot));
  CHECK(log.settled());
}

TEST_CASE("a settlement across a gap counts only what was sent", "[topic]") {
  partition log{small};
  const auto slot = log.subscribe(1, 2, overflow::drop_oldest);
  append(log);
  CHECK(sent(log, slot) == "0-2");
  append(log);
  log.rewind(slot, 2);
  CHECK(sent(log, slot) == "2-4");
  append(log, 3);  // 4-10, of which 6-10 stay
  log.settle(slot, 2, {.delivered = 2});
  CHECK(sent(log, slot) == "(4)6-8");
  CHECK_THAT(last_words_of([&] { log.settle(slot, 8, {.delivered = 6}); }),
             Catch::Contains("counted another"));
  log.settle_rest(slot, 8, {.skipped = 1});
  CHECK(log.cursors()[slot].counts == settled_counts{.delivered = 5, .skipped = 1});
  log.settle_rest(slot, 8, {.skipped = 1});  // no news
  CHECK(log.cursors()[slot].counts.total() == 6);
}

TEST_CASE("who settles without counting has delivered what was sent, in any subscription",
          "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 9);
  append(log, 3);
  CHECK(sent(log, slot) == "0-2 2-4 4-6");
  log.settle_rest(slot, 6, {.dead_lettered = 2});
  CHECK(log.cursors()[slot].counts == settled_counts{.delivered = 4, .dead_lettered = 2});
}

TEST_CASE("a slot that a lossy subscription left is fresh for the next one", "[topic]") {
  partition log{small};
  const auto first = log.subscribe(1, 1, overflow::fail);
  append(log, 3);
  const auto last = log.unsubscribe(first);
  CHECK(last.kept == 4);
  CHECK(log.take_failed().empty());
  const auto second = log.subscribe(2, 9);
  CHECK(second.index == first.index);
  append(log, 2);
  CHECK_FALSE(log.has_room());
  CHECK(sent(log, second) == "6-8 8-10");
}

TEST_CASE("a paused lossy subscription drops by its policy, and then goes on with the rest",
          "[topic]") {
  partition log{small};
  const auto slot = log.subscribe(1, 9, overflow::drop_oldest);
  append(log);
  CHECK(sent(log, slot) == "0-2");
  log.pause(slot);
  append(log, 5);  // 2-12, of which 8-12 stay
  CHECK(sent(log, slot) == "");
  log.settle(slot, 2, {.delivered = 2});
  CHECK(log.cursors()[slot].settled == 8);
  CHECK(balanced(log, slot));
  log.resume(slot);
  CHECK(log.awaits_settlement());
  CHECK(sent(log, slot) == "(2)8-10 10-12");
  log.settle(slot, 12, {.delivered = 4});
  CHECK(log.hungry());
  CHECK(balanced(log, slot));
}

TEST_CASE("a paused subscription that must not overflow fails, and stays halted", "[topic]") {
  partition log{small};
  const auto slot = log.subscribe(1, 9, overflow::fail);
  log.pause(slot);
  append(log, 3);
  CHECK(log.take_failed() == std::vector<cursor_slot>{slot});
  log.resume(slot);
  CHECK(log.cursors()[slot].halted);
  CHECK(sent(log, slot) == "");
  CHECK(log.hungry());
}
