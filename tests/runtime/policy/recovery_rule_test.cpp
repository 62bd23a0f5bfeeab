// SPDX-License-Identifier: BSD-3-Clause
// Which failures a rule is about.
#include "weir/runtime/policy/recovery_rule.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "weir/tests/runtime/event/sample_events.hpp"

using event_tests::named;
using event_tests::numbered;
using weir::errc;
using weir::error;
using weir::error_class;
using weir::on_failure;
using weir::recovery_rule;

namespace {

error thrown() {
  error failure{errc::handler_threw, "no row 7"};
  failure.causes = {{"shop::lost_row", "no row 7"}, {"std::runtime_error", "socket"}};
  return failure;
}

bool matches(const recovery_rule& rule, const error& failure = thrown()) {
  static const auto events = event_tests::batch_of(std::vector<named>{{"Ada", 41}});
  return rule.matches({events[0], "event_tests.named", 3, failure});
}

}  // namespace

TEST_CASE("a rule matches what holds of all that it asks for", "[policy]") {
  CHECK(matches(on_failure()));
  CHECK(matches(on_failure().code(errc::handler_threw).kind(error_class::transient)));
  CHECK_FALSE(matches(on_failure().code(errc::handler_threw).kind(error_class::poison)));
  CHECK_FALSE(matches(on_failure().code(errc::timeout)));
  CHECK(matches(on_failure().thrown<std::runtime_error>()));
  CHECK(matches(on_failure().thrown("shop::lost_row")));
  // Exactly this type: it is a name that is compared.
  CHECK_FALSE(matches(on_failure().thrown<std::exception>()));
  CHECK_FALSE(matches(on_failure().thrown<std::runtime_error>(), {errc::handler_threw, "x"}));
  CHECK(matches(on_failure().event("event_tests.named")));
  CHECK(matches(on_failure().event("event_tests.named@3")));
  for (const auto* type : {"event_tests.named@2", "event_tests.numbered", "event_tests.named@",
                           "event_tests.name", "@3"}) {
    INFO(type);
    CHECK_FALSE(matches(on_failure().event(type)));
  }
}

TEST_CASE("a predicate sees the event and its failure, and one that throws does not hold",
          "[policy]") {
  const auto is_ada = [](const named& one, const error& failure) {
    return one.name == "Ada" && failure.code == errc::handler_threw;
  };
  CHECK(matches(on_failure().event<named>(is_ada)));
  CHECK_FALSE(matches(on_failure().event<named>(is_ada), {errc::timeout, ""}));
  CHECK(matches(on_failure().event<named>()));
  CHECK_FALSE(matches(on_failure().event<numbered>()));
  CHECK_FALSE(matches(on_failure().event<named>([](const named&, const error&) -> bool {
    throw std::runtime_error{"in a predicate"};
  })));
}

TEST_CASE("rules are compared but for what predicates do, and print as a line", "[policy]") {
  const auto yes = [](const named&, const error&) { return true; };
  const auto no = [](const named&, const error&) { return false; };
  CHECK(on_failure().event<named>(yes) == on_failure().event<named>(no));
  CHECK_FALSE(on_failure().event<named>(yes) == on_failure());
  CHECK_FALSE(on_failure().then_skip() == on_failure());
  CHECK_FALSE(on_failure().retry(2) == on_failure().retry(3));
  CHECK_FALSE(on_failure().code(errc::timeout) == on_failure());
  CHECK(to_string(on_failure()) == "any failure: dead_letter");
  CHECK(to_string(on_failure()
                      .code(errc::timeout)
                      .event("order.created")
                      .retry(1, weir::fixed(std::chrono::seconds{1}))
                      .then_skip()) == "timeout of order.created: 1 retry (fixed 1s), then skip");
  CHECK(to_string(on_failure().thrown("shop::lost_row").event<named>(yes).then_restart()) ==
        "shop::lost_row where a predicate holds: restart");
}
