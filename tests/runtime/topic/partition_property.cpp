// SPDX-License-Identifier: BSD-3-Clause
// Random histories of a partition against a naive model that keeps every batch for ever and finds
// everything by searching.
#include <map>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/runtime/topic/partition.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using weir::topic::cursor_slot;
using weir::topic::partition;
using weir::topic::partition_limits;
using weir::topic::settled_counts;

namespace {

struct naive_cursor {
  std::uint32_t credit;
  std::uint64_t start, settled, sent;
  std::vector<std::uint64_t> ends;  // of what was sent and is not settled
  bool halted = false;
};

struct partition_model {
  explicit partition_model(partition_limits chosen) : limits(chosen), log(chosen) {}

  void append() {
    if (!log.has_room()) return;
    const auto size = *rc::gen::inRange<std::uint32_t>(1, 5);
    log.append(event_tests::batch_from(end_of_log(), size));
    ends.push_back(end_of_log() + size);
    wanted.push_back(!cursors.empty());
  }
  void subscribe() {
    if (cursors.size() > 4) return;
    const auto credit = *rc::gen::inRange<std::uint32_t>(1, 5);
    const auto slot = log.subscribe(next_id, credit);
    RC_ASSERT(!cursors.contains(slot));
    RC_ASSERT(log.cursors()[slot].id == next_id++);
    cursors[slot] = {credit, end_of_log(), end_of_log(), end_of_log(), {}, false};
  }
  void unsubscribe() {
    if (cursors.empty()) return;
    const auto slot = any_slot();
    const auto last = log.unsubscribe(slot);
    RC_ASSERT(last.counts.total() == cursors[slot].settled - cursors[slot].start);
    cursors.erase(slot);
  }
  void next() {
    if (cursors.empty()) return;
    send(any_slot());
  }
  bool send(cursor_slot slot) {
    auto& reader = cursors[slot];
    const auto given = log.next(slot);
    const bool allowed =
        !reader.halted && reader.sent < end_of_log() && reader.ends.size() < reader.credit;
    RC_ASSERT(given.has_value() == allowed);
    if (!given) return false;
    RC_ASSERT(given->events.first_offset() == reader.sent);
    RC_ASSERT(given->events.end_offset() ==
              *std::upper_bound(ends.begin(), ends.end(), reader.sent));
    for (const auto event : given->events) {
      RC_ASSERT(event.offset == reader.sent++);
      RC_ASSERT(event.as<event_tests::numbered>().number == event.offset);
    }
    if (reader.sent == end_of_log()) RC_ASSERT(given->settle_now);
    reader.ends.push_back(reader.sent);
    return true;
  }
  void settle() {
    if (cursors.empty()) return;
    const auto slot = any_slot();
    settle(slot, *rc::gen::inRange(cursors[slot].start, cursors[slot].sent + 1));
  }
  void settle(cursor_slot slot, std::uint64_t up_to) {
    auto& reader = cursors[slot];
    // What is no news is ignored, whatever it counts.
    log.settle(slot, up_to, {.delivered = up_to > reader.settled ? up_to - reader.settled : 99});
    reader.settled = std::max(reader.settled, up_to);
    std::erase_if(reader.ends, [&](auto end) { return end <= reader.settled; });
  }
  void rewind() {
    if (cursors.empty()) return;
    const auto slot = any_slot();
    auto& reader = cursors[slot];
    const auto received = *rc::gen::inRange(reader.settled, reader.sent + 1);
    log.rewind(slot, received);
    reader.sent = received;
    std::erase_if(reader.ends, [&](auto end) { return end > received; });
  }
  void halt() {
    if (cursors.empty()) return;
    const auto slot = any_slot();
    log.halt(slot);
    cursors[slot].halted = true;
  }

  void check() const {
    RC_ASSERT(log.next_offset() == end_of_log());
    auto lowest = end_of_log();
    std::size_t going = 0, caught_up = 0;
    for (const auto& [slot, reader] : cursors) {
      const auto& real = log.cursors()[slot];
      RC_ASSERT(real.active && real.settled == reader.settled && real.sent == reader.sent);
      RC_ASSERT(real.counts == settled_counts{.delivered = reader.settled - reader.start});
      lowest = std::min(lowest, reader.settled);
      going += !reader.halted;
      caught_up += !reader.halted && reader.settled == end_of_log();
    }
    RC_ASSERT(log.hungry() == (going == 0 || caught_up > 0));
    RC_ASSERT(log.awaits_settlement() == (caught_up < going));
    RC_ASSERT(log.settled_everywhere() == lowest);
    RC_ASSERT(log.settled() == (lowest == end_of_log()));
    std::uint64_t kept = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (wanted[i] && ends[i] > lowest) kept += ends[i] - (i == 0 ? 0 : ends[i - 1]);
    }
    RC_ASSERT(log.kept_events() == kept);
    RC_ASSERT(log.kept_bytes() == kept * event_tests::counted_bytes<event_tests::numbered>());
    RC_ASSERT(log.has_room() ==
              (kept < limits.ring_events && log.kept_bytes() < limits.ring_bytes));
  }
  // Subscribers that go on get every event, and nothing stays behind.
  void finish() {
    // What a halted one had is kept until it is gone.
    for (auto next = cursors.begin(); next != cursors.end();) {
      const auto [slot, reader] = *next++;
      if (!reader.halted) continue;
      log.unsubscribe(slot);
      cursors.erase(slot);
    }
    for (const auto& [slot, reader] : cursors) {
      while (send(slot) || reader.settled < reader.sent) settle(slot, reader.sent);
      RC_ASSERT(reader.settled == end_of_log());
    }
    check();
    RC_ASSERT(log.settled() && log.kept_events() == 0 && log.has_room());
  }

  cursor_slot any_slot() const {
    return std::next(cursors.begin(), *rc::gen::inRange<std::ptrdiff_t>(
                                          0, static_cast<std::ptrdiff_t>(cursors.size())))
        ->first;
  }
  std::uint64_t end_of_log() const { return ends.empty() ? 0 : ends.back(); }

  partition_limits limits;
  partition log;
  std::vector<std::uint64_t> ends;  // of all batches
  std::vector<bool> wanted;         // somebody was subscribed when the batch came
  std::map<cursor_slot, naive_cursor> cursors;
  std::uint32_t next_id = 0;
};

partition_limits any_limits() {
  return {.ring_events = *rc::gen::inRange<std::uint64_t>(1, 30),
          .ring_bytes = *rc::gen::inRange<std::size_t>(1, 6000)};
}

// A subscriber that settles only when it is asked to, as consumers do.
struct obedient_subscriber {
  partition& log;
  cursor_slot slot;
  std::uint64_t handled = 0, settled = 0;
  std::vector<weir::topic::outgoing> mailbox;

  bool receive() {
    auto given = log.next(slot);
    if (given) mailbox.push_back(std::move(*given));
    return !mailbox.empty() && given.has_value();
  }
  bool handle() {
    if (mailbox.empty()) return false;
    const auto done = mailbox.front();
    mailbox.erase(mailbox.begin());
    RC_ASSERT(done.events.first_offset() == handled);
    handled = done.events.end_offset();
    if (!done.settle_now) return true;
    log.settle(slot, handled, {.delivered = handled - settled});
    settled = handled;
    return true;
  }
  // Replaced: what it had not looked at is gone from its mailbox.
  void restart() {
    mailbox.clear();
    log.rewind(slot, handled);
  }
};

}  // namespace

TEST_CASE("a partition agrees with a naive log whatever is done to it", "[topic][property]") {
  rc::prop("append, subscribe, next, settle, rewind, halt, unsubscribe", [] {
    partition_model model{any_limits()};
    for (int step = *rc::gen::inRange(0, 150); step > 0; --step) {
      const auto choice = *rc::gen::inRange(0, 22);
      if (choice < 6)
        model.append();
      else if (choice < 12)
        model.next();
      else if (choice < 16)
        model.settle();
      else if (choice < 17)
        model.rewind();
      else if (choice < 19)
        model.subscribe();
      else if (choice < 21)
        model.halt();
      else
        model.unsubscribe();
      model.check();
    }
    model.finish();
  });
}

TEST_CASE("a subscriber that settles only when asked never waits for ever", "[topic][property]") {
  rc::prop("any credit, any pace, any restarts", [] {
    partition log{any_limits()};
    obedient_subscriber reader{
        log, log.subscribe(1, *rc::gen::inRange<std::uint32_t>(1, 9)), 0, 0, {}};
    for (int step = *rc::gen::inRange(0, 200); step > 0; --step) {
      const auto choice = *rc::gen::inRange(0, 10);
      if (choice < 4) {
        if (log.has_room()) {
          log.append(event_tests::batch_from(log.next_offset(), *rc::gen::inRange(1U, 4U)));
        }
      } else if (choice < 7) {
        reader.receive();
      } else if (choice < 9) {
        reader.handle();
      } else {
        reader.restart();
      }
    }
    while (reader.receive() || reader.handle()) {
    }
    RC_ASSERT(reader.handled == log.next_offset());
    RC_ASSERT(log.settled());
  });
}
