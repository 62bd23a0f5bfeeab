// SPDX-License-Identifier: BSD-3-Clause
// Stamping in place and into another type.
#include "weir/runtime/pipeline/stamp.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace pl = weir::pipeline;

TEST_CASE("a function that returns nothing changes the value in place", "[pipeline]") {
  const auto stage = pl::stamp([](std::string& text) { text += "!"; });
  CHECK(stage(std::string{"hello"}).value() == "hello!");
}

TEST_CASE("a function that returns something gives the next value, of any type", "[pipeline]") {
  const auto stage = pl::stamp([](const std::string& text) { return text.size(); });
  CHECK(stage(std::string{"hello"}).value() == 5);
}
