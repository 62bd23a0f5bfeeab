// SPDX-License-Identifier: BSD-3-Clause
// Memory for coroutine frames: a handler that awaits nothing must not pay an allocation per event.
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

}  // namespace weir::internal
