// SPDX-License-Identifier: BSD-3-Clause
// Which timers of the store the events in a ring of the schedule are: each is erased in the commit
// that stores its event.
#pragma once

#include <string>

#include "weir/actors/broker/ring_notes.hpp"
#include "weir/runtime/store/timer_record.hpp"

namespace weir::actors {

class timer_notes final : public ring_notes {
 public:
  explicit timer_notes(std::string topic) : topic_(std::move(topic)) {}

  void push(std::uint64_t number) { numbers_.push(number); }
  void take(std::uint32_t events, store::changes& to) override {
    numbers_.take(events, [&](std::uint64_t number) {
      to.erase(store::table::timers, store::timer_key(topic_, number));
    });
  }

 private:
  std::string topic_;
  note_queue<std::uint64_t> numbers_;
};

}  // namespace weir::actors
