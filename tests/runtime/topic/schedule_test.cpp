// SPDX-License-Identifier: BSD-3-Clause
// The schedule by example: order, the past, cancelling, limits, jumps of the clock.
#include "weir/runtime/topic/schedule.hpp"

#include <catch2/catch.hpp>

#include "waiting_event.hpp"

using namespace std::chrono_literals;
using namespace topic_tests;
using weir::errc;
using weir::timestamp;
using weir::topic::schedule;
using weir::topic::schedule_ticket;

namespace {

constexpr auto noon = timestamp{std::chrono::hours{1'000'000}};

schedule_ticket add(schedule& to, std::uint64_t number, timestamp at, timestamp now) {
  auto event = waiting(number);
  auto ticket = to.add(event, at, now);
  REQUIRE(ticket);
  CHECK(event == nullptr);
  return *ticket;
}

std::vector<std::uint64_t> due_of(schedule& from, timestamp now) {
  std::vector<std::uint64_t> numbers;
  while (const auto event = from.take(now)) {
    numbers.push_back(number_of(event));
    from.release(1, event->bytes());
  }
  return numbers;
}

using numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("events come by time, those of one time in the order of scheduling", "[topic]") {
  schedule events{{}};
  add(events, 1, noon + 3h, noon);
  add(events, 2, noon + 1h, noon);
  add(events, 3, noon + 3h, noon);
  add(events, 4, noon + 1h + 1ns, noon);
  CHECK(due_of(events, noon + 1h - 1ns).empty());
  // The base has moved: what is added now is filed lower than its equals were.
  add(events, 5, noon + 3h, noon + 1h - 1ns);
  CHECK(due_of(events, noon + 1h) == numbers{2});
  CHECK(due_of(events, noon + 3h) == numbers{4, 1, 3, 5});
  CHECK(events.waiting() == 0);
  CHECK_FALSE(events.next_due());
}

TEST_CASE("a time in the past is now, behind what is due already", "[topic]") {
  schedule events{{}};
  add(events, 1, noon, noon);
  add(events, 2, timestamp::min(), noon);
  add(events, 3, noon - 1h, noon);
  CHECK(due_of(events, noon) == numbers{1, 2, 3});
}

TEST_CASE("times before 1970 and at the end of time are times", "[topic]") {
  schedule events{{}};
  add(events, 1, timestamp::max(), at_ns(-5));
  add(events, 2, at_ns(5), at_ns(-5));
  add(events, 3, at_ns(-1), at_ns(-5));
  CHECK(events.next_due() <= at_ns(-1));
  CHECK(due_of(events, at_ns(-1)) == numbers{3});
  CHECK(due_of(events, at_ns(5)) == numbers{2});
  CHECK(events.next_due() == timestamp::max());
  CHECK(due_of(events, timestamp::max()) == numbers{1});
}

TEST_CASE("what is cancelled does not come, and is cancelled once", "[topic]") {
  schedule events{{}};
  const auto first = add(events, 1, noon + 1h, noon);
  const auto second = add(events, 2, noon + 1h, noon);
  const auto third = add(events, 3, noon + 1h, noon);
  CHECK(number_of(events.cancel(second)) == 2);
  CHECK(events.cancel(second) == nullptr);
  CHECK(events.waiting() == 2);
  CHECK(events.cancel({}) == nullptr);
  CHECK(events.cancel({1, 1'000'000}) == nullptr);
  CHECK(due_of(events, noon + 1h) == numbers{1, 3});
  CHECK(events.cancel(first) == nullptr);
  // Its place is used again: the old ticket means nobody else's event.
  add(events, 4, noon + 2h, noon + 1h);
  CHECK(events.cancel(first) == nullptr);
  CHECK(events.cancel(third) == nullptr);
  CHECK(due_of(events, noon + 2h) == numbers{4});
}

TEST_CASE("a full schedule is errc::schedule_full, and the event stays", "[topic]") {
  schedule events{{2, 1000}};
  const auto first = add(events, 1, noon + 1h, noon);
  auto large = waiting(2, 901);
  CHECK(events.add(large, noon, noon).error().code == errc::schedule_full);
  CHECK(number_of(large) == 2);
  add(events, 3, noon + 1h, noon);
  auto third = waiting(4);
  const auto refused = events.add(third, noon, noon);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::schedule_full);
  CHECK(refused.error().message ==
        "2 events of 200 bytes are scheduled; the limits are 2 and 1000");
  CHECK(number_of(events.cancel(first)) == 1);
  CHECK(events.add(third, noon, noon));
  // What is taken counts until it is published.
  const auto taken = events.take(noon);
  CHECK(number_of(taken) == 4);
  CHECK(events.held() == 2);
  CHECK(events.waiting() == 1);
  auto fifth = waiting(5);
  CHECK_FALSE(events.add(fifth, noon, noon));
  events.release(1, taken->bytes());
  CHECK(events.add(fifth, noon, noon));
}

TEST_CASE("a clock that goes back makes events wait, also those added since", "[topic]") {
  schedule events{{}};
  add(events, 1, noon + 2h, noon);
  add(events, 2, noon + 2h + 1ns, noon);
  add(events, 3, noon + 50h, noon);
  CHECK(due_of(events, noon + 2h - 1ns).empty());
  add(events, 4, noon - 30min, noon - 1h);
  add(events, 5, noon + 2h, noon - 1h);
  CHECK(due_of(events, noon - 31min).empty());
  CHECK(due_of(events, noon - 30min) == numbers{4});
  CHECK(due_of(events, noon + 2h + 1ns) == numbers{1, 5, 2});
  CHECK(due_of(events, noon + 1000h) == numbers{3});
}

TEST_CASE("a schedule that ends ends its events", "[topic]") {
  int ended = 0;
  {
    schedule events{{}};
    for (std::uint64_t i = 1; i <= 3000; ++i) {
      std::unique_ptr<weir::topic::scheduled_event> event =
          std::make_unique<waiting_event>(i, 100, &ended);
      REQUIRE(events.add(event, noon + std::chrono::minutes{i % 7}, noon));
    }
    CHECK(events.held_bytes() == 300'000);
    static_cast<void>(events.take(noon + 1h));
    CHECK(ended == 1);
  }
  CHECK(ended == 3000);
}
