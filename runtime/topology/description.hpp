// SPDX-License-Identifier: BSD-3-Clause
// A topology as data: what is declared before anything starts. It says everything the check, the
// memory bound and `describe` need, and nothing about threads or actors. Owned by whoever builds a
// node; the node keeps a copy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/policy/bulkhead.hpp"
#include "weir/runtime/policy/circuit_breaker.hpp"
#include "weir/runtime/policy/rate_limit.hpp"
#include "weir/runtime/topic/overflow.hpp"
#include "weir/runtime/topology/limits.hpp"

namespace weir::topology {

/// Event types are written `name@version`, as in `order.created@1`.
struct topic_description {
  std::string name;
  std::uint32_t partitions = 1;
  /// Asks for order by key: then every event type of the topic needs a key.
  bool ordered = false;
  std::uint32_t batch_events_max = 1024;
  /// Kept per partition for the slowest subscription.
  std::uint64_t ring_events = 64 * 1024;
  std::uint64_t ring_bytes = 16 * mib;
  /// The largest event, envelope and heap included.
  std::uint64_t event_bytes_max = 64 * kib;
  /// Retained per partition for subscriptions that begin later; in the ring's room.
  std::uint64_t retained_events = 0;
  /// Stored: what is on its way to the disk takes memory beside the ring, and so does what a slow
  /// subscription reads back; overflow policies do not apply.
  bool durable = false;
  /// What is older, or has as much behind it, is deleted; zero: never.
  duration keep_for{};
  std::uint64_t keep_bytes = 0;
  std::vector<std::string> event_types;
  /// Those of `event_types` that have a key.
  std::vector<std::string> keyed_types;
};

struct subscription_description {
  std::string name;
  /// A topic's name or a pattern (see topic/pattern.hpp).
  std::string pattern;
  /// The event types that have a handler.
  std::vector<std::string> handles;
  /// Batches on their way to it, per partition.
  std::uint32_t credit_batches = 4;
  /// Topics its handlers publish to.
  std::vector<std::string> publishes_to;
  /// Has a handler for whatever has none of its own.
  bool catch_all = false;
  /// What happens when it lags more than a ring behind.
  overflow when_behind = overflow::block;
  /// Older events expire instead of being handled.
  std::optional<duration> time_to_live = std::nullopt;
  /// The group it is a member of; empty: it has its partitions to itself.
  std::string group = {};
  /// What handlers that wait may have published before they are done; 0: none waits.
  std::uint64_t staged_bytes_max = 0;
  /// Those of `handles` of which only some events are, by their content.
  std::vector<std::string> filtered{};
  /// Those of `handles` that its handlers take in batches.
  std::vector<std::string> batched{};
  /// It handles no more than that.
  std::optional<rate_limit> rate = std::nullopt;
  std::optional<breaker_settings> breaker = std::nullopt;
  std::optional<weir::bulkhead> bulkhead = std::nullopt;
  /// Its effects are one commit with its positions: it gets events of durable topics only.
  bool transactional = false;
  /// Of a transactional one's states so much is remembered in each partition.
  std::uint64_t state_bytes_max = 0;
};

/// Somebody who publishes from outside of a handler.
struct publisher_description {
  std::string name;
  std::string topic;
};

struct description {
  std::string name;
  std::vector<topic_description> topics;
  std::vector<subscription_description> subscriptions;
  std::vector<publisher_description> publishers;
  std::uint64_t dead_letters_max = 10'000;
  /// The largest dead letter, with its story.
  std::uint64_t dead_letter_bytes_max = 16 * kib;
  /// Events that may wait for their time, and what they may take together.
  std::uint64_t scheduled_max = 0;
  std::uint64_t scheduled_bytes_max = 0;
  std::uint64_t memory_budget_bytes = gib;
};

}  // namespace weir::topology
