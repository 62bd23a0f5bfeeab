// SPDX-License-Identifier: BSD-3-Clause
// The entrance alone: who is inside, who is refused, and that closing and entering at the same
// moment never miss each other.
#include "weir/runtime/topic/entrance.hpp"

#include <atomic>
#include <cstdint>
#include <optional>

#include <catch2/catch.hpp>

#include "weir/tests/runtime/topic/rounds.hpp"

using weir::topic::entrance;

TEST_CASE("a visit is inside while it lives", "[topic]") {
  entrance door;
  CHECK(door.empty());
  {
    const auto visit = door.enter();
    CHECK(visit);
    CHECK_FALSE(door.empty());
  }
  CHECK(door.empty());
}

TEST_CASE("who comes after the closing is refused and leaves nothing behind", "[topic]") {
  entrance door;
  door.close();
  CHECK_FALSE(door.enter());
  CHECK(door.empty());
}

TEST_CASE("who was not refused was seen inside, or has left what it did to be seen",
          "[topic][threads]") {
  std::atomic<std::uint64_t> published{0};
  std::optional<entrance> door{std::in_place};
  bool refused = false;
  bool seen_inside = false;
  std::uint64_t seen = 0;
  std::uint64_t missed = 0;
  topic_tests::rounds(
      200'000,
      [&](std::uint64_t round) {
        const auto visit = door->enter();
        refused = !visit;
        if (visit) published.store(round, std::memory_order_relaxed);
      },
      [&](std::uint64_t) {
        door->close();
        seen_inside = !door->empty();
        seen = published.load(std::memory_order_relaxed);
      },
      [&](std::uint64_t round) {
        missed += !refused && !seen_inside && seen != round;
        door.emplace();
      });
  CHECK(missed == 0);
}
