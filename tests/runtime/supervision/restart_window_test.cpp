// SPDX-License-Identifier: BSD-3-Clause
// The window against a naive model that keeps every time and counts.
#include "weir/runtime/supervision/restart_window.hpp"

#include <limits>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::supervision::intensity;
using weir::supervision::restart_window;

namespace {

weir::timestamp at(std::int64_t nanoseconds) {
  return weir::timestamp{weir::duration{nanoseconds}};
}

}  // namespace

TEST_CASE("the restart after the last allowed one within the window is refused", "[supervision]") {
  restart_window window{{3, 5s}};
  CHECK(window.allow(at(0)));
  CHECK(window.allow(at(1)));
  CHECK(window.allow(at(2)));
  CHECK_FALSE(window.allow(at(3)));
}

TEST_CASE("a restart exactly one window ago still counts, a nanosecond later it does not",
          "[supervision]") {
  restart_window early{{1, 10ns}};
  CHECK(early.allow(at(0)));
  CHECK_FALSE(early.allow(at(10)));
  restart_window late{{1, 10ns}};
  CHECK(late.allow(at(0)));
  CHECK(late.allow(at(11)));
}

TEST_CASE("with no restarts allowed the first is refused", "[supervision]") {
  restart_window window{{0, 5s}};
  CHECK_FALSE(window.allow(at(0)));
}

TEST_CASE("a cleared window has forgotten", "[supervision]") {
  restart_window window{{1, 5s}};
  CHECK(window.allow(at(0)));
  window.clear();
  CHECK(window.recent(at(0)) == 0);
  CHECK(window.allow(at(0)));
}

TEST_CASE("a clock that is set back forgives no restart", "[supervision]") {
  restart_window window{{1, 5ns}};
  CHECK(window.allow(at(100)));
  CHECK_FALSE(window.allow(at(-1000)));
}

TEST_CASE("the ends of time do not overflow", "[supervision]") {
  restart_window window{{1, 5s}};
  CHECK(window.allow(at(std::numeric_limits<std::int64_t>::min())));
  CHECK(window.allow(at(std::numeric_limits<std::int64_t>::max())));
  CHECK_FALSE(window.allow(at(std::numeric_limits<std::int64_t>::max())));
}

TEST_CASE("the window agrees with a list of every time", "[supervision][property]") {
  rc::prop("window = count of times not older than it", [] {
    const intensity limit{*rc::gen::inRange(0U, 6U), weir::duration{*rc::gen::inRange(1, 50)}};
    restart_window window{limit};
    std::vector<std::int64_t> times;
    std::int64_t now = 0;
    for (const auto step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(-5, 30))) {
      now += step;
      times.push_back(times.empty() ? now : std::max(now, times.back()));
      const auto count = std::count_if(times.begin(), times.end(), [&](std::int64_t then) {
        return times.back() - then <= limit.window.count();
      });
      RC_ASSERT(window.allow(at(now)) == (count <= static_cast<std::ptrdiff_t>(limit.restarts)));
    }
  });
}

TEST_CASE("an intensity out of range is refused, and clamped where it is used", "[supervision]") {
  CHECK(intensity{}.check());
  CHECK(intensity{0, 1ns}.check());
  CHECK_FALSE(intensity{10'001, 5s}.check());
  CHECK_FALSE(intensity{1, 0s}.check());
  CHECK_FALSE(intensity{1, -5s}.check());
  CHECK_FALSE(intensity{1, 24h * 8}.check());
  CHECK(restart_window{{4'000'000'000U, -1s}}.limit() == intensity{10'000, 1ns});
  CHECK(to_string(intensity{}) == "3 restarts in 5000ms");
}
