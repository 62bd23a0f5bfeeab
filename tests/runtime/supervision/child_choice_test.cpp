// SPDX-License-Identifier: BSD-3-Clause
// Numbers that no child may have.
#include "weir/runtime/supervision/child_choice.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::supervision::child_choice;

TEST_CASE("a shutdown from a kill at once to an hour is sound, and nothing else",
          "[supervision]") {
  CHECK(child_choice{}.check());
  CHECK(child_choice{.shutdown = 1h}.check());
  for (const weir::duration silly : {weir::duration{-1ns}, weir::duration{1h + 1ns}}) {
    const auto sound = child_choice{.shutdown = silly}.check();
    REQUIRE_FALSE(sound);
    CHECK(sound.error().code == weir::errc::invalid_argument);
    CHECK_THAT(sound.error().message, Catch::Contains("shutdown"));
  }
}

TEST_CASE("a backoff out of range is named", "[supervision]") {
  const auto sound = child_choice{.backoff = weir::fixed(-1s)}.check();
  REQUIRE_FALSE(sound);
  CHECK_THAT(sound.error().message, Catch::StartsWith("supervise: backoff: "));
  CHECK(child_choice{.backoff = weir::exponential(100ms)}.check());
}
