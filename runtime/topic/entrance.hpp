// SPDX-License-Identifier: BSD-3-Clause
// Lets whoever closes a publisher know that no publish is under way any more: a publish that began
// before the closing is then whole in its ring, one that begins after it is refused.
//
// Each publisher has its own entrance. Entering must see the closing or be seen by it, which takes
// a barrier on both sides; as with the doorbell, the rare side pays for both (membarrier(2)).
#pragma once

#include <atomic>

#include "weir/runtime/core/cache_line.hpp"
#include "weir/runtime/topic/doorbell.hpp"

namespace weir::topic {

class entrance {
 public:
  /// Inside while it lives, unless it is false: then the entrance was closed before.
  class visit {
   public:
    explicit visit(entrance* in) noexcept : in_(in) {}
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
    ~visit() {
      if (in_ != nullptr) in_->inside_.store(false, std::memory_order_release);
    }
    explicit operator bool() const noexcept { return in_ != nullptr; }

   private:
    entrance* in_;
  };

  /// The publisher, before each publish. One thread at a time.
  visit enter() noexcept {
    if (internal::barrier_reaches_all) {
      inside_.store(true, std::memory_order_relaxed);
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      inside_.exchange(true, std::memory_order_seq_cst);
    }
    if (!closed_.load(std::memory_order_seq_cst)) [[likely]] return visit{this};
    inside_.store(false, std::memory_order_release);
    return visit{nullptr};
  }

  /// What enters later is refused. Then ask until it is empty. Any thread.
  void close() noexcept {
    closed_.store(true, std::memory_order_seq_cst);
    internal::barrier_for_all();
  }
  bool empty() const noexcept { return !inside_.load(std::memory_order_acquire); }

 private:
  alignas(apart) std::atomic<bool> inside_{false};
  std::atomic<bool> closed_{false};
};

}  // namespace weir::topic
