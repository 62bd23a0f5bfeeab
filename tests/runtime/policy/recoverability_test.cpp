// SPDX-License-Identifier: BSD-3-Clause
// Verdicts: the decision table as a transcript, and its laws over every error code there is.
#include "weir/runtime/policy/recoverability.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/tests/runtime/event/sample_events.hpp"

using namespace std::chrono_literals;
using weir::verdict_kind;

namespace {

/// What a policy says of a failure of some event.
weir::verdict verdict_on(const weir::recoverability& policy, const weir::error& failure,
                         unsigned attempts, weir::random& chance, unsigned redeliveries = 0) {
  static const auto events = event_tests::batch_from(1, 1);
  return decide(policy, {events[0], "event_tests.numbered", 1, failure}, attempts, chance,
                redeliveries);
}

weir::recoverability patient(unsigned retries,
                             weir::exhausted_action then = weir::exhausted_action::dead_letter) {
  weir::recoverability made;
  made.in_place = {retries, weir::exponential(100ms)};
  made.on_exhausted = then;
  return made;
}

}  // namespace

TEST_CASE("a transient failure is retried with growing delays, then becomes a dead letter",
          "[policy]") {
  weir::random chance{1};
  const weir::error failure{weir::errc::timeout, "user service"};
  const auto policy = patient(2);
  CHECK(verdict_on(policy, failure, 1, chance) == weir::verdict{verdict_kind::retry, 100ms});
  CHECK(verdict_on(policy, failure, 2, chance) == weir::verdict{verdict_kind::retry, 200ms});
  CHECK(verdict_on(policy, failure, 3, chance) == weir::verdict{verdict_kind::dead_letter, 0s});
}

TEST_CASE("after the retries in place come redeliveries, with as many retries each", "[policy]") {
  weir::random chance{1};
  const weir::error away{weir::errc::timeout, "user service"};
  auto policy = patient(1);
  policy.later = {{10s, 60s}};
  for (unsigned redeliveries = 0; redeliveries < 4; ++redeliveries) {
    CHECK(verdict_on(policy, away, 1, chance, redeliveries).kind == verdict_kind::retry);
  }
  CHECK(verdict_on(policy, away, 2, chance, 0) == weir::verdict{verdict_kind::redeliver, 10s});
  CHECK(verdict_on(policy, away, 2, chance, 1) == weir::verdict{verdict_kind::redeliver, 60s});
  CHECK(verdict_on(policy, away, 2, chance, 2).kind == verdict_kind::dead_letter);
  const weir::error poison{weir::errc::rejected, "no"};
  CHECK(verdict_on(policy, poison, 1, chance, 0).kind == verdict_kind::dead_letter);
  policy.rules = {weir::on_failure().code(weir::errc::rejected).redeliver({5s}).then_skip()};
  CHECK(verdict_on(policy, poison, 1, chance, 0) == weir::verdict{verdict_kind::redeliver, 5s});
  CHECK(verdict_on(policy, poison, 1, chance, 1).kind == verdict_kind::skip);
}

TEST_CASE("a policy that redelivers prints when", "[policy]") {
  auto policy = patient(0);
  policy.later = {{10s, 1500ms}};
  policy.park_key = true;
  CHECK(to_string(policy) ==
        "0 retries, then again after 10s 1500ms, then dead_letter, later events of the key wait "
        "behind it; at most 3 deliveries");
  CHECK(to_string(weir::on_failure().redeliver({5s})) ==
        "any failure: again after 5s, then dead_letter");
}

TEST_CASE("a policy that says nothing never retries", "[policy]") {
  weir::random chance{1};
  const weir::error failure{weir::errc::handler_threw, "boom"};
  CHECK(verdict_on({}, failure, 1, chance) == weir::verdict{verdict_kind::dead_letter, 0s});
}

TEST_CASE("the default tries three times in place and three times later, and never poison",
          "[policy]") {
  weir::random chance{1};
  const auto policy = weir::default_recoverability();
  REQUIRE(policy.check());
  std::vector<weir::duration> waited;
  for (unsigned redeliveries = 0; redeliveries <= 3; ++redeliveries) {
    for (unsigned attempts = 1; attempts <= 4; ++attempts) {
      waited.push_back(
          verdict_on(policy, {weir::errc::timeout, "x"}, attempts, chance, redeliveries).delay);
    }
  }
  CHECK(waited == std::vector<weir::duration>{10ms, 20ms, 40ms, 10s, 10ms, 20ms, 40ms, 1min, 10ms,
                                              20ms, 40ms, 10min, 10ms, 20ms, 40ms, 0s});
  CHECK(verdict_on(policy, {weir::errc::rejected, "x"}, 1, chance).kind ==
        verdict_kind::dead_letter);
}

TEST_CASE("the user chooses what follows the last attempt", "[policy]") {
  weir::random chance{1};
  const weir::error failure{weir::errc::timeout, ""};
  using action = weir::exhausted_action;
  CHECK(verdict_on(patient(0, action::skip), failure, 1, chance).kind == verdict_kind::skip);
  CHECK(verdict_on(patient(0, action::halt), failure, 1, chance).kind == verdict_kind::halt);
  CHECK(verdict_on(patient(0, action::restart), failure, 1, chance).kind == verdict_kind::restart);
}

TEST_CASE("for every code in the table, poison is never retried or skipped and fatal always halts",
          "[policy][property]") {
  rc::prop("laws of the verdict", [] {
    const auto table = weir::error_table();
    const auto& row = table[*rc::gen::inRange<std::size_t>(0, table.size())];
    const unsigned retries = *rc::gen::inRange(0U, 10U);
    const unsigned attempts = *rc::gen::inRange(1U, 20U);
    const auto then = *rc::gen::element(weir::exhausted_action::dead_letter,
                                        weir::exhausted_action::skip, weir::exhausted_action::halt);
    weir::random chance{*rc::gen::arbitrary<std::uint64_t>()};
    const auto found =
        verdict_on(patient(retries, then), weir::error{row.code, ""}, attempts, chance);
    if (row.kind == weir::error_class::poison) RC_ASSERT(found.kind == verdict_kind::dead_letter);
    if (row.kind == weir::error_class::fatal) RC_ASSERT(found.kind == verdict_kind::halt);
    if (row.kind == weir::error_class::transient) {
      RC_ASSERT((found.kind == verdict_kind::retry) == (attempts <= retries));
    }
    if (found.kind != verdict_kind::retry) RC_ASSERT(found.delay == weir::duration::zero());
  });
}

TEST_CASE("a handler that always fails is called exactly once more than there are retries",
          "[policy][property]") {
  rc::prop("retries + 1 calls", [] {
    const unsigned retries = *rc::gen::inRange(0U, 50U);
    weir::random chance{1};
    unsigned calls = 1;
    while (verdict_on(patient(retries), {weir::errc::timeout, ""}, calls, chance).kind ==
           verdict_kind::retry) {
      ++calls;
    }
    RC_ASSERT(calls == retries + 1);
  });
}

TEST_CASE("the first rule that matches decides, whatever the class of the error", "[policy]") {
  using weir::on_failure;
  weir::random chance{1};
  auto policy = patient(1);
  policy.rules = {on_failure().code(weir::errc::timeout).retry(2, weir::fixed(1s)).then_skip(),
                  on_failure().kind(weir::error_class::poison).then_halt(),
                  on_failure().code(weir::errc::closed).retry(1).then_dead_letter(),
                  on_failure().kind(weir::error_class::transient).then_restart()};
  const auto of = [&](weir::errc code, unsigned attempts) {
    return verdict_on(policy, {code, "x"}, attempts, chance);
  };
  CHECK(of(weir::errc::timeout, 2) == weir::verdict{verdict_kind::retry, 1s});
  CHECK(of(weir::errc::timeout, 3).kind == verdict_kind::skip);
  CHECK(of(weir::errc::malformed, 1).kind == verdict_kind::halt);
  CHECK(of(weir::errc::closed, 1).kind == verdict_kind::retry);
  CHECK(of(weir::errc::closed, 2).kind == verdict_kind::dead_letter);
  CHECK(of(weir::errc::unavailable, 1).kind == verdict_kind::restart);
  CHECK(of(weir::errc::unknown_topic, 1).kind == verdict_kind::halt);
  policy.rules.pop_back();
  CHECK(of(weir::errc::unavailable, 1).kind == verdict_kind::retry);
}

TEST_CASE("rules have numbers that are checked, and so have there to be few of them", "[policy]") {
  auto policy = patient(1);
  policy.rules = {weir::on_failure().retry(1001)};
  REQUIRE_FALSE(policy.check());
  CHECK(policy.check().error().message == "retry: 1001 retries, at most 1000 are allowed");
  policy.rules = std::vector<weir::recovery_rule>(65);
  REQUIRE_FALSE(policy.check());
  CHECK(policy.check().error().message == "65 rules, at most 64 are allowed");
}

TEST_CASE("an event may end its subscriber max_deliveries times and no more", "[policy]") {
  weir::recoverability policy;
  policy.max_deliveries = 3;
  CHECK_FALSE(deliveries_exhausted(policy, 2));
  CHECK(deliveries_exhausted(policy, 3));
}

TEST_CASE("a policy with a number out of range is refused by name", "[policy]") {
  auto policy = patient(5);
  CHECK(policy.check());
  policy.max_deliveries = 0;
  REQUIRE_FALSE(policy.check());
  CHECK(policy.check().error().message == "max_deliveries 0 is not in 1..1000");
  policy = patient(1001);
  REQUIRE_FALSE(policy.check());
  CHECK(policy.check().error().message == "retry: 1001 retries, at most 1000 are allowed");
  policy = patient(1);
  policy.in_place.delays.jitter = -1;
  CHECK_FALSE(policy.check());
}

TEST_CASE("a policy prints as a sentence", "[policy]") {
  CHECK(to_string(patient(5)) ==
        "5 retries (exponential from 100ms, x2, at most 30s), then dead_letter; at most 3 "
        "deliveries");
  auto with_rule = patient(0);
  with_rule.rules = {weir::on_failure().code(weir::errc::timeout).then_skip()};
  CHECK(to_string(with_rule) ==
        "timeout: skip; 0 retries, then dead_letter; at most 3 deliveries");
  CHECK(to_string(weir::recoverability{}) == "0 retries, then dead_letter; at most 3 deliveries");
}
