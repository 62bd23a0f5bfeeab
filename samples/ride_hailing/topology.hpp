// SPDX-License-Identifier: BSD-3-Clause
// The topology, declared on a node: six topics, a router service, six subscriptions and whoever
// asks for quotes.
#pragma once

#include <memory>

#include "weir/actors/node/requester.hpp"
#include "weir/samples/ride_hailing/city.hpp"
#include "weir/samples/ride_hailing/events.hpp"

namespace ride_hailing {

/// Where the world outside comes in.
struct entrances {
  weir::topic_handle positions, requests;
  /// Not to be used once the node is gone.
  std::shared_ptr<weir::requester<quote_wanted, quote_given>> quotes;
};

entrances declare(weir::node& node, std::uint32_t partitions, const std::shared_ptr<city>& town);

}  // namespace ride_hailing
