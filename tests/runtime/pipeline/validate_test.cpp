// SPDX-License-Identifier: BSD-3-Clause
// Rejections name their rule.
#include "weir/runtime/pipeline/validate.hpp"

#include <catch2/catch.hpp>

namespace pl = weir::pipeline;

TEST_CASE("a value that breaks a rule is rejected as poison with the rule's name", "[pipeline]") {
  const auto stage = pl::validate("delay in range", [](int delay) { return delay <= 1440; });
  CHECK(stage(1440).value() == 1440);
  const auto refused = stage(1441);
  REQUIRE(refused.failed());
  CHECK(refused.failure().code == weir::errc::rejected);
  CHECK(refused.failure().kind() == weir::error_class::poison);
  CHECK(refused.failure().message == "rule 'delay in range'");
}

TEST_CASE("a rule may say why in its own words, and its causes come along", "[pipeline]") {
  const auto stage = pl::validate("delay in range", [](int delay) -> weir::result<void> {
    if (delay <= 1440) return {};
    weir::error why{weir::errc::timeout, "delay is " + std::to_string(delay)};
    why.causes.push_back({"clock", "late"});
    return weir::fail(why);
  });
  CHECK(stage(0));
  const auto refused = stage(2000);
  REQUIRE(refused.failed());
  CHECK(to_string(refused.failure()) ==
        "rejected: rule 'delay in range': delay is 2000; caused by clock: late");
}

TEST_CASE("a rule may be a member of the value", "[pipeline]") {
  struct order {
    bool paid;
  };
  const auto stage = pl::validate("paid", &order::paid);
  CHECK(stage(order{true}));
  CHECK(stage(order{false}).failed());
}
