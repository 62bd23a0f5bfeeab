// SPDX-License-Identifier: BSD-3-Clause
// The events that tests of the actor layer publish.
#pragma once

#include <string>
#include <vector>

#include "weir/actors/node/node.hpp"

namespace actors_tests {

struct order {
  std::int64_t number = 0;
  std::string customer;
};
WEIR_EVENT(order, "test.order", 1, (number, customer))

struct invoice {
  std::int64_t number = 0;
  std::string customer;
};
WEIR_EVENT(invoice, "test.invoice", 1, (number, customer))

/// A topic of orders, keyed by customer.
inline weir::topic_handle orders_of(weir::node& node, weir::topic::topic_options options = {}) {
  auto topic = node.topic("orders", options);
  topic.key<order>(&order::customer);
  return topic;
}

/// The ledger of a subscription, summed over topics.
inline weir::observe::ledger ledger_of(weir::node& node, const std::string& subscription) {
  weir::observe::ledger sum;
  for (const auto& entry : node.ledgers()) {
    if (entry.subscription == subscription) sum += entry.counts;
  }
  return sum;
}

inline weir::node_options quiet(weir::node_options options = {}) {
  options.log_threshold = weir::log_level::off;
  return options;
}

}  // namespace actors_tests
