// SPDX-License-Identifier: BSD-3-Clause
// An outcome is exactly one of three things.
#include "weir/runtime/pipeline/outcome.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace pl = weir::pipeline;

TEST_CASE("an outcome is a value, filtered, or an error, and exactly one of them", "[pipeline]") {
  const pl::outcome<std::string> value{"text"};
  const pl::outcome<std::string> none{pl::filtered};
  const pl::outcome<std::string> bad{weir::error{weir::errc::rejected, "rule"}};
  for (const auto* one : {&value, &none, &bad}) {
    CHECK(int{one->has_value()} + int{one->is_filtered()} + int{one->failed()} == 1);
    CHECK(static_cast<bool>(*one) == one->has_value());
  }
  CHECK(value.value() == "text");
  CHECK(bad.failure().message == "rule");
}

TEST_CASE("a value can be changed in place and moved out", "[pipeline]") {
  pl::outcome<std::string> value{std::string(100, 'a')};
  value.value() += "b";
  const std::string moved = std::move(value).value();
  CHECK(moved == std::string(100, 'a') + "b");
}
