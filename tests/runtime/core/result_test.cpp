// SPDX-License-Identifier: BSD-3-Clause
// result<T> behaves like std::expected in every way that callers use.
#include "weir/runtime/core/result.hpp"

#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

namespace {

weir::result<int> half(int number) {
  if (number % 2 != 0) return weir::fail(weir::errc::invalid_argument, "odd");
  return number / 2;
}

weir::result<void> check(bool good) {
  if (!good) return weir::fail(weir::errc::rejected, "bad");
  return {};
}

weir::result<std::string> passed_on(int number) {
  auto halved = half(number);
  if (!halved) return weir::fail(std::move(halved.error()));
  return std::to_string(*halved);
}

}  // namespace

TEST_CASE("a result holds a value or an error", "[core]") {
  const auto good = half(8);
  REQUIRE(good.has_value());
  CHECK(*good == 4);

  const auto bad = half(7);
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().code == weir::errc::invalid_argument);
  CHECK(bad.error().message == "odd");
  CHECK(bad.value_or(-1) == -1);
}

TEST_CASE("a result of nothing says whether it went well", "[core]") {
  CHECK(check(true).has_value());
  REQUIRE_FALSE(check(false).has_value());
  CHECK(check(false).error().code == weir::errc::rejected);
}

TEST_CASE("an error passes through results of other types with its causes", "[core]") {
  weir::error failure{weir::errc::io_failed, "append"};
  failure.causes.push_back({"", "disk full"});
  const weir::result<std::string> carried = weir::fail(failure);
  REQUIRE_FALSE(carried.has_value());
  REQUIRE(carried.error().causes.size() == 1);
  CHECK(carried.error().causes[0].message == "disk full");
  CHECK(passed_on(6).value() == "3");
  CHECK(passed_on(5).error().message == "odd");
}

TEST_CASE("a result carries values that can only be moved", "[core]") {
  weir::result<std::unique_ptr<int>> box{std::make_unique<int>(5)};
  auto moved = std::move(box);
  REQUIRE(moved.has_value());
  CHECK(**moved == 5);
}

TEST_CASE("mapping changes values and leaves errors alone", "[core]") {
  const weir::result<int> nine = half(16).map([](int number) { return number + 1; });
  CHECK(nine.value() == 9);
  const weir::result<int> odd = half(7).map([](int number) { return number + 1; });
  REQUIRE_FALSE(odd.has_value());
  CHECK(odd.error().message == "odd");
}
