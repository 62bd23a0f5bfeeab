// SPDX-License-Identifier: BSD-3-Clause
// One thing that a thread outside the actor system waits for, exactly once, with a deadline. An
// actor completes it; whoever waits may give up first, and a late completion is then harmless. Who
// may not wait, being an actor, gives a function to call.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace weir::actors {

template <class T>
class completion {
 public:
  completion() = default;
  /// `then` is called once, by whoever completes it.
  explicit completion(std::function<void(T)> then) : then_(std::move(then)) {}

  /// Any thread. The first value counts.
  void complete(T value) {
    {
      const std::lock_guard lock{access_};
      if (value_) return;
      value_ = std::move(value);
    }
    changed_.notify_all();
    if (then_) then_(*value_);
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
  std::function<void(T)> then_;
};

template <class T>
using completion_ptr = std::shared_ptr<completion<T>>;

}  // namespace weir::actors
