// SPDX-License-Identifier: BSD-3-Clause
// Wakes a publisher whose ring was full: a thread through a condition variable, an actor through a
// message. The partition does not know which.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "weir/actors/base/caf.hpp"

namespace weir::actors {

/// To a publishing actor: a ring that was full has room.
struct room_made {};

/// A thread waits here; raised when a full ring of its publisher has room.
class room_signal {
 public:
  void raise() {
    {
      const std::lock_guard lock{access_};
      raised_ = true;
    }
    changed_.notify_all();
  }
  /// True if it was raised since the last call, false if that took longer than `patience`.
  bool wait_for(std::chrono::nanoseconds patience) {
    std::unique_lock lock{access_};
    const bool raised = changed_.wait_for(lock, patience, [this] { return raised_; });
    raised_ = false;
    return raised;
  }

 private:
  std::mutex access_;
  std::condition_variable changed_;
  bool raised_ = false;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::room_made)

namespace weir::actors {

/// Who waits for room behind a ring.
struct waker {
  caf::actor owner;
  std::shared_ptr<room_signal> signal;

  void wake() const {
    if (owner) tell(owner, room_made{});
    if (signal) signal->raise();
  }
};

}  // namespace weir::actors
