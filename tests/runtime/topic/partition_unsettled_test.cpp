// SPDX-License-Identifier: BSD-3-Clause
// What a cursor has not settled, by example. That it holds in every history is in
// partition_property.cpp.
#include <catch2/catch.hpp>

#include "weir/runtime/topic/partition.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using event_tests::batch_from;
using weir::overflow;
using weir::topic::partition;

namespace {

/// These events carry their offset as their time.
std::optional<weir::timestamp> at(std::int64_t offset) {
  return weir::timestamp{weir::duration{offset}};
}

void append(partition& log, std::uint32_t count) {
  log.append(batch_from(log.next_offset(), count));
}

}  // namespace

TEST_CASE("the oldest unsettled event is found inside of its batch", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 8);
  CHECK(log.unsettled_of(slot).oldest == std::nullopt);
  append(log, 3);
  append(log, 4);
  CHECK(log.unsettled_of(slot).oldest == at(0));
  CHECK(log.unsettled_of(slot).sent == 0);
  log.next(slot);
  CHECK(log.unsettled_of(slot).sent == 3);
  log.settle(slot, 2, {.delivered = 2});
  CHECK(log.unsettled_of(slot).oldest == at(2));
  CHECK(log.unsettled_of(slot).sent == 1);
  log.settle(slot, 3, {.delivered = 1});
  CHECK(log.unsettled_of(slot).oldest == at(3));
  log.next(slot);
  log.settle(slot, 7, {.delivered = 4});
  CHECK(log.unsettled_of(slot).oldest == std::nullopt);
  CHECK(log.unsettled_of(slot).sent == 0);
}

TEST_CASE("what others have not settled is no concern of a subscription", "[topic]") {
  partition log{{}};
  const auto slow = log.subscribe(1, 8);
  append(log, 3);
  const auto late = log.subscribe(2, 8);
  CHECK(log.unsettled_of(late).oldest == std::nullopt);
  append(log, 1);
  CHECK(log.unsettled_of(late).oldest == at(3));
  CHECK(log.unsettled_of(slow).oldest == at(0));
}

TEST_CASE("a halted subscription's oldest event goes on ageing", "[topic]") {
  partition log{{}};
  const auto slot = log.subscribe(1, 8);
  append(log, 3);
  log.next(slot);
  log.halt(slot);
  CHECK(log.unsettled_of(slot).oldest == at(0));
  CHECK(log.unsettled_of(slot).sent == 3);
}

TEST_CASE("what a lossy subscription has dropped is not its oldest", "[topic]") {
  partition log{{.ring_events = 4, .ring_bytes = 1'000'000}};
  const auto slot = log.subscribe(1, 1, overflow::drop_oldest);
  for (int i = 0; i < 5; ++i) append(log, 2);
  CHECK(log.unsettled_of(slot).oldest == at(6));
  CHECK(log.unsettled_of(slot).sent == 0);
  log.next(slot);
  CHECK(log.unsettled_of(slot).sent == 2);
  for (int i = 0; i < 5; ++i) append(log, 2);
  CHECK(log.unsettled_of(slot).oldest == at(6));
  log.settle(slot, 8, {.delivered = 2});
  CHECK(log.unsettled_of(slot).oldest == at(16));
}
