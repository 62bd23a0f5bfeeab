// SPDX-License-Identifier: BSD-3-Clause
// Copies of what a node keeps, made while it goes on.
#include <filesystem>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"
#include "weir/tests/runtime/store/scratch_directory.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;

TEST_CASE("a checkpoint of a running node is a data directory of what was stored",
          "[node][durable]") {
  store_tests::scratch_directory scratch;
  const auto data = scratch.fresh();
  const auto copy = scratch.fresh();
  {
    weir::node node{quiet({.data_dir = data.string()})};
    auto orders = orders_of(node, {.durable = true});
    CHECK(node.checkpoint(copy.string()).error().code == errc::not_found);
    std::optional<weir::result<void>> in_handler;
    node.subscribe("inside", "orders", [&](const order& one) {
      if (one.number == 0) in_handler = node.checkpoint(copy.string());
    });
    for (std::int64_t i = 0; i < 10; ++i) {
      REQUIRE(orders.publish(order{i, "c"}, weir::wait_for::stored, 1min));
    }
    REQUIRE(node.checkpoint(copy.string()));
    CHECK(node.checkpoint(copy.string()).error().code == errc::already_exists);
    REQUIRE(orders.publish(order{10, "c"}, weir::wait_for::stored, 1min));
    REQUIRE(node.stop(1min).drained);
    REQUIRE(in_handler);
    CHECK(in_handler->error().code == errc::invalid_argument);
  }
  weir::node node{quiet({.data_dir = copy.string()})};
  auto orders = orders_of(node, {.durable = true});
  std::vector<std::int64_t> seen;
  node.subscribe("audit", "orders", [&](const order& one) { seen.push_back(one.number); })
      .starting(weir::from_earliest());
  REQUIRE(node.start());
  REQUIRE(node.stop(1min).drained);
  CHECK(seen.size() == 10);
}
