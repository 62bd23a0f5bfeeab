// SPDX-License-Identifier: BSD-3-Clause
// A consumer with a rate limit: when its lanes wait, who goes first, and what takes a token.
#include <catch2/catch.hpp>

#include "weir/runtime/delivery/event_filter.hpp"
#include "weir/tests/runtime/delivery/stage.hpp"

using namespace delivery_tests;
using namespace std::chrono_literals;

namespace {

weir::recoverability retrying(unsigned retries, weir::backoff delays = {}) {
  weir::recoverability policy;
  policy.in_place = {retries, delays};
  return policy;
}

/// Ten events a second and this burst.
struct limited_stage {
  explicit limited_stage(std::uint32_t burst, weir::recoverability policy = {})
      : on(policy) {
    on.subject.limit({10, burst});
    on.open(0);
  }
  stage on;
};

}  // namespace

TEST_CASE("what comes in a burst is handled at once, the rest one by one in order",
          "[delivery]") {
  limited_stage with{3};
  auto& on = with.on;
  on.send(0, 5);
  CHECK(on.seen() == lines{"0", "1", "2", "tokens after 100 ms"});
  on.refill();
  CHECK(on.seen() == lines{"3", "tokens after 100 ms"});
  on.send(0, 1);
  CHECK(on.seen().empty());
  on.refill();
  CHECK(on.seen() == lines{"4", "settle lane 0 to 5: 5 delivered", "tokens after 100 ms"});
  on.refill();
  CHECK(on.seen() == lines{"5", "settle lane 0 to 6: 1 delivered"});
  CHECK(on.now - noon == 300ms);
  on.now += 200ms;
  on.send(0, 3);
  CHECK(on.seen() == lines{"6", "7", "tokens after 100 ms"});
}

TEST_CASE("lanes that wait for tokens take turns, and who comes later waits behind them",
          "[delivery]") {
  limited_stage with{1};
  auto& on = with.on;
  on.open(1);
  on.open(2);
  on.send(0, 3);
  on.send(1, 3);
  CHECK(on.seen() == lines{"0", "tokens after 100 ms"});
  for (const auto* handled : {"1", "100", "2"}) {
    on.refill();
    CHECK(on.seen().front() == handled);
  }
  on.now += 100ms;  // there is a token, but its timer is late
  on.send(2, 1);
  CHECK(on.seen().empty());
  for (const auto* handled : {"101", "200", "102"}) {
    on.refill();
    CHECK(on.seen().front() == handled);
  }
}

TEST_CASE("a retry in place takes a token of its own", "[delivery]") {
  limited_stage with{2, retrying(2)};
  auto& on = with.on;
  on.text.acts[0] = {act::unavailable, act::unavailable};
  on.send(0, 2);
  CHECK(on.seen() == lines{"0", "0 (1.2)", "tokens after 100 ms"});
  on.refill();
  CHECK(on.seen() == lines{"0 (1.3)", "tokens after 100 ms"});
  on.refill();
  CHECK(on.seen() == lines{"1", "settle lane 0 to 2: 2 delivered"});
}

TEST_CASE("a retry that is due while others wait for tokens waits behind them", "[delivery]") {
  limited_stage with{1, retrying(2, weir::fixed(50ms))};
  auto& on = with.on;
  on.open(1);
  on.text.acts[0] = {act::unavailable};
  on.send(0, 1);
  on.send(1, 1);
  CHECK(on.seen() == lines{"0", "retry lane 0 after 50 ms", "tokens after 100 ms"});
  on.retry(0);
  CHECK(on.seen().empty());
  on.refill();
  CHECK(on.seen() == lines{"100", "settle lane 1 to 1: 1 delivered", "tokens after 100 ms"});
  on.refill();
  CHECK(on.seen() == lines{"0 (1.2)", "settle lane 0 to 1: 1 delivered"});
}

TEST_CASE("events that are filtered or have expired take no token", "[delivery]") {
  script text;
  stage on{{}, weir::delivery::filtered(
                   following(text), {weir::delivery::filter_of<numbered>([](const numbered& event) {
                     return event.number % 2 == 1;
                   })})};
  on.subject.limit({10, 1});
  on.subject.expire(weir::delivery::time_to_live{noon.time_since_epoch() + 250ms});
  on.open(0);
  on.send(0, 6);
  CHECK(text.lines == lines{"1"});
  CHECK(on.seen() == lines{"tokens after 100 ms"});
  on.refill();
  CHECK(text.lines == lines{"1", "3"});
  CHECK(on.seen() == lines{"tokens after 100 ms"});
  // All that is left has become too old: it does not wait for a token, nor take one.
  on.now += 200ms;
  on.refill();
  CHECK(on.seen() == lines{"settle lane 0 to 6: 2 delivered, 2 filtered, 2 expired"});
  on.now -= 60ms;
  on.send(0, 2);
  CHECK(text.lines == lines{"1", "3", "7"});
}

TEST_CASE("a restart keeps the bucket, and an event that ended it has taken a token",
          "[delivery]") {
  limited_stage with{2};
  auto& on = with.on;
  on.text.acts[0] = {act::dies, act::dies};
  on.send(0, 2);
  on.restart();
  CHECK(on.seen() == lines{"0", "died", "restart", "0 (2.1)", "died"});
  on.restart();
  CHECK(on.seen() == lines{"restart", "tokens after 100 ms"});
  on.drive([&](effects& out) { on.subject.refilled(on.refill_ticket - 1, on.now + 1s, out); });
  CHECK(on.seen().empty());
  on.restart();  // its timer went with the actor
  CHECK(on.seen() == lines{"restart", "tokens after 100 ms"});
  on.refill();
  CHECK(on.seen() == lines{"0 (3.1)", "tokens after 100 ms"});
  on.refill();
  CHECK(on.seen() == lines{"1", "settle lane 0 to 2: 2 delivered"});
}

TEST_CASE("a consumer that has halted does not go on when tokens are back", "[delivery]") {
  limited_stage with{1};
  auto& on = with.on;
  on.send(0, 2);
  on.drive([&](effects& out) { on.subject.halt({weir::errc::closed, "enough"}, out); });
  on.seen();
  on.refill();
  CHECK(on.seen().empty());
}
