// SPDX-License-Identifier: BSD-3-Clause
// Random histories of a schedule against an ordered map: events of near and far times, equal times,
// cancelling, and a clock that jumps both ways.
#include <map>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "waiting_event.hpp"

using namespace topic_tests;
using weir::duration;
using weir::timestamp;
using weir::topic::schedule;
using weir::topic::schedule_ticket;

namespace {

struct schedule_model {
  static constexpr std::uint64_t events_max = 200;

  /// Spans from a nanosecond to years, small ones often enough to meet.
  static duration span() {
    const auto bits = *rc::gen::inRange(0, 62);
    return duration{*rc::gen::inRange<std::int64_t>(0, (std::int64_t{1} << bits) + 1)};
  }
  /// A sum that stays in the range of times.
  static timestamp moved(timestamp from, duration by) {
    if (by > duration::zero() && from > timestamp::max() - by) return timestamp::max();
    if (by < duration::zero() && from < timestamp::min() - by) return timestamp::min();
    return from + by;
  }
  void add() {
    auto at = now;
    switch (*rc::gen::inRange(0, 5)) {
      case 0: at = moved(at, -span()); break;
      case 1:
        if (!waits.empty()) at = (*rc::gen::elementOf(waits)).first.first;
        break;
      case 2: at = timestamp::max(); break;
      default: at = moved(at, span());
    }
    const auto number = tickets.size() + 1;
    auto event = waiting(number);
    const auto ticket = tested.add(event, at, now);
    if (waits.size() == events_max) {
      RC_ASSERT(!ticket);
      RC_ASSERT(number_of(event) == number);
      return;
    }
    RC_ASSERT(ticket.has_value());
    tickets.push_back(*ticket);
    waits[{std::max(at, now), number}] = number;
  }
  void cancel() {
    if (tickets.empty()) return;
    const auto chosen = *rc::gen::inRange<std::size_t>(0, tickets.size());
    const auto known = std::find_if(waits.begin(), waits.end(), [&](const auto& entry) {
      return entry.second == chosen + 1;
    });
    const auto event = tested.cancel(tickets[chosen]);
    RC_ASSERT(number_of(event) == (known == waits.end() ? 0 : chosen + 1));
    if (known != waits.end()) waits.erase(known);
  }
  void move_clock() {
    const bool back = *rc::gen::inRange(0, 4) == 0;
    now = moved(now, back ? -span() : span());
  }
  void take(timestamp until) {
    for (;;) {
      const auto event = tested.take(until);
      const bool due = !waits.empty() && waits.begin()->first.first <= until;
      RC_ASSERT(number_of(event) == (due ? waits.begin()->second : 0));
      if (!due) return;
      tested.release(1, event->bytes());
      waits.erase(waits.begin());
    }
  }
  /// As a timer would: goes to next_due() until the first event has come.
  void follow() {
    for (auto left = waits.size(), steps = std::size_t{0}; left > 0 && waits.size() == left;) {
      const auto next = tested.next_due();
      RC_ASSERT(next.has_value());
      RC_ASSERT(*next <= waits.begin()->first.first);
      now = std::max(now, *next);
      take(now);
      RC_ASSERT(++steps <= 11U);
    }
  }
  void look() const {
    RC_ASSERT(tested.waiting() == waits.size());
    RC_ASSERT(tested.held() == waits.size());
    RC_ASSERT(tested.held_bytes() == 100 * waits.size());
    RC_ASSERT(tested.next_due().has_value() == !waits.empty());
    if (!waits.empty()) RC_ASSERT(*tested.next_due() <= waits.begin()->first.first);
  }

  schedule tested{{events_max, 1'000'000}};
  timestamp now = at_ns(1'000'000'000'000'000'000);
  std::map<std::pair<timestamp, std::uint64_t>, std::uint64_t> waits;
  std::vector<schedule_ticket> tickets;
};

}  // namespace

TEST_CASE("a schedule gives what an ordered map gives, whatever the clock does",
          "[topic][property]") {
  rc::prop("schedule against its model", [] {
    schedule_model model;
    const auto steps = *rc::gen::inRange(1, 400);
    for (int i = 0; i < steps; ++i) {
      switch (*rc::gen::inRange(0, 10)) {
        case 0: model.move_clock(); break;
        case 1: model.take(model.now); break;
        case 2: model.cancel(); break;
        case 3: model.follow(); break;
        default: model.add();
      }
      model.look();
    }
    model.take(timestamp::max());
    model.look();
  });
}
