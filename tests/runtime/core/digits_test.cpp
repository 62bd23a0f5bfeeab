// SPDX-License-Identifier: BSD-3-Clause
// Numbers in text.
#include "weir/runtime/core/digits.hpp"

#include <catch2/catch.hpp>

using weir::number_in;

TEST_CASE("a number is all of its text, or there is none", "[core]") {
  CHECK(number_in("0") == 0U);
  CHECK(number_in("007") == 7U);
  CHECK(number_in("18446744073709551615") == ~std::uint64_t{0});
  for (const auto* text : {"", "-1", "+1", " 1", "1 ", "1x", "x", "18446744073709551616", "1.0"}) {
    CAPTURE(text);
    CHECK_FALSE(number_in(text));
  }
}

TEST_CASE("messages that differ in their numbers are the same without digits", "[core]") {
  CHECK(weir::without_digits("17 orders of 120") == weir::without_digits("3 orders of 4"));
  CHECK(weir::without_digits("c-7") == "c-");
  CHECK(weir::without_digits("") == "");
}
