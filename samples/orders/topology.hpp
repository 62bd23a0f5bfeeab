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
  workplace(std::optional<std::uint64_t> seed, bool keeps) : trouble(seed), kept(keeps) {}
  chaos trouble;
  books done;
  /// Topics are durable and books are states: what an earlier run has done is there.
  bool kept;
};

/// Declares everything; returns the topic where orders are placed.
weir::topic_handle declare(weir::node& node, std::uint32_t partitions,
                           const std::shared_ptr<workplace>& shared);
/// Reads the books that are states, once the node is drained. Errors of node::scan_state.
weir::result<void> collect(const weir::node& node, workplace& shared);

}  // namespace orders
