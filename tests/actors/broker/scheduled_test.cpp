// SPDX-License-Identifier: BSD-3-Clause
// Taking back what was scheduled: before it fires, after it, twice, and after the node's end.
#include "weir/actors/broker/scheduled.hpp"

#include <optional>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::testkit::test_node;

TEST_CASE("an event is cancelled once, and only before it fires", "[broker]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  std::vector<std::int64_t> seen;
  kit.node().subscribe("billing", "orders", [&](const order& one) { seen.push_back(one.number); });
  auto first = orders.publish_after(order{1, "c"}, 1h);
  auto second = orders.publish_after(order{2, "c"}, 1h);
  REQUIRE(first);
  REQUIRE(second);
  kit.advance(1h - 1ns);
  auto same = *first;
  CHECK(first->cancel());
  CHECK_FALSE(first->cancel());
  CHECK_FALSE(same.cancel());
  kit.advance(1ns);
  CHECK_FALSE(second->cancel());
  CHECK(seen == std::vector<std::int64_t>{2});
  CHECK_FALSE(weir::scheduled{}.cancel());
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a handle that outlives its node cancels nothing", "[broker]") {
  std::optional<weir::scheduled> handle;
  {
    weir::node node{quiet()};
    auto orders = orders_of(node);
    node.subscribe("billing", "orders", [](const order&) {});
    auto made = orders.publish_after(order{1, "c"}, 1h);
    REQUIRE(made);
    handle = *made;
    CHECK(node.stop(60s).scheduled == 1);
    CHECK_FALSE(handle->cancel());
  }
  CHECK_FALSE(handle->cancel());
}
