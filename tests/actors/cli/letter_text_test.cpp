// SPDX-License-Identifier: BSD-3-Clause
// Dead letters as rows and stories.
#include "weir/actors/cli/letter_text.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::timestamp;
using weir::delivery::found_letter;

namespace {

found_letter sample() {
  found_letter one;
  one.number = 7;
  auto& letter = one.letter;
  letter.id = letter.correlation_id = {1, 2};
  letter.topic = "orders";
  letter.partition = 2;
  letter.offset = 17;
  letter.subscription = "billing";
  letter.type_name = "order.created";
  letter.type_version = 1;
  letter.key = "c-7";
  letter.payload = R"({"cents":5})";
  letter.published_at = letter.died_at = timestamp{1'000'000'000s};
  letter.failure = {weir::errc::handler_threw, "no\nrow 9"};
  letter.failure.causes = {{"std::runtime_error", "no row 9"}};
  letter.attempts = {{timestamp{1'000'000'001s}, {weir::errc::timeout, "slow"}}};
  letter.attempt_count = 1;
  return one;
}

}  // namespace

TEST_CASE("a letter is a row, and its story has all that it holds", "[cli][letters]") {
  CHECK(weir::cli::letter_table({}) == "no dead letters\n");
  CHECK(weir::cli::letter_table({sample()}) ==
        "  number  died                      subscription  event at      type             key  "
        "state  why\n"
        "       7  2001-09-09T01:46:40.000Z  billing       orders/2 @17  order.created@1  c-7  dead"
        "   handler_threw: no row 9; caused by std::runtime_error: no row 9\n");
  const auto story = weir::cli::letter_story(sample());
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
  auto one = sample();
  one.letter.payload = "no json";
  CHECK_THAT(weir::cli::letter_story(one), Catch::Contains("7 bytes that are no JSON"));
}

TEST_CASE("a group is a row", "[cli][letters]") {
  const auto groups = weir::delivery::group_letters({sample(), sample()});
  REQUIRE(groups.size() == 1);
  const auto print = sample().letter.fingerprint();
  CHECK_THAT(weir::cli::group_table(groups),
             Catch::Contains(print) && Catch::Contains("order.created@1  handler_threw"));
  CHECK(weir::cli::group_table({}) == "no dead letters\n");
}
