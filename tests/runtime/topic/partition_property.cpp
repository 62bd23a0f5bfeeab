// SPDX-License-Identifier: BSD-3-Clause
// Random histories of a partition against a naive model that keeps every batch for ever, remembers
// for each cursor which batches were dropped, and finds everything by searching.
#include <map>
#include <set>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/runtime/topic/partition.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using weir::overflow;
using weir::topic::cursor_slot;
using weir::topic::partition;
using weir::topic::partition_limits;
using weir::topic::settled_counts;

namespace {

struct naive_cursor {
  std::uint32_t credit;
  std::uint64_t start, settled, sent;
  overflow policy = overflow::block;
  std::vector<std::uint64_t> ends = {};  // of what was sent and is not settled
  std::set<std::size_t> dropped = {};    // batches, by number
  std::uint64_t ever_sent = 0;
  std::uint64_t answered = 0;  // the highest settlement that was news
  std::uint64_t delivered = 0;
  bool halted = false;
};

overflow any_policy() {
  return *rc::gen::element(overflow::block, overflow::drop_oldest, overflow::drop_newest,
                           overflow::fail);
}

struct partition_model {
  explicit partition_model(partition_limits chosen) : limits(chosen), log(chosen) {}

  void append() {
    if (!log.has_room()) return;
    const auto size = *rc::gen::inRange<std::uint32_t>(1, 5);
    log.append(event_tests::batch_from(end_of_log(), size));
    ends.push_back(end_of_log() + size);
    wanted.push_back(std::any_of(cursors.begin(), cursors.end(), [](const auto& one) {
      return one.second.policy == overflow::block;
    }));
    std::vector<cursor_slot> failed;
    for (auto& [slot, reader] : cursors) {
      if (overrun(reader)) failed.push_back(slot);
      reader.settled = position(reader);
    }
    auto told = log.take_failed();
    std::sort(told.begin(), told.end());
    RC_ASSERT(told == failed);
  }
  // What the newest batch does to a cursor; true if it halts.
  bool overrun(naive_cursor& reader) const {
    if (reader.policy == overflow::block) return false;
    const auto newest = ends.size() - 1;
    for (;;) {
      std::vector<std::size_t> waiting;
      std::uint64_t events = 0;
      for (std::size_t i = 0; i < newest; ++i) {
        if (begin_of(i) < std::max(reader.start, reader.ever_sent) || reader.dropped.contains(i)) {
          continue;
        }
        waiting.push_back(i);
        events += ends[i] - begin_of(i);
      }
      if (events < limits.ring_events && bytes_of(events) < limits.ring_bytes) return false;
      const bool oldest = reader.policy == overflow::drop_oldest;
      reader.dropped.insert(oldest ? waiting.front() : newest);
      if (oldest) continue;
      return reader.policy == overflow::fail && !std::exchange(reader.halted, true);
    }
  }
  void subscribe() {
    if (cursors.size() > 4) return;
    const auto credit = *rc::gen::inRange<std::uint32_t>(1, 5);
    const auto policy = any_policy();
    const auto slot = log.subscribe(next_id, credit, policy);
    RC_ASSERT(!cursors.contains(slot));
    RC_ASSERT(log.cursors()[slot].id == next_id++);
    cursors[slot] = {credit, end_of_log(), end_of_log(), end_of_log(), policy};
    cursors[slot].answered = end_of_log();
  }
  void unsubscribe() {
    if (cursors.empty()) return;
    const auto slot = any_slot();
    const auto last = log.unsubscribe(slot);
    RC_ASSERT(last.counts.total() == cursors[slot].delivered);
    cursors.erase(slot);
  }
  void next() {
    if (cursors.empty()) return;
    send(any_slot());
  }
  bool send(cursor_slot slot) {
    auto& reader = cursors[slot];
    const auto given = log.next(slot);
    const auto index = kept_after(reader, reader.sent);
    const bool allowed =
        !reader.halted && index < ends.size() && reader.ends.size() < reader.credit;
    RC_ASSERT(given.has_value() == allowed);
    if (!given) return false;
    RC_ASSERT(given->follows == reader.sent);
    RC_ASSERT(given->events.first_offset() == std::max(reader.sent, begin_of(index)));
    RC_ASSERT(given->events.end_offset() == ends[index]);
    for (const auto event : given->events) {
      RC_ASSERT(event.as<event_tests::numbered>().number == event.offset);
    }
    reader.sent = ends[index];
    reader.ever_sent = std::max(reader.ever_sent, reader.sent);
    if (kept_after(reader, reader.sent) == ends.size()) RC_ASSERT(given->settle_now);
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
    const bool news = up_to > reader.settled;
    const auto events = news ? kept_in(reader, reader.settled, up_to) : 99;
    if (*rc::gen::arbitrary<bool>()) {
      log.settle(slot, up_to, {.delivered = events});
    } else {
      log.settle_rest(slot, up_to, {});
    }
    if (!news) return;
    reader.delivered += events;
    reader.answered = reader.settled = up_to;
    reader.settled = position(reader);
    std::erase_if(reader.ends, [&](auto end) { return end <= reader.settled; });
  }
  void rewind() {
    if (cursors.empty()) return;
    const auto slot = any_slot();
    auto& reader = cursors[slot];
    const auto received = *rc::gen::inRange(reader.answered, reader.sent + 1);
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
    auto lowest = end_of_log(), lowest_blocking = end_of_log();
    std::size_t going = 0, caught_up = 0;
    for (const auto& [slot, reader] : cursors) {
      const auto& real = log.cursors()[slot];
      RC_ASSERT(real.active && real.settled == reader.settled && real.sent == reader.sent);
      RC_ASSERT(real.counts == settled_counts{.delivered = reader.delivered});
      std::uint64_t dropped = 0;
      for (const auto i : reader.dropped) dropped += ends[i] - begin_of(i);
      RC_ASSERT(real.dropped == dropped);
      const auto in_flight = kept_in(reader, reader.settled, end_of_log());
      RC_ASSERT(real.in_flight(log.next_offset()) == in_flight);
      RC_ASSERT(log.next_offset() - real.start == reader.delivered + dropped + in_flight);
      const auto unsettled = log.unsettled_of(slot);
      RC_ASSERT(unsettled.sent == kept_in(reader, reader.settled, reader.sent));
      RC_ASSERT(unsettled.oldest.has_value() == (in_flight > 0));
      // These events carry their offset as their time.
      if (unsettled.oldest) {
        RC_ASSERT(unsettled.oldest == weir::timestamp{weir::duration{reader.settled}});
      }
      if (reader.policy == overflow::block) {
        lowest_blocking = std::min(lowest_blocking, reader.settled);
      }
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
      if (wanted[i] && ends[i] > lowest_blocking) kept += ends[i] - begin_of(i);
    }
    RC_ASSERT(log.kept_events() == kept);
    RC_ASSERT(log.kept_bytes() == bytes_of(kept));
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
  std::uint64_t begin_of(std::size_t index) const { return index == 0 ? 0 : ends[index - 1]; }
  static std::size_t bytes_of(std::uint64_t events) {
    return events * event_tests::counted_bytes<event_tests::numbered>();
  }
  // The first batch kept for a cursor that ends behind `offset`.
  std::size_t kept_after(const naive_cursor& reader, std::uint64_t offset) const {
    std::size_t index = 0;
    while (index < ends.size() && (ends[index] <= offset || reader.dropped.contains(index))) {
      ++index;
    }
    return index;
  }
  // Nothing in front of it needs settling.
  std::uint64_t position(const naive_cursor& reader) const {
    const auto index = kept_after(reader, reader.settled);
    return index == ends.size() ? end_of_log() : std::max(reader.settled, begin_of(index));
  }
  std::uint64_t kept_in(const naive_cursor& reader, std::uint64_t from, std::uint64_t to) const {
    std::uint64_t events = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const auto first = std::max(from, begin_of(i));
      const auto end = std::min(to, ends[i]);
      if (!reader.dropped.contains(i) && first < end) events += end - first;
    }
    return events;
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
  std::uint64_t handled = 0, delivered = 0;
  std::uint64_t unanswered = 0;
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
    RC_ASSERT(done.follows == handled);
    handled = done.events.end_offset();
    unanswered += done.events.size();
    if (!done.settle_now) return true;
    log.settle(slot, handled, {.delivered = unanswered});
    delivered += std::exchange(unanswered, 0);
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
  rc::prop("any credit, any pace, any restarts, any overflow", [] {
    partition log{any_limits()};
    const auto credit = *rc::gen::inRange<std::uint32_t>(1, 9);
    obedient_subscriber reader{log, log.subscribe(1, credit, any_policy()), 0, 0, 0, {}};
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
    const auto& end = log.cursors()[reader.slot];
    // One that failed keeps what it was not sent.
    RC_ASSERT(log.settled() || end.halted);
    RC_ASSERT(reader.unanswered == 0 || end.halted);
    const auto total = reader.delivered + end.dropped + end.in_flight(log.next_offset());
    RC_ASSERT(total == log.next_offset());
  });
}
