// SPDX-License-Identifier: BSD-3-Clause
// A breaker by example, and against a list of all outcomes.
#include "weir/runtime/policy/circuit_breaker.hpp"

#include <deque>
#include <limits>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::breaker_settings;
using weir::circuit_breaker;
using weir::timestamp;
using state = circuit_breaker::state;

namespace {

constexpr timestamp noon{std::chrono::hours{12}};
constexpr breaker_settings half_of_four{.failure_share = 0.5, .window = 4, .open_for = 10s};

}  // namespace

TEST_CASE("it opens when enough of the last outcomes failed, and tries one event later",
          "[policy]") {
  circuit_breaker breaker{half_of_four};
  breaker.failed(noon);
  breaker.failed(noon);
  breaker.succeeded(1);
  CHECK(breaker.now_is() == state::closed);  // only three are known
  CHECK(breaker.admit(100, noon) == 100);
  breaker.failed(noon);
  CHECK(breaker.now_is() == state::open);
  CHECK(breaker.wait(noon + 3s) == 7s);
  CHECK(breaker.admit(5, noon + 9s) == 0);
  CHECK(breaker.admit(5, noon + 10s) == 1);
  CHECK(breaker.now_is() == state::half_open);
  CHECK(breaker.admit(5, noon + 20s) == 0);
  CHECK(breaker.wait(noon + 20s) == 0s);
  SECTION("it stays open if that fails") {
    breaker.failed(noon + 21s);
    CHECK(breaker.now_is() == state::open);
    CHECK(breaker.wait(noon + 21s) == 10s);
  }
  SECTION("it closes if that succeeds, and has forgotten what was") {
    breaker.succeeded(1);
    CHECK(breaker.now_is() == state::closed);
    breaker.failed(noon + 22s);
    breaker.failed(noon + 22s);
    breaker.failed(noon + 22s);
    CHECK(breaker.now_is() == state::closed);
  }
  SECTION("another is tried if that was not") {
    breaker.not_tried();
    CHECK(breaker.admit(5, noon + 20s) == 1);
  }
}

TEST_CASE("a clock that is set back keeps it open no longer than it should be", "[policy]") {
  circuit_breaker breaker{{.failure_share = 1, .window = 1, .open_for = 10s}};
  breaker.failed(noon);
  CHECK(breaker.wait(noon - 100h) == 10s);
}

TEST_CASE("whatever comes, it opens exactly when the share of the window has failed",
          "[policy][property]") {
  rc::prop("against all outcomes", [] {
    const breaker_settings settings{
        .failure_share = *rc::gen::element(0.1, 0.25, 0.5, 0.9, 1.0),
        .window = *rc::gen::inRange(1U, 30U),
        .open_for = 10s};
    circuit_breaker breaker{settings};
    std::deque<bool> last;
    for (int step = *rc::gen::inRange(0, 300); step > 0; --step) {
      if (*rc::gen::inRange(0, 3) == 0) {
        const auto events = *rc::gen::inRange(1U, 40U);
        breaker.succeeded(events);
        for (std::uint32_t i = 0; i < events; ++i) last.push_back(false);
      } else {
        breaker.failed(noon);
        last.push_back(true);
      }
      while (last.size() > settings.window) last.pop_front();
      const auto failures = std::count(last.begin(), last.end(), true);
      // Successes never open it, so only a failure is looked at.
      const bool opens = last.back() && last.size() == settings.window &&
                         static_cast<double>(failures) >=
                             settings.failure_share * settings.window;
      RC_ASSERT((breaker.now_is() == state::open) == opens);
      if (opens) return;
    }
  });
}

TEST_CASE("settings out of range are refused by name", "[policy]") {
  const auto message = [](breaker_settings settings) {
    const auto sound = settings.check();
    return sound ? std::string{} : sound.error().message;
  };
  CHECK(message({}).empty());
  CHECK(message({.failure_share = 0}) ==
        "circuit_breaker: failure_share 0.000000 is not above 0 and at most 1");
  CHECK_FALSE(message({.failure_share = std::numeric_limits<double>::quiet_NaN()}).empty());
  CHECK(message({.window = 0}) == "circuit_breaker: window 0 is not in 1..10000");
  CHECK(message({.open_for = 0s}) == "circuit_breaker: open_for 0s is not in 1ms..24h");
  CHECK(to_string(breaker_settings{}) == "open for 10s when 50 % of 20 fail");
}
