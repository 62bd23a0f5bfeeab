// SPDX-License-Identifier: BSD-3-Clause
// The table. Standard shares are of faults that any topology should stand; the others are 0.
#include "weir/runtime/sim/fault_point.hpp"

#include <algorithm>
#include <array>

namespace weir::sim {
namespace {

using namespace std::chrono_literals;
using enum fault;

constexpr duration none{0};
constexpr std::array<fault_point, fault_count> points{{
    {handler_fails, "handler-fails", 0.02, none,
     "a handler returns an error that is transient, having done nothing"},
    {handler_throws, "handler-throws", 0.01, none,
     "a handler throws a std::exception, having done nothing"},
    {handler_fails_late, "handler-fails-late", 0, none,
     "a handler does all it does and fails then, with an error that is transient"},
    {handler_slow, "handler-slow", 0.01, 1s, "a handler takes its time: the clock moves meanwhile"},
    {event_rejected, "event-rejected", 0, none,
     "a handler refuses the event, each time it is given"},
    {subscriber_dies, "subscriber-dies", 0.005, none, "a handler ends its subscriber"},
    {subscriber_killed, "subscriber-killed", 0.002, none,
     "somebody kills the subscriber, soon after it was called"},
    {question_dropped, "question-dropped", 0.01, none, "a question does not reach its service"},
    {question_twice, "question-twice", 0.01, none, "a question reaches its service twice"},
    {answer_dropped, "answer-dropped", 0.01, none, "the answer of a service is lost"},
    {answer_twice, "answer-twice", 0.01, none, "the answer of a service comes twice"},
    {answer_late, "answer-late", 0.02, 5s, "the answer of a service takes its time"},
    {brought_twice, "brought-twice", 0.02, none,
     "what was published through an inbox or a named producer is brought once more"},
    {timer_late, "timer-late", 0.02, 2s, "a timer fires late, with all that are due by then"},
    {clock_jumps, "clock-jumps", 0, 10s, "the node's clock jumps, forward or back"},
    {actor_stalls, "actor-stalls", 0.002, none,
     "an actor that could run does not, for 100 steps of others or until nobody else can"},
    {store_slow, "store-slow", 0.01, 200ms, "a call of the store takes its time"},
    {store_fails, "store-fails", 0, none,
     "a call of the store fails; after a failed commit the node begins again"},
    {write_torn, "write-torn", 0, none,
     "the node crashes in a commit, which is then there whole or not at all"},
    {node_crashes, "node-crashes", 0, none,
     "the node crashes before a call of the store, and begins again on what that has"},
}};

}  // namespace

std::span<const fault_point, fault_count> fault_points() noexcept { return points; }

const fault_point& point_of(fault what) noexcept {
  return points[static_cast<std::size_t>(what)];
}

const fault_point* find_fault(std::string_view name) noexcept {
  const auto* const found = std::find_if(points.begin(), points.end(),
                                         [&](const auto& one) { return one.name == name; });
  return found == points.end() ? nullptr : &*found;
}

std::string names_of_faults() {
  std::string names;
  for (const auto& one : points) names.append(names.empty() ? "" : ", ").append(one.name);
  return names;
}

}  // namespace weir::sim
