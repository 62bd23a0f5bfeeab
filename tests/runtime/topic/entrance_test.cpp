// SPDX-License-Identifier: BSD-3-Clause
// The entrance alone: who is inside, who is refused, and that closing and entering at the same
// moment never miss each other.
#include "weir/runtime/topic/entrance.hpp"

#include <atomic>
#include <cstdint>

#include <catch2/catch.hpp>

#include "weir/tests/runtime/topic/rounds.hpp"

using weir::topic::entrance;

TEST_CASE("a visit is inside while it lives", "[topic]") {
  std::atomic<bool> closed{false};
  entrance door;
  CHECK(door.empty());
  {
    const auto visit = door.enter(closed);
    CHECK(visit);
    CHECK_FALSE(door.empty());
  }
  CHECK(door.empty());
}

TEST_CASE("who comes after the closing is refused and leaves nothing behind", "[topic]") {
  std::atomic<bool> closed{false};
  entrance door;
  entrance::close(closed);
  CHECK_FALSE(door.enter(closed));
  CHECK(door.empty());
}

TEST_CASE("who was not refused was seen inside, or has left what it did to be seen",
          "[topic][threads]") {
  std::atomic<bool> closed{false};
  std::atomic<std::uint64_t> published{0};
  entrance door;
  bool refused = false;
  bool seen_inside = false;
  std::uint64_t seen = 0;
  std::uint64_t missed = 0;
  topic_tests::rounds(
      200'000,
      [&](std::uint64_t round) {
        const auto visit = door.enter(closed);
        refused = !visit;
        if (visit) published.store(round, std::memory_order_relaxed);
      },
      [&](std::uint64_t) {
        entrance::close(closed);
        seen_inside = !door.empty();
        seen = published.load(std::memory_order_relaxed);
      },
      [&](std::uint64_t round) {
        missed += !refused && !seen_inside && seen != round;
        closed.store(false);
      });
  CHECK(missed == 0);
}
