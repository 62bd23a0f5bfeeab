// SPDX-License-Identifier: BSD-3-Clause
// The answers of several actors to one question of a thread outside: complete when the last is in.
#pragma once

#include <cstddef>
#include <vector>

#include "weir/actors/base/completion.hpp"

namespace weir::actors {

template <class T>
class gathering {
 public:
  /// Waits for this many answers; none is complete at once.
  explicit gathering(std::size_t answers) : missing_(answers) {
    if (missing_ == 0) done_.complete({});
  }

  /// Any thread. False if nobody waits for it any more: what it stands for is to be undone.
  bool add(T answer) {
    std::vector<T> all;
    {
      const std::lock_guard lock{access_};
      if (given_up_) return false;
      found_.push_back(std::move(answer));
      if (--missing_ > 0) return true;
      all = found_;
    }
    done_.complete(std::move(all));
    return true;
  }
  /// What has come so far; nothing more is taken.
  std::vector<T> give_up() {
    const std::lock_guard lock{access_};
    given_up_ = true;
    return found_;
  }
  completion<std::vector<T>>& done() noexcept { return done_; }

 private:
  std::mutex access_;
  std::size_t missing_;
  bool given_up_ = false;
  std::vector<T> found_;
  completion<std::vector<T>> done_;
};

template <class T>
using gathering_ptr = std::shared_ptr<gathering<T>>;

}  // namespace weir::actors
