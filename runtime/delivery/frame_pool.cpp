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
struct free_lists {
  std::array<free_list, frame_pool::size_max / step> by_size;

  ~free_lists() {
    for (auto& list : by_size) {
      while (list.first != nullptr) {
        auto* next = list.first->next;
        ::operator delete(list.first);
        list.first = next;
      }
      // A frame that is freed even later, by another thread_local's destructor, is not kept.
      list.count = frame_pool::kept_max;
    }
  }
};
thread_local free_lists lists;

constexpr std::size_t index_of(std::size_t size) noexcept { return (size - 1) / step; }

}  // namespace

void* frame_pool::take(std::size_t size) {
  if (size > size_max) return ::operator new(size);
  auto& list = lists.by_size[index_of(size)];
  if (list.first == nullptr) return ::operator new((index_of(size) + 1) * step);
  auto* frame = list.first;
  list.first = frame->next;
  --list.count;
  return frame;
}

void frame_pool::put(void* frame, std::size_t size) noexcept {
  if (size <= size_max) {
    auto& list = lists.by_size[index_of(size)];
    if (list.count < kept_max) {
      list.first = new (frame) free_frame{list.first};
      ++list.count;
      return;
    }
  }
  ::operator delete(frame);
}

}  // namespace weir::internal
