// SPDX-License-Identifier: BSD-3-Clause
// Free frames in lists, one per thread and size.
#include "weir/runtime/delivery/frame_pool.hpp"

#include <array>
#include <new>

namespace weir::internal {
namespace {

constexpr std::size_t step = 64;

struct free_frame {
  free_frame* next;
};
struct free_list {
  free_frame* first = nullptr;
  std::size_t count = 0;
};
using free_lists = std::array<free_list, frame_pool::size_max / step>;
// Without constructor and destructor, so that reaching them costs no check.
constinit thread_local free_lists lists{};

/// Frees a thread's frames at its end. A frame that is freed even later, by another thread_local's
/// destructor, is not kept.
struct cleaner {
  ~cleaner() {
    for (auto& list : lists) {
      while (list.first != nullptr) {
        auto* next = list.first->next;
        ::operator delete(list.first);
        list.first = next;
      }
      list.count = frame_pool::kept_max;
    }
  }
};
constinit thread_local bool will_be_cleaned = false;

void clean_at_end() noexcept {
  thread_local const cleaner at_end;
  static_cast<void>(&at_end);
  will_be_cleaned = true;
}

constexpr std::size_t index_of(std::size_t size) noexcept { return (size - 1) / step; }

}  // namespace

void* frame_pool::take(std::size_t size) {
  if (size > size_max) return ::operator new(size);
  auto& list = lists[index_of(size)];
  if (list.first == nullptr) return ::operator new((index_of(size) + 1) * step);
  auto* frame = list.first;
  list.first = frame->next;
  --list.count;
  return frame;
}

void frame_pool::put(void* frame, std::size_t size) noexcept {
  if (size <= size_max) {
    auto& list = lists[index_of(size)];
    if (list.count < kept_max) {
      if (!will_be_cleaned) [[unlikely]] clean_at_end();
      list.first = new (frame) free_frame{list.first};
      ++list.count;
      return;
    }
  }
  ::operator delete(frame);
}

}  // namespace weir::internal
