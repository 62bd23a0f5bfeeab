// SPDX-License-Identifier: BSD-3-Clause
// Events that are too old when their turn comes: counted, settled, and never handled. The time of
// event n is n nanoseconds; the stage's handlers run at noon.
#include "weir/runtime/delivery/time_to_live.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/stage.hpp"

using namespace delivery_tests;
using namespace std::chrono_literals;
using weir::delivery::time_to_live;

namespace {

/// At noon, events below `number` have expired.
time_to_live expiring_below(std::int64_t number) {
  return time_to_live{noon.time_since_epoch() - weir::duration{number}};
}

void send(stage& on, const std::vector<numbered>& values) {
  auto events = event_tests::batch_of(values, on.subject.received(0));
  on.drive([&](effects& out) { on.subject.receive(0, std::move(events), true, noon, out); });
}

}  // namespace

TEST_CASE("without a time to live nothing expires", "[delivery]") {
  const auto events = event_tests::batch_from(0, 4);
  const time_to_live none;
  CHECK(none.first(false, events, 1, 4, weir::timestamp::max()) == 1);
  CHECK(none.first(true, events, 1, 4, weir::timestamp::max()) == 4);
}

TEST_CASE("an event expires when it is older than its time to live, not when it is as old",
          "[delivery]") {
  const auto events = event_tests::batch_from(0, 6);
  const auto limit = expiring_below(3);
  CHECK(limit.first(false, events, 0, 6, noon) == 3);
  CHECK(limit.first(true, events, 0, 6, noon) == 0);
  CHECK(limit.first(true, events, 3, 6, noon) == 6);
  CHECK(limit.first(false, events, 0, 2, noon) == 2);
  CHECK(limit.first(false, events, 0, 6, noon + 1ns) == 4);
}

TEST_CASE("expired events are never handled, and settled as expired", "[delivery]") {
  stage on;
  on.open(0);
  on.subject.expire(expiring_below(5));
  on.send(0, 3);
  CHECK(on.seen() == lines{"settle lane 0 to 3: 3 expired"});
  on.send(0, 4);
  CHECK(on.seen() == lines{"5", "6", "settle lane 0 to 7: 2 delivered, 2 expired"});
}

TEST_CASE("times in a batch need not rise for each event to be judged by its own", "[delivery]") {
  stage on;
  on.open(0);
  on.subject.expire(expiring_below(5));
  send(on, {{9}, {1}, {8}, {7}, {2}, {3}, {6}, {4}});
  CHECK(on.seen() == lines{"9", "8", "7", "6", "settle lane 0 to 8: 4 delivered, 4 expired"});
}

TEST_CASE("an event that expires while it waits for its retry is not tried again", "[delivery]") {
  stage on{{.in_place = {.retries = 5, .delays = weir::fixed(1s)}}};
  on.open(0);
  on.subject.expire(time_to_live{noon.time_since_epoch()});
  on.text.acts[1] = {act::unavailable};
  on.send(0, 3);
  CHECK(on.seen() == lines{"0", "1", "retry lane 0 after 1000 ms"});
  on.drive([&](effects& out) { on.subject.retry(0, on.tickets.at(0), noon + 2ns, out); });
  CHECK(on.seen() == lines{"2", "settle lane 0 to 3: 2 delivered, 1 expired"});
  on.send(0, 1);  // its attempts went with it
  CHECK(on.seen() == lines{"3", "settle lane 0 to 4: 1 delivered"});
}

TEST_CASE("an event that ended its subscriber is not delivered again once it has expired",
          "[delivery]") {
  stage on;
  on.open(0);
  on.subject.expire(time_to_live{noon.time_since_epoch()});
  on.text.acts[1] = {act::dies};
  on.send(0, 3);
  CHECK(on.seen() == lines{"0", "1", "died"});
  on.drive([&](effects& out) { on.subject.restart(noon + 2ns, out); });
  CHECK(on.seen() == lines{"2", "settle lane 0 to 3: 2 delivered, 1 expired"});
}
