// SPDX-License-Identifier: BSD-3-Clause
// A consumer with a circuit breaker: what is held, what that costs, and who goes first afterwards.
#include <algorithm>

#include <catch2/catch.hpp>

#include "weir/runtime/core/log.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/tests/runtime/delivery/stage.hpp"

using namespace delivery_tests;
using namespace std::chrono_literals;

namespace {

weir::recoverability retrying(unsigned retries) {
  weir::recoverability policy;
  policy.in_place.retries = retries;
  return policy;
}

/// Each opening is a line of the log.
struct quiet_log {
  quiet_log() { weir::set_log_level(weir::log_level::off); }
  ~quiet_log() { weir::set_log_level(weir::log_level::info); }
  quiet_log(const quiet_log&) = delete;
  quiet_log& operator=(const quiet_log&) = delete;
};

/// Opens after two failures of two, for ten seconds.
struct guarded_stage {
  explicit guarded_stage(weir::recoverability policy = retrying(3)) : on(policy) {
    on.subject.guard({.failure_share = 1, .window = 2, .open_for = 10s});
    on.open(0);
  }
  quiet_log quiet;
  stage on;
};

}  // namespace

TEST_CASE("an open breaker holds the event that opened it, at no cost in attempts", "[delivery]") {
  guarded_stage with;
  auto& on = with.on;
  on.text.acts[0] = {act::unavailable, act::unavailable, act::unavailable, act::unavailable};
  on.send(0, 3);
  // The second attempt opened it and counts for nothing.
  CHECK(on.seen() == lines{"0", "0 (1.2)", "look after 10000 ms"});
  on.send(0, 2);
  CHECK(on.seen().empty());
  on.look();
  CHECK(on.seen() == lines{"0 (1.2)", "look after 10000 ms"});
  on.look();
  CHECK(on.seen() == lines{"0 (1.2)", "look after 10000 ms"});
  on.look();
  CHECK(on.seen() == lines{"0 (1.2)", "1", "2", "3", "4", "settle lane 0 to 5: 5 delivered"});
  CHECK(on.letters.empty());
  CHECK(on.subject.counts().breaker_openings == 1);
}

TEST_CASE("poison says nothing about what surrounds a handler", "[delivery]") {
  guarded_stage with;
  auto& on = with.on;
  for (std::uint64_t i = 0; i < 4; ++i) on.text.acts[i] = {act::rejected};
  on.send(0, 5);
  CHECK(on.letters.size() == 4);
  CHECK(on.subject.breaker()->closed());
}

TEST_CASE("the lane that has waited longest looks for all, and then they go on in turn",
          "[delivery]") {
  guarded_stage with;
  auto& on = with.on;
  on.open(1);
  on.text.acts[0] = {act::unavailable, act::unavailable};
  on.send(0, 2);
  on.send(1, 2);
  CHECK(on.seen() == lines{"0", "0 (1.2)", "look after 10000 ms"});
  on.look();
  CHECK(on.seen() == lines{"0 (1.2)", "1", "100", "101", "settle lane 0 to 2: 2 delivered",
                           "settle lane 1 to 2: 2 delivered"});
}

TEST_CASE("ends of the subscriber open it, and a new incarnation waits as well", "[delivery]") {
  auto policy = retrying(0);
  policy.max_deliveries = 10;
  guarded_stage with{policy};
  auto& on = with.on;
  on.text.acts[0] = {act::dies, act::dies, act::dies};
  on.send(0, 2);
  on.restart();
  CHECK(on.seen() == lines{"0", "died", "restart", "0 (2.1)", "died"});
  on.restart();
  CHECK(on.seen() == lines{"restart", "look after 10000 ms"});
  on.look();
  CHECK(on.seen() == lines{"0 (3.1)", "died"});
  on.restart();
  CHECK(on.seen() == lines{"restart", "look after 10000 ms"});
  on.look();
  CHECK(on.seen() == lines{"0 (4.1)", "1", "settle lane 0 to 2: 2 delivered"});
}

TEST_CASE("however long a service is away, nothing becomes a dead letter and order holds",
          "[delivery][property]") {
  const quiet_log quiet;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    weir::random chance{seed};
    stage on{retrying(1 + static_cast<unsigned>(chance.below(2)))};
    // Opens at the first failure that a retry does not mend.
    on.subject.guard({.failure_share = 1, .window = 1, .open_for = 1s});
    constexpr std::uint32_t lanes = 3;
    std::vector<std::uint64_t> sent(lanes);
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      on.open(lane);
      for (std::uint64_t offset = 0; offset < 30; ++offset) {
        auto& acts = on.text.acts[number_of(lane, offset)];
        for (auto left = chance.below(8) == 0 ? chance.below(6) : 0; left > 0; --left) {
          acts.push_back(chance.below(6) == 0 ? act::throws : act::unavailable);
        }
      }
    }
    for (int step = 0; step < 2'000; ++step) {
      const auto lane = static_cast<std::uint32_t>(chance.below(lanes));
      if (chance.below(2) == 0 && sent[lane] < 30) {
        const auto count = std::min<std::uint64_t>(1 + chance.below(4), 30 - sent[lane]);
        on.send(lane, static_cast<std::uint32_t>(count));
        sent[lane] += count;
      } else if (chance.below(3) == 0) {
        on.restart();
      } else {
        on.look();
      }
    }
    CHECK(on.letters.empty());
    for (const auto& [number, times] : on.text.succeeded) CHECK(times == 1);
    CHECK(on.text.succeeded.size() == lanes * 30);
    std::vector<std::uint64_t> seen_to(lanes, 0);
    for (const auto number : on.text.played) {
      const auto lane = number / lane_stride;
      CHECK(number % lane_stride >= seen_to[lane]);
      seen_to[lane] = number % lane_stride;
    }
  }
}
