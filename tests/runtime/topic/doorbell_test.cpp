// SPDX-License-Identifier: BSD-3-Clause
// The doorbell alone: what it answers, and that two threads who use it at the same moment never
// both believe that the other will act. With rings it is tried in ring_threads.cpp.
#include "weir/runtime/topic/doorbell.hpp"

#include <atomic>
#include <cstdint>

#include <catch2/catch.hpp>

#include "weir/tests/runtime/topic/rounds.hpp"

using weir::topic::doorbell;

TEST_CASE("a doorbell wakes once between two looks", "[topic]") {
  doorbell bell;
  CHECK(bell.ring());
  CHECK_FALSE(bell.ring());
  CHECK_FALSE(bell.ring());
  bell.answer();
  CHECK(bell.ring());
}

TEST_CASE("answering a bell that nobody rang does nothing", "[topic]") {
  doorbell bell;
  bell.answer();
  CHECK(bell.ring());
}

TEST_CASE("a commit is seen by whoever lowers the bell, or finds the bell lowered",
          "[topic][threads]") {
  doorbell bell;
  bell.ring();
  std::atomic<std::uint64_t> committed{0};
  std::uint64_t missed = 0;
  bool rang = false;
  std::uint64_t seen = 0;
  topic_tests::rounds(
      200'000,
      [&](std::uint64_t round) {
        committed.store(round, std::memory_order_release);
        rang = bell.ring();
      },
      [&](std::uint64_t) {
        bell.answer();
        seen = committed.load(std::memory_order_acquire);
      },
      [&](std::uint64_t round) {
        missed += !rang && seen != round;
        bell.ring();
      });
  CHECK(missed == 0);
}
