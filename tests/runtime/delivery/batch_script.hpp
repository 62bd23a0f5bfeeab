// SPDX-License-Identifier: BSD-3-Clause
// A script played by a batch handler: a call of several events succeeds if all of them would, else
// it ends as the first that would not, without taking anybody's act.
#pragma once

#include "weir/runtime/delivery/batch_handler.hpp"
#include "weir/runtime/delivery/task_handler.hpp"
#include "weir/tests/runtime/delivery/stage.hpp"

namespace delivery_tests {

inline weir::delivery::handler_factory following_in_batches(script& text) {
  return weir::delivery::handlers_of(
      [&text](std::span<const numbered* const> events,
              weir::context& where) -> weir::result<void> {
        auto name = std::to_string(events.front()->number);
        if (events.size() > 1) name += "-" + std::to_string(events.back()->number);
        for (const auto* event : events) {
          const auto& acts = text.acts[event->number];
          if (events.size() == 1 || acts.empty() || acts.front() == act::ok) continue;
          text.note(name + " in vain", where, events.size());
          if (acts.front() == act::dies) throw 7;
          if (acts.front() == act::throws) throw std::runtime_error{"together"};
          return weir::fail(weir::errc::unavailable, "together");
        }
        text.note(name, where, events.size());
        for (const auto* event : events) {
          if (auto done = text.play(event->number); !done) return done;
          ++text.succeeded[event->number];
        }
        return {};
      });
}

}  // namespace delivery_tests
