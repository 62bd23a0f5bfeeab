// SPDX-License-Identifier: BSD-3-Clause
// Memory for coroutine frames, and for what is noted of an event that waits: a handler that is a
// coroutine must not pay allocations per event.
// Each thread keeps a bounded number of frames of each size it has freed.
#pragma once

#include <cstddef>

namespace weir::internal {

struct frame_pool {
  /// Kept per thread and size; frames above `size_max` are not kept.
  static constexpr std::size_t kept_max = 64;
  static constexpr std::size_t size_max = 2048;

  static void* take(std::size_t size);
  static void put(void* frame, std::size_t size) noexcept;
};

/// For containers whose nodes come and go with the events that wait.
template <class T>
struct pooled {
  static_assert(alignof(T) <= alignof(std::max_align_t));
  using value_type = T;

  pooled() = default;
  template <class Other>
  pooled(const pooled<Other>&) noexcept {}
  T* allocate(std::size_t count) {
    return static_cast<T*>(frame_pool::take(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    frame_pool::put(memory, count * sizeof(T));
  }
  bool operator==(const pooled&) const noexcept { return true; }
};

}  // namespace weir::internal
