// SPDX-License-Identifier: BSD-3-Clause
// Start positions as values and as text.
#include "weir/runtime/topic/start_position.hpp"

#include <catch2/catch.hpp>

using weir::from_earliest;
using weir::from_latest;
using weir::from_offset;
using weir::from_time;

TEST_CASE("a start position is the latest unless said otherwise", "[topic]") {
  CHECK(weir::start_position{} == from_latest());
  CHECK(from_offset(0) != from_earliest());
  CHECK(from_offset(7) == from_offset(7));
  CHECK(from_offset(7).offset() == 7);
  CHECK(from_time(weir::timestamp{weir::duration{5}}).time().time_since_epoch().count() == 5);
}

TEST_CASE("a start position reads as what it was made from", "[topic]") {
  CHECK(to_string(from_latest()) == "latest");
  CHECK(to_string(from_earliest()) == "earliest");
  CHECK(to_string(from_offset(17)) == "offset 17");
  CHECK(to_string(from_time(weir::timestamp{std::chrono::seconds{980'985'540}})) ==
        "time 2001-01-31T23:59:00.000Z");
}
