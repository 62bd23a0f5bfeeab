// SPDX-License-Identifier: BSD-3-Clause
// How a node is doing at one moment, as values: what a dashboard draws; two of them give rates.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/observe/lag.hpp"
#include "weir/runtime/observe/ledger.hpp"
#include "weir/runtime/observe/subscriber_counts.hpp"

namespace weir {

/// One topic, summed over its partitions.
struct topic_status {
  std::string topic;
  std::uint32_t partitions = 0;
  /// Events sequenced since the start.
  std::uint64_t published = 0;
  /// Bytes kept for blocking subscriptions that have not settled them.
  std::uint64_t kept_bytes = 0;
  /// Publishers' rings with something the partitions have not taken yet.
  std::uint64_t rings_waiting = 0;
};

/// One subscription in one topic, summed over its partitions. `counts.in_flight` is its lag in
/// events.
struct subscription_status {
  std::string subscription;
  std::string topic;
  observe::ledger counts{};
  observe::lag behind{};
  /// Why it has halted; empty if it has not.
  std::string halted{};
  /// It is sent nothing more until it is resumed.
  bool paused = false;
};

/// The subscriber of one subscription, or those of one group together: what its policies do. As of
/// the end of the last message each of them has dealt with.
struct subscriber_status {
  std::string subscription;
  observe::subscriber_counts counts{};
};

/// A bulkhead that subscriptions share.
struct bulkhead_status {
  std::string bulkhead;
  observe::bulkhead_counts counts{};
};

/// Partitions answer one after the other, so that totals of different partitions may be some
/// batches apart; each of them balances. Empty before the start.
struct node_status {
  /// By the node's clock.
  timestamp at{};
  std::vector<topic_status> topics{};                // as declared
  std::vector<subscription_status> subscriptions{};  // as declared, then by topic
  std::vector<subscriber_status> subscribers{};      // with handlers; as declared
  std::vector<bulkhead_status> bulkheads{};          // by name
};

}  // namespace weir
