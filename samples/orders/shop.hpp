// SPDX-License-Identifier: BSD-3-Clause
// The world around the topology: orders as customers place them, and what the services answer. All
// of it follows from numbers, so that a run can be repeated and checked.
#pragma once

#include <string>

#include "weir/samples/orders/events.hpp"

namespace orders {

/// Order number `n`: `o-000017` by one of 300 users for one of 60 products.
order_created order_of(std::uint64_t n);
user user_of(const std::string& user_id);
metadata metadata_of(const std::string& product_id);
/// Parcels above 5 kg go by road, the others by air.
std::string carrier_of(std::int64_t grams);

}  // namespace orders
