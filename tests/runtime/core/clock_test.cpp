// SPDX-License-Identifier: BSD-3-Clause
// Manual clocks move only when told; times print the same everywhere.
#include "weir/runtime/core/clock.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace {

weir::timestamp at(std::chrono::year_month_day day, weir::duration later = {}) {
  return weir::timestamp{std::chrono::sys_days{day}} + later;
}

constexpr auto day = std::chrono::year{2001} / 1 / 31;

}  // namespace

TEST_CASE("a manual clock stands still until it is moved", "[core]") {
  weir::clock clock{at(day)};
  CHECK(clock.is_manual());
  CHECK(clock.now() == at(day));
  CHECK(clock.coarse_now() == at(day));
  clock.advance(90min);
  CHECK(clock.now() == at(day, 90min));
  CHECK(clock.coarse_now() == at(day, 90min));
  clock.advance(0ns);
  clock.advance(1ns);
  CHECK(clock.now() == at(day, 90min + 1ns));
}

TEST_CASE("a manual clock can be set back, as clocks of real machines are", "[core]") {
  weir::clock clock{at(day, 1h)};
  clock.set(at(day));
  CHECK(clock.now() == at(day));
}

TEST_CASE("the machine's clock counts nanoseconds since 1970, finely and coarsely", "[core]") {
  const auto& clock = weir::machine_clock();
  CHECK_FALSE(clock.is_manual());
  // Wide enough for any machine whose clock is set at all; narrow enough to tell the units apart.
  for (const auto time : {clock.now(), clock.coarse_now()}) {
    CHECK(time > at(std::chrono::year{2020} / 1 / 1));
    CHECK(time < at(std::chrono::year{2200} / 1 / 1));
  }
}

TEST_CASE("a time prints as RFC 3339 in UTC with milliseconds", "[core]") {
  CHECK(weir::to_string(weir::timestamp{}) == "1970-01-01T00:00:00.000Z");
  CHECK(weir::to_string(at(day, 23h + 59min)) == "2001-01-31T23:59:00.000Z");
  CHECK(weir::to_string(at(std::chrono::year{2024} / 2 / 29, 12h + 5s + 7ms)) ==
        "2024-02-29T12:00:05.007Z");
}

TEST_CASE("what is finer than a millisecond is cut off, before 1970 too", "[core]") {
  CHECK(weir::to_string(at(day, 999'999ns)) == "2001-01-31T00:00:00.000Z");
  CHECK(weir::to_string(weir::timestamp{-1ns}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("the first and the last representable time print", "[core]") {
  CHECK(weir::to_string(weir::timestamp::min()) == "1677-09-21T00:12:43.145Z");
  CHECK(weir::to_string(weir::timestamp::max()) == "2262-04-11T23:47:16.854Z");
}
