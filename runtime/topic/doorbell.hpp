// SPDX-License-Identifier: BSD-3-Clause
// Tells a sleeping partition, once, that its rings have something: however many events are
// committed between two looks, one message wakes it.
//
// Why no event is missed: a producer commits, then looks at the bell; the partition lowers the
// bell, then looks into the rings. Each side must see the other's first step if it came first,
// which takes a barrier on both. Producers look a million times for each time the partition lowers
// the bell, so the partition pays for both: membarrier(2) makes every running thread of the process
// pass a full barrier. Where the kernel has none, producers use a read-modify-write instead.
#pragma once

#include <atomic>

#include "weir/runtime/core/cache_line.hpp"

namespace weir::topic {

namespace internal {
/// True if the partition's barrier reaches all threads; fixed at the start of the process.
extern const bool barrier_reaches_all;
/// The partition's barrier.
void barrier_for_all() noexcept;
}  // namespace internal

class doorbell {
 public:
  /// Producers, after a commit: true if the caller must now wake the partition.
  bool ring() noexcept {
    if (internal::barrier_reaches_all) [[likely]] {
      std::atomic_signal_fence(std::memory_order_seq_cst);
      if (rung_.load(std::memory_order_relaxed)) [[likely]] return false;
    }
    return !rung_.exchange(true, std::memory_order_acq_rel);
  }
  /// The partition, before it looks into its rings.
  void answer() noexcept {
    rung_.exchange(false, std::memory_order_acq_rel);
    internal::barrier_for_all();
  }

 private:
  alignas(apart) std::atomic<bool> rung_{false};
};

}  // namespace weir::topic
