// SPDX-License-Identifier: BSD-3-Clause
// Scheduled events of durable topics from run to run: what earlier ones have left is scheduled
// again when its topic begins. What cannot be stays in the store, and the log says so.
#include <algorithm>

#include "weir/actors/node/impl.hpp"
#include "weir/runtime/core/log.hpp"
#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/salvage.hpp"
#include "weir/runtime/store/timer_record.hpp"

namespace weir {
namespace {

/// Numbers of timers that cannot even be found are not given again: as many may be lost at most.
constexpr std::uint64_t lost_numbers_max = std::uint64_t{1} << 32U;

}  // namespace

result<node::impl::found_timers> node::impl::read_timers(
    const std::vector<std::shared_ptr<topic_handle::state>>& new_topics) {
  found_timers all;
  if (data != nullptr && !running) {
    const auto topics_there = store::topics_with_timers(*data);
    if (!topics_there) return fail(topics_there.error());
    for (const auto& name : *topics_there) {
      if (is_durable(name)) continue;
      log(log_level::warn, "scheduled-events-without-topic",
          name + ": there is no durable topic of that name; its events stay in the store");
    }
  }
  for (const auto& state : new_topics) {
    const auto& topic = *state->settings;
    if (!topic.options.durable) continue;
    std::vector<found_timer> timers;
    std::uint64_t last = 0;
    const auto left_alone = [&](const std::string& what) {
      log(log_level::error, "scheduled-event-damaged", topic.name + ": " + what);
    };
    const auto damaged = [&](const std::string& what) {
      left_alone(what);
      last += lost_numbers_max;
    };
    const auto prefix = store::timer_prefix(topic.name);
    auto seen = store::salvage(
        *data, store::table::timers, prefix, store::prefix_end(prefix),
        [&](std::string_view key, std::string_view value) {
          const auto number = store::timer_number(topic.name, key);
          last = std::max(last, number);
          auto found = store::decode_timer(topic, value);
          if (!found) return left_alone(to_string(found.error()));
          found->event->set_timer(number);
          timers.push_back({found->due, number, std::move(found->event)});
        },
        damaged);
    if (!seen) return fail(std::move(seen.error()));
    schedule->number_from(last);
    if (!timers.empty()) all.emplace_back(state, std::move(timers));
  }
  return all;
}

void node::impl::schedule_again(found_timers all) {
  for (auto& [state, timers] : all) {
    const auto& name = state->settings->name;
    std::sort(timers.begin(), timers.end(),
              [](const auto& a, const auto& b) {
                return std::pair{a.due, a.number} < std::pair{b.due, b.number};
              });
    const std::lock_guard lock{admitting};
    auto may = admit_publisher(*state);
    if (may) state->schedules.store(true, std::memory_order_release);
    std::size_t left = 0;
    for (auto& one : timers) {
      if (may) may = schedule->add_stored(std::move(one.event), one.due, name);
      left += !may;
    }
    if (left == 0) continue;
    log(log_level::error, "scheduled-events-left",
        name + ": " + std::to_string(left) + " events stay in the store until the next start (" +
            to_string(may.error()) + ")");
  }
}

}  // namespace weir
