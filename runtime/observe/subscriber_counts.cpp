// SPDX-License-Identifier: BSD-3-Clause
// Sums, and families.
#include "weir/runtime/observe/subscriber_counts.hpp"

namespace weir::observe {
namespace {

/// How far from closed, as the metric has it.
int distance(circuit_breaker::state state) noexcept {
  switch (state) {
    case circuit_breaker::state::closed: return 0;
    case circuit_breaker::state::half_open: return 1;
    case circuit_breaker::state::open: break;
  }
  return 2;
}

template <class Of, class Value>
metric_family family(const char* name, const char* help, metric_kind kind, std::span<const Of> all,
                     Value&& value) {
  metric_family made{name, help, kind, {}};
  for (const auto& one : all) {
    made.samples.push_back({one.labels, static_cast<double>(value(one.counts))});
  }
  return made;
}

}  // namespace

subscriber_counts& subscriber_counts::operator+=(const subscriber_counts& other) noexcept {
  retries += other.retries;
  restarts += other.restarts;
  breaker_openings += other.breaker_openings;
  held_partitions += other.held_partitions;
  if (other.breaker && (!breaker || distance(*other.breaker) > distance(*breaker))) {
    breaker = other.breaker;
  }
  return *this;
}

std::vector<metric_family> subscriber_families(std::span<const labelled_counts> subscribers) {
  using counts = subscriber_counts;
  metric_family breakers{"weir_breaker_state",
                         "The circuit breaker: 0 closed, 1 half-open, 2 open.",
                         metric_kind::gauge,
                         {}};
  for (const auto& one : subscribers) {
    if (!one.counts.breaker) continue;
    breakers.samples.push_back({one.labels, static_cast<double>(distance(*one.counts.breaker))});
  }
  return {family("weir_retries_total", "Attempts made again in place.", metric_kind::counter,
                 subscribers, [](const counts& one) { return one.retries; }),
          family("weir_restarts_total", "Subscribers started again.", metric_kind::counter,
                 subscribers, [](const counts& one) { return one.restarts; }),
          family("weir_breaker_openings_total", "How often the circuit breaker has opened.",
                 metric_kind::counter, subscribers,
                 [](const counts& one) { return one.breaker_openings; }),
          std::move(breakers),
          family("weir_held_partitions",
                 "Partitions held by rate limit, bulkhead or circuit breaker.", metric_kind::gauge,
                 subscribers, [](const counts& one) { return one.held_partitions; })};
}

std::vector<metric_family> bulkhead_families(std::span<const labelled_bulkhead> bulkheads) {
  using counts = bulkhead_counts;
  return {family("weir_bulkhead_limit", "Permits there are.", metric_kind::gauge, bulkheads,
                 [](const counts& one) { return one.at_most; }),
          family("weir_bulkhead_in_progress", "Permits that are taken.", metric_kind::gauge,
                 bulkheads, [](const counts& one) { return one.in_progress; }),
          family("weir_bulkhead_waiting", "Subscribers that wait for a permit.",
                 metric_kind::gauge, bulkheads, [](const counts& one) { return one.waiting; })};
}

}  // namespace weir::observe
