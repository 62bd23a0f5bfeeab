// SPDX-License-Identifier: BSD-3-Clause
// What a partition retains beyond need, by example. Random histories are in partition_property.cpp.
#include "weir/runtime/topic/history.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/runtime/event/death.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using event_tests::batch_from;
using event_tests::last_words_of;
using weir::topic::history;
using weir::topic::partition_limits;

namespace {

partition_limits limits_of(std::uint64_t retained, std::uint64_t ring = 100) {
  return {.ring_events = ring, .ring_bytes = 1'000'000, .retained_events = retained};
}

/// Batches of two events from offset 0 on.
history of_pairs(std::uint32_t pairs, partition_limits limits) {
  history retained{limits};
  for (std::uint32_t i = 0; i < pairs; ++i) retained.add(batch_from(i * 2, 2, i * 2));
  return retained;
}

}  // namespace

TEST_CASE("a history forgets the oldest batches that its size does not need", "[topic]") {
  auto retained = of_pairs(5, limits_of(3));
  retained.trim(0, 0);
  CHECK(retained.events() == 4);  // without the older pair they would be fewer than three
  CHECK(retained.batches().front().first_offset() == 6);
  retained.trim(1, 0);  // what is kept counts too
  CHECK(retained.events() == 2);
  retained.trim(3, 0);
  CHECK(retained.events() == 0);
  CHECK(retained.bytes() == 0);
}

TEST_CASE("a history has only the events and bytes that the ring has to spare", "[topic]") {
  const auto one = event_tests::counted_bytes<event_tests::numbered>();
  auto retained = of_pairs(3, limits_of(6, 6));
  retained.trim(0, 0);
  CHECK(retained.events() == 6);
  retained.trim(1, 0);
  CHECK(retained.events() == 4);
  retained.trim(0, 1'000'000 - 3 * one);
  CHECK(retained.events() == 2);
  CHECK(retained.bytes() == 2 * one);
}

TEST_CASE("a history gives back the newest batch, and that only while it has one", "[topic]") {
  auto retained = of_pairs(2, limits_of(10));
  CHECK(retained.take_newest().first_offset() == 2);
  CHECK(retained.events() == 2);
  CHECK(retained.take_newest().first_offset() == 0);
  CHECK(retained.bytes() == 0);
  CHECK_THAT(last_words_of([&] { retained.take_newest(); }), Catch::Contains("no history"));
}

TEST_CASE("a gap in a history is our bug, and so is one that nobody wants", "[topic]") {
  auto retained = of_pairs(2, limits_of(10));
  CHECK_THAT(last_words_of([&] { retained.add(batch_from(5, 1, 5)); }),
             Catch::Contains("with a gap"));
  history unwanted{limits_of(0)};
  CHECK_FALSE(unwanted.wanted());
  CHECK_THAT(last_words_of([&] { unwanted.add(batch_from(0, 1)); }), Catch::Contains("history"));
}
