// SPDX-License-Identifier: BSD-3-Clause
// Orders follow from their number.
#include "weir/samples/orders/shop.hpp"

#include <set>

#include <catch2/catch.hpp>

using namespace orders;

TEST_CASE("order numbers give distinct ids, and the same number the same order", "[orders]") {
  std::set<std::string> ids, users, products;
  for (std::uint64_t n = 1; n <= 3000; ++n) {
    const auto order = order_of(n);
    CHECK(order_of(n).cents == order.cents);
    CHECK(order.quantity >= 1);
    CHECK(order.cents > 0);
    ids.insert(order.order_id);
    users.insert(order.user_id);
    products.insert(order.product_id);
  }
  CHECK(ids.size() == 3000);
  CHECK(users.size() == 300);
  CHECK(products.size() == 60);
}

TEST_CASE("heavy parcels go by road", "[orders]") {
  CHECK(carrier_of(5'000) == "air");
  CHECK(carrier_of(5'001) == "road");
}
