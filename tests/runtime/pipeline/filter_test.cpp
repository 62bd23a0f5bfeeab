// SPDX-License-Identifier: BSD-3-Clause
// Filtering leaves out and nothing else.
#include "weir/runtime/pipeline/filter.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace pl = weir::pipeline;

TEST_CASE("a filter passes what it keeps unchanged and leaves the rest out without an error",
          "[pipeline]") {
  const auto stage = pl::filter([](const std::string& text) { return !text.empty(); });
  CHECK(stage(std::string{"kept"}).value() == "kept");
  const auto out = stage(std::string{});
  CHECK(out.is_filtered());
  CHECK_FALSE(out.has_value());
  CHECK_FALSE(out.failed());
}
