// SPDX-License-Identifier: BSD-3-Clause
// A partition whose batches are stored: nobody waits for room, and whoever lags behind the ring is
// handed what was stored, by example and against a log that keeps every batch.
#include <map>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/runtime/topic/partition.hpp"
#include "weir/tests/runtime/event/death.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using weir::topic::cursor_slot;
using weir::topic::partition;
using weir::topic::partition_limits;

namespace {

/// The partition, and the batches that its owner has stored.
struct stored_log {
  explicit stored_log(partition_limits limits, std::uint64_t begin = 0) : core(limits, begin) {}

  void append(std::uint32_t events) {
    auto more = event_tests::batch_from(core.next_offset(), events);
    more.set_first_offset(core.next_offset());
    stored.push_back(more);
    core.append(std::move(more));
  }
  const weir::batch& stored_at(std::uint64_t offset) const {
    for (const auto& events : stored) {
      if (offset < events.end_offset()) return events;
    }
    FAIL("nothing is stored at " << offset);
    return stored.back();
  }
  /// What the owner sends next, wherever it comes from.
  std::optional<weir::topic::outgoing> next(cursor_slot slot) {
    const auto wanted = core.wants_stored(slot);
    auto given = core.next(slot);
    CHECK_FALSE((wanted && given));
    if (wanted) given = core.hand_stored(slot, stored_at(*wanted));
    return given;
  }

  partition core;
  std::vector<weir::batch> stored;
};

constexpr partition_limits small{.ring_events = 4, .ring_bytes = 1'000'000, .stored = true};

std::string sent(stored_log& log, cursor_slot slot) {
  std::string text;
  while (const auto next = log.next(slot)) {
    CHECK(next->follows == next->events.first_offset());
    text += (text.empty() ? "" : " ") + std::to_string(next->events.first_offset()) + "-" +
            std::to_string(next->events.end_offset());
  }
  return text;
}

constexpr std::uint64_t ring_events_most = 12;
constexpr std::uint32_t batch_events_most = 3;

/// Some subscriptions, and what each should have been sent.
struct readers {
  struct progress {
    std::uint64_t sent, settled;
    bool yields;
    std::uint64_t lost_below = 0, dropped = 0;

    std::uint64_t position() const { return std::max(sent, settled); }
    void lose() {
      if (!yields || sent > settled || lost_below <= settled) return;
      dropped += lost_below - settled;
      settled = lost_below;
    }
  };

  readers(partition_limits limits, std::uint64_t first) : log(limits, first), begin(first) {}

  void step() {
    const auto choice = *rc::gen::inRange(0, 20);
    if (choice < 6) {
      log.append(*rc::gen::inRange(1U, batch_events_most + 1));
    } else if (choice < 8 && all.size() < 4) {
      const auto start = *rc::gen::inRange(begin, log.core.next_offset() + 1);
      const auto credit = *rc::gen::inRange(1U, 5U);
      const bool yields = *rc::gen::arbitrary<bool>();
      all[log.core.subscribe_at(next_id++, credit, start, yields)] = {start, start, yields};
    } else if (choice == 8) {
      lose(*rc::gen::inRange(begin, log.core.next_offset() + 1));
    } else if (!all.empty()) {
      const auto chosen = std::next(
          all.begin(),
          *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(all.size())));
      touch(choice, chosen->first, chosen->second);
      if (choice == 19) {
        log.core.unsubscribe(chosen->first);
        all.erase(chosen);
      }
    }
  }
  void touch(int choice, cursor_slot slot, progress& one) {
    if (choice < 14) {
      send(slot, one);
    } else if (choice < 17) {
      if (one.sent > one.settled) settle(slot, one, *rc::gen::inRange(one.settled, one.sent + 1));
    } else if (choice < 18) {
      if (one.sent > one.settled) one.sent = *rc::gen::inRange(one.settled, one.sent + 1);
      log.core.rewind(slot, one.sent);
      one.lose();
    } else if (choice < 19) {
      log.core.pause(slot);
      RC_ASSERT(!log.next(slot));
      log.core.resume(slot);
    }
  }
  bool send(cursor_slot slot, progress& one) {
    const auto given = log.next(slot);
    if (!given) return false;
    RC_ASSERT(given->follows == one.sent && given->events.first_offset() == one.position());
    // What was lost meanwhile is not sent, though it is there.
    RC_ASSERT(one.position() >= one.lost_below);
    for (const auto event : given->events) {
      RC_ASSERT(event.as<event_tests::numbered>().number == event.offset);
    }
    one.sent = given->events.end_offset();
    return true;
  }
  void settle(cursor_slot slot, progress& one, std::uint64_t up_to) {
    log.core.settle_rest(slot, up_to, {});
    one.settled = up_to;
    one.lose();
  }
  void lose(std::uint64_t offset) {
    log.core.lose_stored(offset);
    for (auto& [slot, one] : all) {
      one.lost_below = one.yields ? std::max(one.lost_below, offset) : 0;
      one.lose();
    }
  }
  void check() const {
    const auto end = log.core.next_offset();
    auto lowest = end;
    auto held = end;
    for (const auto& [slot, one] : all) {
      const auto& real = log.core.cursors()[slot];
      RC_ASSERT(real.settled == one.settled && real.sent == one.sent);
      RC_ASSERT(real.in_flight(end) == end - one.settled);
      RC_ASSERT(real.dropped == one.dropped);
      RC_ASSERT(log.core.unsettled_of(slot).sent == one.position() - one.settled);
      lowest = std::min(lowest, one.settled);
      if (!one.yields || one.sent > one.settled) held = std::min(held, one.settled);
    }
    RC_ASSERT(log.core.held_from() == held);
    RC_ASSERT(log.core.settled_everywhere() == lowest);
    // A batch over at most, and nothing that everybody has settled.
    RC_ASSERT(log.core.kept_events() < ring_events_most + batch_events_most);
    RC_ASSERT(log.core.kept_events() < end - lowest + batch_events_most);
  }
  void finish() {
    for (auto& [slot, one] : all) {
      while (send(slot, one) || one.settled < one.sent) {
        if (one.settled < one.sent) settle(slot, one, one.sent);
      }
      RC_ASSERT(one.settled == log.core.next_offset());
    }
    RC_ASSERT(log.core.settled());
    RC_ASSERT(all.empty() || log.core.kept_events() == 0U);
  }

  stored_log log;
  std::uint64_t begin;
  std::map<cursor_slot, progress> all;
  std::uint32_t next_id = 0;
};

}  // namespace

TEST_CASE("a stored partition has room whoever lags, and its ring keeps the newest batches",
          "[topic]") {
  stored_log log{small};
  const auto slow = log.core.subscribe(1, 2);
  for (int i = 0; i < 10; ++i) {
    CHECK(log.core.has_room());
    log.append(2);
    CHECK(log.core.kept_events() <= 4);
  }
  CHECK(log.core.wants_stored(slow) == 0);
  CHECK(sent(log, slow) == "0-2 2-4");  // its credit
  CHECK_FALSE(log.core.wants_stored(slow));
  log.core.settle(slow, 4, {.delivered = 4});
  CHECK(log.core.wants_stored(slow) == 4);
  CHECK(log.core.unsettled_of(slow).oldest == std::nullopt);
}

TEST_CASE("a cursor that catches up goes on from the ring without gap or repeat", "[topic]") {
  stored_log log{small};
  const auto slow = log.core.subscribe(1, 100);
  for (int i = 0; i < 5; ++i) log.append(2);
  CHECK(sent(log, slow) == "0-2 2-4 4-6 6-8 8-10");
  log.append(2);
  CHECK_FALSE(log.core.wants_stored(slow));
  CHECK(sent(log, slow) == "10-12");
  log.core.settle(slow, 12, {.delivered = 12});
  CHECK(log.core.settled());
  CHECK(log.core.kept_events() == 0);
}

TEST_CASE("a partition begins where what is stored ends, and its subscriptions where they were",
          "[topic]") {
  stored_log log{small, 20};
  CHECK(log.core.next_offset() == 20);
  const auto here = log.core.subscribe_at(1, 9, 20);
  const auto there = log.core.subscribe_at(2, 9, 17);
  CHECK(log.core.awaits_settlement());
  CHECK_FALSE(log.core.wants_stored(here));
  CHECK(log.core.wants_stored(there) == 17);
  auto before = event_tests::batch_from(16, 4);
  before.set_first_offset(16);
  const auto given = log.core.hand_stored(there, before);
  CHECK(given.events.first_offset() == 17);
  CHECK(given.events.end_offset() == 20);
  CHECK(given.settle_now);
  log.append(2);
  CHECK(sent(log, here) == "20-22");
  CHECK(sent(log, there) == "20-22");
}

TEST_CASE("a cursor that yields loses what was not sent to it, once what it has in hand is settled",
          "[topic]") {
  stored_log log{small};
  const auto yielding = log.core.subscribe_at(1, 2, 0, true);
  const auto other = log.core.subscribe_at(2, 1, 0);
  for (int i = 0; i < 10; ++i) log.append(2);
  CHECK(sent(log, yielding) == "0-2 2-4");
  log.core.lose_stored(10);
  CHECK(log.core.held_from() == 0);
  CHECK(log.core.cursors()[yielding].dropped == 0);
  log.core.settle(yielding, 2, {.delivered = 2});
  CHECK_FALSE(log.next(yielding));
  // Its subscriber died before it received the rest: it has nothing in hand.
  log.core.rewind(yielding, 2);
  CHECK(log.core.cursors()[yielding].dropped == 8);
  const auto next = log.next(yielding);
  REQUIRE(next);
  CHECK(next->follows == 2);
  CHECK(next->events.first_offset() == 10);
  CHECK(log.core.cursors()[other].dropped == 0);
  CHECK(log.core.cursors()[other].settled == 0);
}

TEST_CASE("handing what was not asked for is our bug", "[topic]") {
  stored_log log{small};
  const auto slow = log.core.subscribe(1, 9);
  for (int i = 0; i < 5; ++i) log.append(2);
  CHECK_THAT(event_tests::last_words_of([&] { log.core.hand_stored(slow, log.stored[1]); }),
             Catch::Contains("handed something else"));
}

TEST_CASE("whatever happens, a cursor of a stored partition gets each event once, in order",
          "[topic][property]") {
  rc::prop("append, subscribe anywhere, next, settle, rewind, pause, resume, leave", [] {
    readers model{{.ring_events = *rc::gen::inRange<std::uint64_t>(1, ring_events_most),
                   .ring_bytes = *rc::gen::inRange<std::size_t>(1, 6000),
                   .stored = true},
                  *rc::gen::inRange<std::uint64_t>(0, 3)};
    for (int step = *rc::gen::inRange(0, 150); step > 0; --step) {
      model.step();
      model.check();
    }
    model.finish();
  });
}
