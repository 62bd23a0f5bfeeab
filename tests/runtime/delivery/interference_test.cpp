// SPDX-License-Identifier: BSD-3-Clause
// Faults in front of handlers: a consumer makes of them what it makes of handlers that fail.
#include "weir/runtime/delivery/interference.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/stage.hpp"

using namespace delivery_tests;
using weir::result;

namespace {

weir::recoverability retrying(unsigned retries) {
  weir::recoverability policy;
  policy.in_place.retries = retries;
  return policy;
}

}  // namespace

TEST_CASE("an attempt that is interfered with fails, throws or ends the subscriber, and no other",
          "[delivery]") {
  script text;
  lines asked;
  const auto interfere = [&](std::string_view subscription, const weir::context& where) {
    CHECK(subscription == "billing");
    asked.push_back(std::to_string(where.offset()) + " " +
                    std::to_string(where.delivery_count()) + "." +
                    std::to_string(where.attempt()));
    const bool first = where.attempt() == 1 && where.delivery_count() == 1;
    if (first && where.offset() == 1) return result<void>{weir::fail(weir::errc::timeout, "x")};
    if (first && where.offset() == 2) throw std::runtime_error{"thrown"};
    if (first && where.offset() == 3) throw 7;
    if (where.offset() == 4) return result<void>{weir::fail(weir::errc::rejected, "no")};
    return result<void>{};
  };
  stage on{retrying(1),
           weir::delivery::interfered(following(text), "billing", {.before = interfere})};
  on.open(0);
  on.send(0, 6);
  on.restart();
  CHECK(asked == lines{"0 1.1", "1 1.1", "1 1.2", "2 1.1", "2 1.2", "3 1.1", "3 2.1", "4 1.1",
                       "5 1.1"});
  CHECK(text.played == std::vector<std::uint64_t>{0, 1, 2, 3, 5});
  REQUIRE(on.letters.size() == 1);
  CHECK(on.letters.front().offset == 4);
  CHECK(on.subject.counts().restarts == 1);
}

TEST_CASE("without anybody who interferes handlers stay what they were", "[delivery]") {
  script text;
  stage on{retrying(0), weir::delivery::interfered(following(text), "billing", {})};
  on.open(0);
  on.send(0, 3);
  CHECK(text.played.size() == 3);
}

TEST_CASE("an attempt that is spoiled has done all and fails, and who interferes hears of it",
          "[delivery]") {
  script text;
  lines heard;
  const auto pass = [](std::string_view, const weir::context&) { return result<void>{}; };
  const auto spoils = [](std::string_view, const weir::context& where) {
    const bool first = where.offset() == 1 && where.attempt() == 1;
    return first || where.offset() == 2
               ? std::optional{weir::error{weir::errc::unavailable, "spoiled"}}
               : std::nullopt;
  };
  const auto after = [&](std::string_view, const weir::context& where, const weir::error* why) {
    heard.push_back(std::to_string(where.offset()) + (why == nullptr ? "" : " " + why->message));
  };
  stage on{retrying(1),
           weir::delivery::interfered(following(text), "billing",
                                      {.before = pass, .spoils = spoils, .after = after})};
  on.open(0);
  on.send(0, 4);
  CHECK(text.played == std::vector<std::uint64_t>{0, 1, 1, 2, 2, 3});
  CHECK(heard == lines{"0", "1 spoiled", "1", "2 spoiled", "2 spoiled", "3"});
  REQUIRE(on.letters.size() == 1);
  CHECK(on.letters.front().offset == 2);
}
