// SPDX-License-Identifier: BSD-3-Clause
// One thing that a thread outside the actor system waits for, exactly once, with a deadline. An
// actor completes it; whoever waits may give up first, and a late completion is then harmless.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace weir::actors {

template <class T>
class completion {
 public:
  /// Any thread. The first value counts.
  void complete(T value) {
    {
      const std::lock_guard lock{access_};
      if (value_) return;
      value_ = std::move(value);
    }
    changed_.notify_all();
  }
  /// The value, or nothing if it took longer than `patience`. Any thread.
  std::optional<T> wait_for(std::chrono::nanoseconds patience) {
    std::unique_lock lock{access_};
    changed_.wait_for(lock, patience, [this] { return value_.has_value(); });
    return value_;
  }
  /// The value, if it is there already. Any thread.
  std::optional<T> peek() {
    const std::lock_guard lock{access_};
    return value_;
  }

 private:
  std::mutex access_;
  std::condition_variable changed_;
  std::optional<T> value_;
};

template <class T>
using completion_ptr = std::shared_ptr<completion<T>>;

}  // namespace weir::actors
