// SPDX-License-Identifier: BSD-3-Clause
// The topology, declared on a node: five topics, two enrichers, three consumers.
#pragma once

#include <memory>
#include <optional>

#include "weir/actors/node/node.hpp"
#include "weir/samples/orders/books.hpp"
#include "weir/samples/orders/chaos.hpp"

namespace orders {

/// What all handlers share; it outlives them.
struct workplace {
  explicit workplace(std::optional<std::uint64_t> seed) : trouble(seed) {}
  chaos trouble;
  books done;
};

/// Declares everything; returns the topic where orders are placed.
weir::topic_handle declare(weir::node& node, std::uint32_t partitions,
                           const std::shared_ptr<workplace>& shared);

}  // namespace orders
