// SPDX-License-Identifier: BSD-3-Clause
// A supervisor's decisions by name.
#include "weir/actors/testkit/given_supervisor.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::supervision::end_kind;
using weir::supervision::restart_type;
using weir::supervision::strategy;
using weir::testkit::given_supervisor;

TEST_CASE("who is stopped and started is said by name", "[testkit]") {
  auto tree = given_supervisor(strategy::rest_for_one, {3, 5s})
                  .child("store")
                  .child("billing")
                  .child("audit", restart_type::temporary);
  CHECK(tree.when_failed("store") == "restart: stop audit billing, start store billing");
  CHECK(tree.when_failed("audit") == "resume");
  CHECK(tree.when_start_failed("store") == "restart: start store billing");
}

TEST_CASE("restarts that are long ago do not escalate", "[testkit]") {
  auto tree = given_supervisor(strategy::one_for_one, {1, 5s})
                  .child("a")
                  .child("b", restart_type::transient);
  CHECK(tree.when_failed("a") == "restart: start a");
  CHECK(tree.after(6s).when_failed("a") == "restart: start a");
  CHECK(tree.when_ended("b", end_kind::normal) == "stop");
  CHECK(tree.when_failed("a") == "escalate");
}
