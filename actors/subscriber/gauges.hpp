// SPDX-License-Identifier: BSD-3-Clause
// What is to be seen of a subscriber while it works: written by its living incarnation after each
// message, read by anybody. Rare things are counted, so nothing here is per event.
#pragma once

#include <atomic>
#include <cstdint>

#include "weir/runtime/delivery/consumer.hpp"
#include "weir/runtime/observe/subscriber_counts.hpp"

namespace weir::actors {

class gauges {
 public:
  /// One thread at a time.
  void show(const weir::delivery::consumer& seen) noexcept {
    const auto& counts = seen.counts();
    retries_.store(counts.retries, std::memory_order_relaxed);
    restarts_.store(counts.restarts, std::memory_order_relaxed);
    openings_.store(counts.breaker_openings, std::memory_order_relaxed);
    held_.store(seen.held_lanes(), std::memory_order_relaxed);
    if (seen.breaker()) {
      breaker_.store(static_cast<int>(seen.breaker()->now_is()), std::memory_order_relaxed);
    }
  }
  /// Any thread.
  observe::subscriber_counts read() const noexcept {
    observe::subscriber_counts seen{.retries = retries_.load(std::memory_order_relaxed),
                                    .restarts = restarts_.load(std::memory_order_relaxed),
                                    .breaker_openings = openings_.load(std::memory_order_relaxed),
                                    .held_partitions = held_.load(std::memory_order_relaxed)};
    const auto breaker = breaker_.load(std::memory_order_relaxed);
    if (breaker != no_breaker) seen.breaker = static_cast<circuit_breaker::state>(breaker);
    return seen;
  }

 private:
  static constexpr int no_breaker = -1;

  std::atomic<std::uint64_t> retries_{0};
  std::atomic<std::uint64_t> restarts_{0};
  std::atomic<std::uint64_t> openings_{0};
  std::atomic<std::uint32_t> held_{0};
  std::atomic<int> breaker_{no_breaker};
};

}  // namespace weir::actors
