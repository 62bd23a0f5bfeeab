// SPDX-License-Identifier: BSD-3-Clause
// The line of the bar.
#include "weir/actors/cli/progress_bar.hpp"

#include <catch2/catch.hpp>

using weir::cli::progress_line;

TEST_CASE("a bar is as full as seeds are done", "[cli]") {
  CHECK(progress_line(0, 1000, 0, 0) ==
        "[------------------------------] 0 of 1,000 seeds, 0 failed, 0 a second");
  CHECK(progress_line(500, 1000, 3, 2.0) ==
        "[###############---------------] 500 of 1,000 seeds, 3 failed, 250 a second");
  CHECK(progress_line(1000, 1000, 3, 2.0) ==
        "[##############################] 1,000 of 1,000 seeds, 3 failed, 500 a second");
  CHECK_THAT(progress_line(0, 0, 0, 0), Catch::StartsWith("[####"));
}
