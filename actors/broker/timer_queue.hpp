// SPDX-License-Identifier: BSD-3-Clause
// Which of the events in a ring of the schedule are timers of the store, in the order of the ring:
// the schedule says so before it commits them, the partition asks when it takes them, and erases
// each timer in the commit that stores its event.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>

#include "weir/runtime/core/invariant.hpp"

namespace weir::actors {

/// Any thread.
class timer_queue {
 public:
  void push(std::uint64_t number) {
    const std::lock_guard lock{access_};
    numbers_.push_back(number);
  }
  /// `visit(number)` for each of the next `events` of the ring.
  template <class Visit>
  void take(std::uint32_t events, Visit&& visit) {
    const std::lock_guard lock{access_};
    WEIR_INVARIANT(events <= numbers_.size(), "an event of the schedule is of no timer");
    for (; events > 0; --events) {
      visit(numbers_.front());
      numbers_.pop_front();
    }
  }

 private:
  std::mutex access_;
  std::deque<std::uint64_t> numbers_;
};

}  // namespace weir::actors
