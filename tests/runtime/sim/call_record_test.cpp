// SPDX-License-Identifier: BSD-3-Clause
// Text of calls: frozen, as places are in plan files.
#include "weir/runtime/sim/call_record.hpp"

#include <catch2/catch.hpp>

using namespace weir::sim;
using namespace std::chrono_literals;

TEST_CASE("a call has a place, and a line with its time and key", "[sim]") {
  call_record call{.subscription = "billing",
                   .type = "order.created",
                   .partition = 2,
                   .offset = 17,
                   .delivery = 1,
                   .attempt = 3,
                   .key = "c-7",
                   .began = 15ms};
  CHECK(event_place(call) == "billing order.created 2 @17");
  CHECK(call_place(call) == "billing order.created 2 @17 (1.3)");
  CHECK(call_line(call) == "0.015000000 billing order.created 2 @17 (1.3) key c-7");
  call.key.clear();
  CHECK(call_line(call) == "0.015000000 billing order.created 2 @17 (1.3)");
}

TEST_CASE("time is in seconds to the nanosecond, also before the beginning", "[sim]") {
  CHECK(seconds_text(0ns) == "0.000000000");
  CHECK(seconds_text(3661s + 1ns) == "3661.000000001");
  CHECK(seconds_text(-1500ms) == "-1.500000000");
}
