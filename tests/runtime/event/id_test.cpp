// SPDX-License-Identifier: BSD-3-Clause
// Ids: their order against time, against clocks that go back, and past the ends of the sequence.
#include "weir/runtime/event/id.hpp"

#include <bit>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::event_id;
using weir::event_id_source;
using weir::timestamp;

namespace {

const timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h};

event_id_source source_of(std::uint64_t seed) {
  weir::random chance{seed};
  return event_id_source{chance};
}

// A source as it is after `sequence` ids in one millisecond, which no test can wait for.
event_id_source source_after(std::uint64_t milliseconds, std::uint32_t sequence) {
  struct {
    std::uint64_t source = 7;
    std::uint64_t milliseconds;
    std::uint64_t next_millisecond;
    std::uint32_t sequence;
    std::uint32_t padding = 0;
  } state{.milliseconds = milliseconds,
          .next_millisecond = (milliseconds + 1) * 1'000'000,
          .sequence = sequence};
  static_assert(sizeof state == sizeof(event_id_source));
  return std::bit_cast<event_id_source>(state);
}

std::uint64_t milliseconds_of(timestamp time) {
  return static_cast<std::uint64_t>(time.time_since_epoch() / 1ms);
}

}  // namespace

TEST_CASE("an id is none only if it is zero", "[event]") {
  CHECK_FALSE(event_id{});
  CHECK(event_id{0, 1});
  CHECK(event_id{1, 0});
  CHECK(source_of(1).next(timestamp{}));
}

TEST_CASE("an id tells the millisecond it was made in", "[event]") {
  auto ids = source_of(1);
  CHECK(ids.next(noon + 1234567ns).time() == noon + 1ms);
  CHECK(ids.next(noon + 2s).time() == noon + 2s);
}

TEST_CASE("an id has UUID version 7 and its variant", "[event]") {
  auto ids = source_of(42);
  for (int i = 0; i < 100; ++i) {
    const auto id = ids.next(noon + i * 300us);
    CHECK(((id.high >> 12U) & 0xfU) == 7);
    CHECK((id.low >> 62U) == 2);
  }
}

TEST_CASE("an id is written as UUIDs are, with every leading zero", "[event]") {
  CHECK(to_string(event_id{}) == "00000000-0000-0000-0000-000000000000");
  CHECK(to_string(event_id{0x018c5f2e7b007000, 0x80000123456789ab}) ==
        "018c5f2e-7b00-7000-8000-0123456789ab");
  CHECK(to_string(event_id{~0ULL, ~0ULL}) == "ffffffff-ffff-ffff-ffff-ffffffffffff");
  CHECK(to_string(event_id{0x0000000a000b000c, 0x000d00000000000e}) ==
        "0000000a-000b-000c-000d-00000000000e");
}

TEST_CASE("the ids of a source strictly increase whatever its clock does", "[event][property]") {
  rc::prop("strictly increasing, and never older than the latest clock", [] {
    auto ids = source_of(*rc::gen::arbitrary<std::uint64_t>());
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-3000, 3000));
    auto now = noon;
    auto latest = now;
    auto before = ids.next(now);
    for (const int step : steps) {
      now += step * 1us;
      latest = std::max(latest, now);
      const auto id = ids.next(now);
      RC_ASSERT(before < id);
      RC_ASSERT(id.time() == std::chrono::floor<std::chrono::milliseconds>(latest));
      before = id;
    }
  });
}

TEST_CASE("ids of different sources sort by their millisecond", "[event]") {
  auto early = source_of(1);
  auto late = source_of(2);
  event_id last_early;
  for (int i = 0; i < 1000; ++i) last_early = early.next(noon);
  CHECK(last_early < late.next(noon + 1ms));
}

TEST_CASE("two million ids in one millisecond still increase", "[event]") {
  // More than 2^20: the sequence carries from the low half into the high half.
  auto ids = source_of(3);
  auto before = ids.next(noon);
  bool increasing = true;
  for (int i = 0; i < (1 << 21); ++i) {
    const auto id = ids.next(noon);
    increasing = increasing && before < id;
    before = id;
  }
  CHECK(increasing);
  CHECK(before.time() == noon);
}

TEST_CASE("a sequence at its end borrows the next millisecond", "[event]") {
  const auto first = milliseconds_of(noon);
  auto ids = source_after(first, 0xffff'fffe);
  const auto last_of_it = ids.next(noon);
  CHECK(last_of_it.time() == noon);
  CHECK((last_of_it.high & 0xfffU) == 0xfff);
  const auto borrowed = ids.next(noon);
  CHECK(last_of_it < borrowed);
  CHECK(borrowed.time() == noon + 1ms);
  const auto caught_up = ids.next(noon + 1ms);
  CHECK(borrowed < caught_up);
  CHECK(caught_up.time() == noon + 1ms);
}

TEST_CASE("sources of different seeds never make the same id", "[event]") {
  auto one = source_of(1);
  auto two = source_of(2);
  for (int i = 0; i < 100; ++i) CHECK(one.next(noon) != two.next(noon));
}

TEST_CASE("the same seed and the same times give the same ids", "[event]") {
  auto one = source_of(9);
  auto two = source_of(9);
  for (int i = 0; i < 100; ++i) CHECK(one.next(noon + i * 1us) == two.next(noon + i * 1us));
}
