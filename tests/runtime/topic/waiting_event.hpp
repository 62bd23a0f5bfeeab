// SPDX-License-Identifier: BSD-3-Clause
// A scheduled event for tests of the schedule, which never publish it.
#pragma once

#include "weir/runtime/topic/schedule.hpp"

namespace topic_tests {

struct waiting_event final : weir::topic::scheduled_event {
  explicit waiting_event(std::uint64_t chosen, std::size_t bytes = 100, int* ended = nullptr)
      : scheduled_event(0, bytes), number(chosen), ended_(ended) {}
  ~waiting_event() override {
    if (ended_ != nullptr) ++*ended_;
  }
  weir::result<std::uint32_t> build(weir::topic::publisher&, weir::timestamp) override {
    return 0U;
  }
  std::uint64_t number;

 private:
  int* ended_;
};

inline std::unique_ptr<weir::topic::scheduled_event> waiting(std::uint64_t number,
                                                             std::size_t bytes = 100) {
  return std::make_unique<waiting_event>(number, bytes);
}

inline std::uint64_t number_of(const std::unique_ptr<weir::topic::scheduled_event>& event) {
  return event == nullptr ? 0 : static_cast<const waiting_event&>(*event).number;
}

inline weir::timestamp at_ns(std::int64_t nanoseconds) {
  return weir::timestamp{weir::duration{nanoseconds}};
}

}  // namespace topic_tests
