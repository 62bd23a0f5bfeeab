// SPDX-License-Identifier: BSD-3-Clause
// What is to be written in the commit that stores the events of a ring, beside them: who publishes
// says it event by event, before he commits each, and the partition asks when it takes them.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/store/changes.hpp"

namespace weir::actors {

class ring_notes {
 public:
  virtual ~ring_notes() = default;
  /// The next `events` of the ring are taken: adds what goes with them to their commit.
  virtual void take(std::uint32_t events, store::changes& to) = 0;
};

/// One note for each event of a ring, in its order. Any thread.
template <class Note>
class note_queue {
 public:
  void push(Note note) {
    const std::lock_guard lock{access_};
    notes_.push_back(std::move(note));
  }
  /// The event of the newest one was not committed after all.
  void withdraw() {
    const std::lock_guard lock{access_};
    notes_.pop_back();
  }
  /// `visit(note)` for each of the next `events`.
  template <class Visit>
  void take(std::uint32_t events, Visit&& visit) {
    const std::lock_guard lock{access_};
    WEIR_INVARIANT(events <= notes_.size(), "an event of the ring has no note");
    for (; events > 0; --events) {
      visit(notes_.front());
      notes_.pop_front();
    }
  }

 private:
  std::mutex access_;
  std::deque<Note> notes_;
};

}  // namespace weir::actors
