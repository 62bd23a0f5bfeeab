// SPDX-License-Identifier: BSD-3-Clause
// Decimal text against the standard library's.
#include "weir/runtime/core/decimal.hpp"

#include <limits>
#include <string>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

namespace {

template <class Number>
std::string text(Number number) {
  char scratch[weir::decimal_bytes_max];
  return std::string{weir::decimal(number, scratch)};
}

}  // namespace

TEST_CASE("the ends of every integer type are written whole", "[core]") {
  CHECK(text(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(text(std::numeric_limits<std::int64_t>::max()) == "9223372036854775807");
  CHECK(text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(text(std::numeric_limits<std::int8_t>::min()) == "-128");
  CHECK(text(std::uint8_t{255}) == "255");
}

TEST_CASE("every number up to five digits is written as the standard library writes it", "[core]") {
  for (int number = -10'100; number <= 10'100; ++number) {
    if (text(number) != std::to_string(number)) FAIL(number);
  }
}

TEST_CASE("any number is written as the standard library writes it", "[core][property]") {
  rc::prop("signed", [](std::int64_t number) {
    RC_ASSERT(text(number) == std::to_string(number));
  });
  rc::prop("unsigned of any length", [] {
    const auto number = *rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange(0, 64);
    RC_ASSERT(text(number) == std::to_string(number));
  });
}
