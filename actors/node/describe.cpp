// SPDX-License-Identifier: BSD-3-Clause
// The declarations and the counters as data.
#include <algorithm>
#include <set>

#include "weir/actors/node/impl.hpp"
#include "weir/runtime/observe/metric.hpp"
#include "weir/runtime/observe/schedule_ledger.hpp"

namespace weir {

namespace {

/// The program's own publishers of a topic: those it made, and one it may make where nobody else
/// publishes.
template <class State>
void add_publishers(const State& state, const std::set<std::string>& fed,
                    topology::description& all) {
  const auto& name = state.settings->name;
  const auto count = std::max<std::uint32_t>(state.publishers, fed.contains(name) ? 0 : 1);
  for (std::uint32_t i = 1; i <= count; ++i) {
    all.publishers.push_back({"program-" + std::to_string(i) + "." + name, name});
  }
}

}  // namespace

topology::topic_description node::impl::description_of(const topic::settings& settings) {
  topology::topic_description entry;
  entry.name = settings.name;
  entry.partitions = settings.options.partitions;
  entry.ordered = settings.options.ordered;
  entry.batch_events_max = settings.options.batch_events_max;
  entry.ring_events = settings.options.ring_events;
  entry.ring_bytes = settings.options.ring_bytes;
  entry.event_bytes_max = settings.options.event_bytes_max;
  entry.retained_events = settings.options.retained_events;
  entry.keep_for = settings.options.keep_for;
  entry.keep_bytes = settings.options.keep_bytes;
  entry.durable = settings.options.durable;
  return entry;
}

topology::description node::impl::describe() const {
  topology::description all;
  all.name = options.name;
  all.memory_budget_bytes = options.memory_budget_bytes;
  all.dead_letters_max = options.dead_letters.letters_max;
  all.dead_letter_bytes_max =
      options.dead_letters.bytes_max / std::max<std::size_t>(options.dead_letters.letters_max, 1);
  all.scheduled_max = options.scheduled.events_max;
  all.scheduled_bytes_max = options.scheduled.bytes_max;
  const std::lock_guard lock{declaring};
  for (const auto& state : topics) {
    const auto& settings = *state->settings;
    auto entry = description_of(settings);
    for (const auto* type : state->types) {
      entry.event_types.push_back(to_string(*type));
      if (settings.key_of(*type) != nullptr) entry.keyed_types.push_back(to_string(*type));
    }
    all.topics.push_back(std::move(entry));
  }
  for (const auto& [id, one] : subscriptions) {
    const auto& declared = one->declared;
    topology::subscription_description entry;
    entry.name = declared->name;
    entry.pattern = declared->pattern;
    for (const auto* type : declared->handled) entry.handles.push_back(to_string(*type));
    entry.credit_batches = declared->credit;
    entry.publishes_to = declared->publishes_to;
    entry.catch_all = declared->catch_all;
    entry.when_behind = declared->when_behind;
    entry.time_to_live = declared->time_to_live;
    entry.group = declared->group;
    if (declared->waits) {
      entry.staged_bytes_max =
          declared->staged_bytes.value_or(delivery::task_limits{}.staged_bytes_max);
    }
    entry.rate = declared->rate;
    entry.breaker = declared->breaker;
    entry.bulkhead = declared->bulkhead;
    entry.transactional = declared->transactional;
    entry.state_bytes_max = declared->transactional ? declared->state_bytes : 0;
    for (const auto* type : declared->batched) entry.batched.push_back(to_string(*type));
    for (const auto& filter : declared->filters) {
      const auto type = to_string(*filter.type);
      auto& named = entry.filtered;
      if (std::find(named.begin(), named.end(), type) == named.end()) named.push_back(type);
    }
    all.subscriptions.push_back(std::move(entry));
  }
  std::set<std::string> fed;
  for (const auto& one : all.subscriptions) {
    fed.insert(one.publishes_to.begin(), one.publishes_to.end());
  }
  for (const auto& state : topics) add_publishers(*state, fed, all);
  return all;
}

std::string node::impl::metrics() {
  auto families = status_families(status());
  for (auto& family : observe::schedule_families(schedule->counts())) {
    families.push_back(std::move(family));
  }
  return observe::prometheus_text(families);
}

std::string node::metrics() { return impl_->metrics(); }

}  // namespace weir
