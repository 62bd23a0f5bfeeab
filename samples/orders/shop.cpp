// SPDX-License-Identifier: BSD-3-Clause
// Made-up customers and products.
#include "weir/samples/orders/shop.hpp"

#include <array>
#include <cstdio>

#include "weir/runtime/core/hash.hpp"

namespace orders {
namespace {

constexpr std::array countries{"AT", "BR", "CH", "DE", "FR", "IN", "JP", "PT", "US", "ZA"};

std::string numbered(const char* format, std::uint64_t n) {
  char text[32];
  std::snprintf(text, sizeof text, format, static_cast<unsigned long long>(n));
  return text;
}

}  // namespace

order_created order_of(std::uint64_t n) {
  auto id = numbered("o-%06llu", n);
  const auto chance = weir::stable_hash(id);
  return {.order_id = std::move(id),
          .user_id = numbered("u-%03llu", chance % 300),
          .product_id = numbered("p-%02llu", chance / 300 % 60),
          .quantity = 1 + static_cast<std::int64_t>(chance / 18'000 % 4),
          .cents = 199 + static_cast<std::int64_t>(chance / 72'000 % 20'000)};
}

user user_of(const std::string& user_id) {
  return {"User " + user_id.substr(2), countries[weir::stable_hash(user_id) % countries.size()]};
}

metadata metadata_of(const std::string& product_id) {
  const auto chance = weir::stable_hash(product_id);
  return {"Product " + product_id.substr(2), 50 + static_cast<std::int64_t>(chance % 4'000)};
}

std::string carrier_of(std::int64_t grams) { return grams > 5'000 ? "road" : "air"; }

}  // namespace orders
