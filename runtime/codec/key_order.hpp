// SPDX-License-Identifier: BSD-3-Clause
// Hashed maps in the order of their keys, so that equal maps are written as equal bytes.
#pragma once

#include <algorithm>
#include <vector>

namespace weir::codec::internal {

/// The entries of `map` by ascending key; valid until the map changes.
template <class Map>
std::vector<const typename Map::value_type*> in_key_order(const Map& map) {
  std::vector<const typename Map::value_type*> order;
  order.reserve(map.size());
  for (const auto& pair : map) order.push_back(&pair);
  std::sort(order.begin(), order.end(),
            [](auto left, auto right) { return left->first < right->first; });
  return order;
}

}  // namespace weir::codec::internal
