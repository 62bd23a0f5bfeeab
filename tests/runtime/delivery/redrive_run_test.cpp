// SPDX-License-Identifier: BSD-3-Clause
// Which letter is next, when, and when no more are.
#include "weir/runtime/delivery/redrive_run.hpp"

#include <catch2/catch.hpp>

using namespace weir::delivery;
using namespace std::chrono_literals;
using weir::errc;
using weir::error;

namespace {

constexpr weir::timestamp noon{12h};
const error no{errc::rejected, "no"};

}  // namespace

TEST_CASE("letters are named once, in their order, until there are no more", "[delivery]") {
  redrive_run run{{}, {3, 5, 9}};
  for (const std::uint64_t number : {3, 5, 9}) {
    const auto next = run.next(noon);
    CHECK(next.number == number);
    run.handled();
  }
  const auto over = run.next(noon);
  CHECK_FALSE(over.number);
  CHECK(over.wait == weir::duration::zero());
  CHECK(run.summary().handled == 3);
  CHECK(run.summary().left == 0);
}

TEST_CASE("a canary ends after so many that were tried", "[delivery]") {
  redrive_run run{{.limit = 2}, {1, 2, 3, 4}};
  run.next(noon);
  run.passed_over({errc::not_found, "gone"});
  run.next(noon);
  run.handled();
  run.next(noon);
  run.handled();
  CHECK_FALSE(run.next(noon).number);
  const auto done = run.summary();
  CHECK(done.matched == 4);
  CHECK(done.handled == 2);
  CHECK(done.passed_over == 1);
  CHECK(done.left == 1);
  CHECK(done.why_not->code == errc::not_found);
}

TEST_CASE("a redrive stops at the first failure that repeats", "[delivery]") {
  SECTION("the letter's own") {
    redrive_run run{{}, {1, 2, 3}};
    run.next(noon);
    run.failed("a", "a", no);
    CHECK_FALSE(run.next(noon).number);
    CHECK(run.summary().repeated == "a");
  }
  SECTION("one of this redrive") {
    redrive_run run{{}, {1, 2, 3}};
    run.next(noon);
    run.failed("a", "b", no);
    CHECK(run.next(noon).number == 2U);
    run.failed("a", "b", no);
    CHECK_FALSE(run.next(noon).number);
    CHECK(run.summary().repeated == "b");
    CHECK(run.summary().left == 1);
  }
  SECTION("unless it shall not") {
    redrive_run run{{.stop_on_repeat = false}, {1, 2}};
    run.next(noon);
    run.failed("a", "a", no);
    CHECK(run.next(noon).number == 2U);
    CHECK_FALSE(run.summary().repeated);
  }
}

TEST_CASE("letters come no faster than the rate", "[delivery]") {
  redrive_run run{{.per_second = 10.0}, {1, 2, 3}};
  auto now = noon;
  std::vector<weir::timestamp> times;
  while (times.size() < 3) {
    const auto next = run.next(now);
    if (next.number) {
      times.push_back(now);
      run.handled();
    } else {
      REQUIRE(next.wait > 0s);
      now += next.wait;
    }
  }
  CHECK(times[1] - times[0] == 100ms);
  CHECK(times[2] - times[1] == 100ms);
}

TEST_CASE("a plan with numbers out of range is refused", "[delivery]") {
  CHECK(redrive_plan{}.check());
  CHECK(redrive_plan{.limit = 0}.check().error().code == errc::invalid_argument);
  CHECK(redrive_plan{.per_second = 0.0}.check().error().code == errc::invalid_argument);
  CHECK(redrive_plan{.per_second = 1e9}.check().error().code == errc::invalid_argument);
}

TEST_CASE("a summary says what was done and why not more", "[delivery]") {
  redrive_run run{{}, {1, 2, 3, 4}};
  run.next(noon);
  run.handled();
  run.next(noon);
  run.passed_over({errc::parked, "it waits"});
  run.next(noon);
  run.failed("a", "a", no);
  CHECK(to_string(run.summary()) ==
        "4 dead letters: 1 handled, 1 failed again, 1 not tried (parked: it waits), 1 left; "
        "stopped, as a was seen before; the latest failure: rejected: no");
  redrive_run dry{{.dry_run = true}, {1}};
  dry.next(noon);
  dry.handled();
  CHECK(to_string(dry.summary()) == "1 dead letters: 1 would be handled, 0 would fail");
}
