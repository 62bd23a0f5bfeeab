// SPDX-License-Identifier: BSD-3-Clause
// Random histories of a partition against a naive model that keeps every batch for ever, remembers
// for each cursor which batches were dropped and how many batches in front are forgotten, and finds
// everything by searching.
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
  bool paused = false;

  bool going() const { return !halted && !paused; }
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
      std::size_t bytes = 0;
      for (std::size_t i = 0; i < newest; ++i) {
        if (ends[i] <= reader.ever_sent || reader.dropped.contains(i)) continue;
        waiting.push_back(i);
        events += ends[i] - std::max(begin_of(i), reader.start);
        bytes += bytes_of(ends[i] - begin_of(i));
      }
      if (events < limits.ring_events && bytes < limits.ring_bytes) return false;
      const bool oldest = reader.policy == overflow::drop_oldest;
      reader.dropped.insert(oldest ? waiting.front() : newest);
      if (oldest) continue;
      reader.paused = reader.paused && reader.policy != overflow::fail;
      return reader.policy == overflow::fail && !std::exchange(reader.halted, true);
    }
  }
  void subscribe() {
    if (cursors.size() > 4) return;
    const auto credit = *rc::gen::inRange<std::uint32_t>(1, 5);
    const auto policy = any_policy();
    const auto [from, start] = any_start();
    const auto made = log.subscribe(next_id, credit, policy, from);
    RC_ASSERT(made.has_value() == start.has_value());
    if (!made) {
      RC_ASSERT(made.error().code == weir::errc::not_found);
      return;
    }
    RC_ASSERT(!cursors.contains(*made));
    RC_ASSERT(log.cursors()[*made].id == next_id++);
    RC_ASSERT(log.cursors()[*made].slot == *made);
    cursors[*made] = {credit, *start, *start, *start, policy};
    cursors[*made].answered = cursors[*made].ever_sent = *start;
  }
  // Any position, and the offset it means; none if it is refused. Times are offsets here.
  std::pair<weir::start_position, std::optional<std::uint64_t>> any_start() const {
    const auto end = end_of_log();
    const auto earliest = begin_of(forgotten);
    const auto value = *rc::gen::inRange<std::uint64_t>(0, end + 3);
    switch (*rc::gen::inRange(0, 4)) {
      case 0: return {weir::from_latest(), end};
      case 1: return {weir::from_earliest(), earliest};
      case 2:
        return {weir::from_time(weir::timestamp{weir::duration{value}}),
                std::clamp(value, earliest, end)};
      default: break;
    }
    if (value < earliest || value > end) return {weir::from_offset(value), std::nullopt};
    return {weir::from_offset(value), value};
  }
  void unsubscribe() {
    if (cursors.empty()) return;
    const auto slot = any_slot();
    const auto last = log.unsubscribe(slot);
    RC_ASSERT(last.counts.total() == cursors[slot].delivered);
    cursors.erase(slot);
    left.push_back(slot);
  }
  // Messages about a subscription that left change nothing; check() sees if they did.
  void late() {
    if (left.empty()) return;
    const auto slot = *rc::gen::elementOf(left);
    RC_ASSERT(!log.holds(slot));
    const auto offset = *rc::gen::inRange<std::uint64_t>(0, end_of_log() + 1);
    log.settle(slot, offset, {.delivered = offset});
    log.settle_rest(slot, offset, {});
    log.rewind(slot, offset);
    log.pause(slot);
    log.resume(slot);
    log.halt(slot);
    RC_ASSERT(!log.next(slot));
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
        reader.going() && index < ends.size() && reader.ends.size() < reader.credit;
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
    cursors[slot].paused = false;
  }
  void pause_or_resume() {
    if (cursors.empty()) return;
    const auto slot = any_slot();
    const bool pause = *rc::gen::arbitrary<bool>();
    if (pause) {
      log.pause(slot);
    } else {
      log.resume(slot);
    }
    cursors[slot].paused = pause && !cursors[slot].halted;
  }

  void check() {
    RC_ASSERT(log.next_offset() == end_of_log());
    auto lowest = end_of_log(), lowest_blocking = end_of_log();
    std::size_t going = 0, caught_up = 0;
    for (const auto& [slot, reader] : cursors) {
      const auto& real = log.cursors()[slot];
      RC_ASSERT(log.holds(slot) && real.start == reader.start);
      RC_ASSERT(real.halted == reader.halted && real.paused == reader.paused);
      RC_ASSERT(real.active && real.settled == reader.settled && real.sent == reader.sent);
      RC_ASSERT(real.counts == settled_counts{.delivered = reader.delivered});
      std::uint64_t dropped = 0;
      for (const auto i : reader.dropped) {
        dropped += ends[i] - std::max(begin_of(i), reader.start);
      }
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
      going += reader.going();
      caught_up += reader.going() && reader.settled == end_of_log();
    }
    RC_ASSERT(log.hungry() == (going == 0 || caught_up > 0));
    RC_ASSERT(log.awaits_settlement() == (caught_up < going));
    RC_ASSERT(log.settled_everywhere() == lowest);
    RC_ASSERT(log.settled() == (lowest == end_of_log()));
    check_retained(lowest_blocking);
  }
  void check_retained(std::uint64_t lowest_blocking) {
    // The first batch that is kept for somebody; those between `forgotten` and it are history.
    std::size_t first = 0;
    while (first < ends.size() && ends[first] <= lowest_blocking) ++first;
    while (forgotten < first) {
      const auto all = end_of_log() - begin_of(forgotten);
      const bool fits = all <= limits.ring_events && bytes_of(all) <= limits.ring_bytes;
      if (fits && end_of_log() - ends[forgotten] < limits.retained_events) break;
      ++forgotten;
    }
    const auto kept = end_of_log() - begin_of(first);
    RC_ASSERT(log.kept_events() == kept);
    RC_ASSERT(log.kept_bytes() == bytes_of(kept));
    RC_ASSERT(log.has_room() == (kept < limits.ring_events && bytes_of(kept) < limits.ring_bytes));
    RC_ASSERT(log.earliest_offset() == begin_of(forgotten));
    RC_ASSERT(log.retained_events() == end_of_log() - begin_of(forgotten));
    RC_ASSERT(log.retained_bytes() == bytes_of(log.retained_events()));
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
    for (auto& [slot, reader] : cursors) {
      log.resume(slot);
      reader.paused = false;
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
  std::size_t forgotten = 0;        // batches that are not retained any more
  std::map<cursor_slot, naive_cursor> cursors;
  std::vector<cursor_slot> left;
  std::uint32_t next_id = 0;
};

partition_limits any_limits() {
  return {.ring_events = *rc::gen::inRange<std::uint64_t>(1, 30),
          .ring_bytes = *rc::gen::inRange<std::size_t>(1, 6000),
          .retained_events = *rc::gen::inRange<std::uint64_t>(0, 30)};
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
  rc::prop("append, subscribe anywhere, next, settle, rewind, pause, resume, halt, leave", [] {
    partition_model model{any_limits()};
    for (int step = *rc::gen::inRange(0, 150); step > 0; --step) {
      const auto choice = *rc::gen::inRange(0, 27);
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
      else if (choice < 20)
        model.halt();
      else if (choice < 23)
        model.pause_or_resume();
      else if (choice < 24)
        model.late();
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
