// SPDX-License-Identifier: BSD-3-Clause
// Where the dead-letter actor lives now. It is restarted when it dies; whoever hands letters over
// hears of its new address, and hands over again what has no answer.
#pragma once

#include <algorithm>
#include <mutex>
#include <vector>

#include "weir/actors/base/caf.hpp"

namespace weir::actors {

/// To a supervisor that attends.
struct dead_letters_moved {
  caf::actor to;
};

/// Any thread.
class dead_letter_address {
 public:
  void moved_to(const caf::actor& now) {
    const std::lock_guard lock{access_};
    current_ = now;
    for (const auto& one : attending_) {
      if (const auto living = caf::actor_cast<caf::actor>(one)) {
        tell(living, dead_letters_moved{now});
      }
    }
  }
  /// From now on `supervisor` is told of every move. Returns where it lives now.
  caf::actor attend(const caf::actor& supervisor) {
    const std::lock_guard lock{access_};
    std::erase_if(attending_, [](const auto& one) { return !caf::actor_cast<caf::actor>(one); });
    attending_.push_back(supervisor.address());
    return current_;
  }
  caf::actor current() const {
    const std::lock_guard lock{access_};
    return current_;
  }

 private:
  mutable std::mutex access_;
  caf::actor current_;
  std::vector<caf::actor_addr> attending_;
};
using dead_letter_address_ptr = std::shared_ptr<dead_letter_address>;

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::dead_letters_moved)
