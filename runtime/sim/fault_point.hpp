// SPDX-License-Identifier: BSD-3-Clause
// The one table of what can go wrong in a simulated run: each point has a name, a standard share of
// its passings, and one sentence. A passing has a place, which is text: who, what and where, or a
// running number. Names are in plan files, so none is ever renamed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "weir/runtime/core/clock.hpp"

namespace weir::sim {

enum class fault : std::uint8_t {
  // Places: `billing order.created 0 @17 (1.1)`, a call of a handler: subscription, event type,
  // partition, offset, delivery and attempt.
  handler_fails,
  handler_throws,
  handler_fails_late,
  handler_slow,
  event_rejected,  // without delivery and attempt: each time
  subscriber_dies,
  subscriber_killed,
  // Places: `users 12`, the service and the number of the question.
  question_dropped,
  question_twice,
  answer_dropped,
  answer_twice,
  answer_late,
  // Places: `orders 12`, the topic and the number of the event.
  brought_twice,
  // Places: `12`, the number of the timer, or of the step of the scheduler.
  timer_late,
  clock_jumps,
  actor_stalls,
  // Places: `commit 12`, the call and its number among all calls of the store.
  store_slow,
  store_fails,
  write_torn,
  node_crashes,
};
inline constexpr std::size_t fault_count = 20;

struct fault_point {
  fault what;
  std::string_view name;
  /// Of its passings, unless chosen otherwise.
  double standard;
  /// What strikes lasts up to this; zero: it does not last.
  duration longest;
  std::string_view sentence;
};

/// In the order of `fault`.
std::span<const fault_point, fault_count> fault_points() noexcept;
const fault_point& point_of(fault what) noexcept;
/// Null if there is none.
const fault_point* find_fault(std::string_view name) noexcept;
/// `handler-fails, handler-throws, ...`
std::string names_of_faults();

}  // namespace weir::sim
