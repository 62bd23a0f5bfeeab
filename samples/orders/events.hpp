// SPDX-License-Identifier: BSD-3-Clause
// What happens to an order, as events, and what the two services know. Every event is keyed by its
// order, so whatever happens to one order happens in sequence.
#pragma once

#include <cstdint>
#include <string>

#include "weir/runtime/event/describe.hpp"

namespace orders {

struct order_created {
  std::string order_id;
  std::string user_id;
  std::string product_id;
  std::int64_t quantity = 0;
  std::int64_t cents = 0;
};
WEIR_EVENT(order_created, "order.created", 1, (order_id, user_id, product_id, quantity, cents))

/// The order, and who wants it.
struct order_identified {
  std::string order_id;
  std::string product_id;
  std::string user_name;
  std::string country;
  std::int64_t quantity = 0;
  std::int64_t cents = 0;
};
WEIR_EVENT(order_identified, "order.identified", 1,
           (order_id, product_id, user_name, country, quantity, cents))

/// The order, who wants it, and what it is that they want.
struct order_described {
  std::string order_id;
  std::string user_name;
  std::string country;
  std::string product;
  std::int64_t grams = 0;
  std::int64_t cents = 0;
};
WEIR_EVENT(order_described, "order.described", 1,
           (order_id, user_name, country, product, grams, cents))

struct payment_processed {
  std::string order_id;
  std::string user_name;
  std::string country;
  std::int64_t grams = 0;
  std::int64_t cents = 0;
};
WEIR_EVENT(payment_processed, "payment.processed", 1, (order_id, user_name, country, grams, cents))

struct order_shipped {
  std::string order_id;
  std::string user_name;
  std::string carrier;
};
WEIR_EVENT(order_shipped, "order.shipped", 1, (order_id, user_name, carrier))

/// What the user service knows.
struct user {
  std::string name;
  std::string country;
};

/// What the metadata service knows of a product.
struct metadata {
  std::string title;
  std::int64_t grams = 0;
};

}  // namespace orders
