// SPDX-License-Identifier: BSD-3-Clause
// Once, and not twice, and not never.
#include "weir/runtime/sim/effects_checker.hpp"

#include <catch2/catch.hpp>

using namespace weir::sim;

TEST_CASE("effects that are there once, or never where the last attempt failed, are right",
          "[sim]") {
  effects_checker seen;
  seen.attempted("a", false);
  seen.attempted("a", true);
  seen.attempted("b", true);
  seen.attempted("b", false);  // again after a crash
  seen.found("a", 1);
  seen.finish();
  CHECK(seen.violation() == "");
}

TEST_CASE("effects that are there twice, for nothing, or not at all are told", "[sim]") {
  effects_checker seen;
  seen.attempted("a", true);
  SECTION("twice in one partition") {
    seen.found("a", 2);
    seen.finish();
    CHECK(seen.violation() == "the effects of a are there 2 times");
  }
  SECTION("in two partitions") {
    seen.found("a", 1);
    seen.found("a", 1);
    seen.finish();
    CHECK(seen.violation() == "the effects of a are there 2 times");
  }
  SECTION("missing") {
    seen.finish();
    CHECK(seen.violation() == "the effects of a are missing");
  }
  SECTION("missing, where events may end otherwise") {
    seen.finish(true);
    CHECK(seen.ok());
  }
  SECTION("of an attempt that failed") {
    seen.attempted("a", false);
    seen.found("a", 1);
    seen.finish(true);
    CHECK(seen.violation() == "the effects of a are there, and its last attempt failed");
  }
  SECTION("of nobody") {
    seen.found("b", 1);
    CHECK(seen.violation() == "the effects of b are there, and nobody has handled it");
  }
}

TEST_CASE("what happens outside happens once, and what is expected happens", "[sim]") {
  outside_effects world;
  world.happened("charge", "o-7");
  CHECK(world.violation() == "");
  world.expect("letter", "o-7");
  CHECK(world.violation() == "'letter' of o-7 has not happened");
  world.happened("letter", "o-7");
  CHECK(world.violation() == "");
  world.happened("charge", "o-7");
  CHECK(world.times("charge", "o-7") == 2);
  CHECK(world.times("charge", "o-8") == 0);
  CHECK(world.times("gift", "o-7") == 0);
  CHECK(world.violation() == "'charge' of o-7 happened 2 times");
}
