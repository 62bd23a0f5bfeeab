// SPDX-License-Identifier: BSD-3-Clause
// What a subscription's policies have done, beside its ledger: retries, restarts, the circuit
// breaker, what is held. And bulkheads, which subscriptions share.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weir/runtime/observe/metric.hpp"
#include "weir/runtime/policy/circuit_breaker.hpp"

namespace weir::observe {

/// Of one subscriber, or a sum of such.
struct subscriber_counts {
  std::uint64_t retries = 0;
  std::uint64_t restarts = 0;
  std::uint64_t breaker_openings = 0;
  /// Partitions whose next event is held: for want of tokens of the rate limit or of a permit of
  /// the bulkhead, or by the breaker.
  std::uint64_t held_partitions = 0;
  /// Empty without a circuit breaker.
  std::optional<circuit_breaker::state> breaker{};

  /// The sum of counts, the breaker that is furthest from closed.
  subscriber_counts& operator+=(const subscriber_counts& other) noexcept;
  bool operator==(const subscriber_counts&) const = default;
};

struct labelled_counts {
  std::vector<metric_label> labels;
  subscriber_counts counts;
};

/// `weir_retries_total`, `weir_restarts_total`, `weir_breaker_openings_total`, and the gauges
/// `weir_breaker_state` (0 closed, 1 half-open, 2 open; of those that have one) and
/// `weir_held_partitions`.
std::vector<metric_family> subscriber_families(std::span<const labelled_counts> subscribers);

/// A bulkhead at one moment.
struct bulkhead_counts {
  std::uint32_t at_most = 0;
  std::uint32_t in_progress = 0;
  /// Subscribers that wait for a permit.
  std::uint64_t waiting = 0;

  bool operator==(const bulkhead_counts&) const = default;
};

struct labelled_bulkhead {
  std::vector<metric_label> labels;
  bulkhead_counts counts;
};

/// The gauges `weir_bulkhead_limit`, `weir_bulkhead_in_progress`, `weir_bulkhead_waiting`.
std::vector<metric_family> bulkhead_families(std::span<const labelled_bulkhead> bulkheads);

}  // namespace weir::observe
