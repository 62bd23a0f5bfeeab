// SPDX-License-Identifier: BSD-3-Clause
// Orders wait for the incarnation that takes them, and a lane that nobody took comes back at once.
#include "weir/actors/subscriber/lane_orders.hpp"

#include <catch2/catch.hpp>

using weir::actors::lane_orders;
using weir::delivery::consumer;

TEST_CASE("orders are kept until somebody takes them, in the order they were given",
          "[subscriber]") {
  lane_orders orders;
  orders.adopt({{}, consumer::fresh_lane(1, "orders", 0, 0)});
  orders.adopt({{}, consumer::fresh_lane(2, "orders", 1, 0)});
  CHECK(orders.close(7) == nullptr);
  CHECK(orders.take_closing() == std::vector<weir::actors::lane_id>{7});
  CHECK(orders.take_closing().empty());
  CHECK(consumer::id_of(orders.take_adoption()->state) == 1);
  CHECK(consumer::id_of(orders.take_adoption()->state) == 2);
  CHECK_FALSE(orders.take_adoption());
}

TEST_CASE("closing a lane that was not yet adopted gives it back", "[subscriber]") {
  lane_orders orders;
  orders.adopt({{}, consumer::fresh_lane(1, "orders", 0, 5)});
  const auto back = orders.close(1);
  REQUIRE(back != nullptr);
  CHECK(consumer::id_of(back) == 1);
  CHECK(orders.take_closing().empty());
  CHECK_FALSE(orders.take_adoption());
}

TEST_CASE("leaving is complete once, when no lane is left", "[subscriber]") {
  lane_orders orders;
  orders.left();  // nobody asked
  auto done = std::make_shared<weir::actors::completion<bool>>();
  orders.leave(done);
  CHECK_FALSE(done->peek());
  orders.left();
  CHECK(done->peek());
}
