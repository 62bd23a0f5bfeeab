// SPDX-License-Identifier: BSD-3-Clause
// Short strings against std::string.
#include "weir/runtime/core/inline_string.hpp"

#include <string>
#include <type_traits>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using weir::inline_string;

TEST_CASE("an inline string keeps what fits and refuses what does not", "[core]") {
  static_assert(std::is_trivially_copyable_v<inline_string<7>>);
  const bool held = rc::check([](const std::string& text) {
    const auto made = inline_string<7>::from(text);
    RC_ASSERT(made.has_value() == (text.size() <= 7));
    if (made) RC_ASSERT(std::string{made->view()} == text);
    RC_ASSERT(inline_string<7>::cut(text).view() == text.substr(0, 7));
  });
  CHECK(held);
}

TEST_CASE("inline strings compare and hash by their text alone", "[core]") {
  const bool held = rc::check([](const std::string& a, const std::string& b) {
    const auto left = inline_string<3>::cut(a);
    const auto right = inline_string<3>::cut(b);
    RC_ASSERT((left == right) == (a.substr(0, 3) == b.substr(0, 3)));
    RC_ASSERT((left < right) == (a.substr(0, 3) < b.substr(0, 3)));
    if (left == right) {
      RC_ASSERT(std::hash<inline_string<3>>{}(left) == std::hash<inline_string<3>>{}(right));
    }
  });
  CHECK(held);
}
