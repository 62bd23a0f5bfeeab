// SPDX-License-Identifier: BSD-3-Clause
// What a lossy subscription keeps for itself, by example. Random histories are in
// partition_property.cpp.
#include "weir/runtime/topic/backlog.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/runtime/event/death.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using event_tests::batch_from;
using event_tests::last_words_of;
using weir::topic::backlog;

namespace {

/// Batches of two events from offset 0 on.
backlog of_pairs(std::uint32_t pairs, weir::topic::partition_limits limits = {}) {
  backlog kept{limits};
  for (std::uint32_t i = 0; i < pairs; ++i) kept.keep(batch_from(i * 2, 2, i * 2));
  return kept;
}

}  // namespace

TEST_CASE("a backlog is full by what waits, not by what was sent", "[topic]") {
  auto kept = of_pairs(2, {.ring_events = 4, .ring_bytes = 1'000'000});
  CHECK(kept.full());
  REQUIRE(kept.next(0));
  CHECK_FALSE(kept.full());
  kept.keep(batch_from(4, 2, 4));
  CHECK(kept.full());
}

TEST_CASE("a backlog is full by bytes too", "[topic]") {
  const auto one = event_tests::counted_bytes<event_tests::numbered>();
  const weir::topic::partition_limits limits{.ring_events = 100, .ring_bytes = 3 * one};
  CHECK_FALSE(of_pairs(1, limits).full());
  CHECK(of_pairs(2, limits).full());
}

TEST_CASE("a backlog drops what waits, the oldest first, and never what was sent", "[topic]") {
  auto kept = of_pairs(3);
  REQUIRE(kept.next(0)->first_offset() == 0);
  CHECK(kept.drop_oldest() == 2);
  CHECK(kept.next(2)->first_offset() == 4);
  CHECK_FALSE(kept.has_next());
  CHECK_THAT(last_words_of([&] { kept.drop_oldest(); }), Catch::Contains("only what waits"));
}

TEST_CASE("a rewound backlog gives again what was sent, from where it was received", "[topic]") {
  auto kept = of_pairs(3);
  REQUIRE(kept.next(0));
  REQUIRE(kept.next(2));
  kept.rewind(1);
  CHECK(kept.has_next());
  const auto rest = kept.next(1);
  REQUIRE(rest);
  CHECK(rest->first_offset() == 1);
  CHECK(rest->size() == 1);
  CHECK(kept.next(2)->first_offset() == 2);
  CHECK(kept.next(4)->first_offset() == 4);
  CHECK_FALSE(kept.next(6));
}

TEST_CASE("a backlog counts and forgets what is settled, across what was dropped", "[topic]") {
  auto kept = of_pairs(4);
  REQUIRE(kept.next(0));
  kept.drop_oldest();
  REQUIRE(kept.next(2));  // [4, 6)
  CHECK(kept.count(0, 1) == 1);
  CHECK(kept.count(1, 5) == 2);
  CHECK(kept.count(0, 6) == 4);
  kept.settle(1);
  CHECK(kept.position(1, 8) == 1);
  kept.settle(2);
  CHECK(kept.position(2, 8) == 4);
  kept.settle(6);
  CHECK(kept.position(6, 8) == 6);
  REQUIRE(kept.next(6));
  kept.settle(8);
  CHECK(kept.position(8, 9) == 9);
}
