// SPDX-License-Identifier: BSD-3-Clause
// How many bytes the coroutines of a subscription have published and not finished. What an attempt
// publishes is shown when it has succeeded, all or nothing, so until then it takes memory: this
// bounds it.
//
// One of those that have published something is the first: it may go on up to the limit whatever
// the others hold, so that they never wait for each other in a circle.
//
// Invariant: the total is at most twice the limit and one event.
#pragma once

#include <cstddef>

namespace weir::delivery {

class staging {
 public:
  explicit staging(std::size_t bytes_max) noexcept : bytes_max_(bytes_max) {}

  enum class verdict { admitted, wait, too_much };
  /// `who` has published `own` bytes, and wants to publish so many more. `wait`: others have to
  /// finish first; `too_much`: even alone it may not. The limit does not stop its first event.
  verdict admit(const void* who, std::size_t own, std::size_t bytes) noexcept {
    if (own > 0 && own + bytes > bytes_max_) return verdict::too_much;
    if (first_ == nullptr) first_ = who;
    if (first_ != who && bytes_ + bytes > bytes_max_) return verdict::wait;
    bytes_ += bytes;
    return verdict::admitted;
  }
  /// `who` has finished, or failed: nothing of it is kept.
  void release(const void* who, std::size_t own) noexcept {
    bytes_ -= own;
    if (first_ == who) first_ = nullptr;
  }

  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t bytes_max() const noexcept { return bytes_max_; }

 private:
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  const void* first_ = nullptr;
};

}  // namespace weir::delivery
