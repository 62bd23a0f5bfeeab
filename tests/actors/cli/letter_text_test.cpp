// SPDX-License-Identifier: BSD-3-Clause
// Dead letters as rows and stories.
#include "weir/actors/cli/letter_text.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/shown_letter.hpp"

using delivery_tests::shown_letter;

TEST_CASE("a letter is a row, and its story has all that it holds", "[cli][letters]") {
  CHECK(weir::cli::letter_table({}) == "no dead letters\n");
  CHECK(weir::cli::letter_table({shown_letter()}) ==
        "  number  died                      subscription  event at      type             key  "
        "state  why\n"
        "       7  2001-09-09T01:46:40.000Z  billing       orders/2 @17  order.created@1  c-7  dead"
        "   handler_threw: no row 9; caused by std::runtime_error: no row 9\n");
  const auto story = weir::cli::letter_story(shown_letter());
  for (const auto* part :
       {"dead letter 7, dead\n", "  key             c-7\n", "    handler_threw: no row 9\n",
        "      caused by std::runtime_error: no row 9\n",
        "  attempt at 2001-09-09T01:46:41.000Z\n    timeout: slow\n",
        "  payload\n    {\"cents\":5}\n"}) {
    INFO(story);
    CHECK(story.find(part) != story.npos);
  }
}

TEST_CASE("a payload that is no JSON is told by its size", "[cli][letters]") {
  auto one = shown_letter();
  one.letter.payload = "no json";
  CHECK_THAT(weir::cli::letter_story(one), Catch::Contains("7 bytes that are no JSON"));
}

TEST_CASE("a group is a row", "[cli][letters]") {
  const auto groups = weir::delivery::group_letters({shown_letter(), shown_letter()});
  REQUIRE(groups.size() == 1);
  const auto print = shown_letter().letter.fingerprint();
  CHECK_THAT(weir::cli::group_table(groups),
             Catch::Contains(print) && Catch::Contains("order.created@1  handler_threw"));
  CHECK(weir::cli::group_table({}) == "no dead letters\n");
}
