// SPDX-License-Identifier: BSD-3-Clause
// From what partitions say of themselves to topics and subscriptions.
#include "weir/actors/node/status.hpp"

#include <algorithm>
#include <map>

#include "weir/actors/node/impl.hpp"

namespace weir {
namespace {

observe::lag lag_of(const topic::cursor& reader, const topic::unsettled& left, timestamp now) {
  observe::lag behind{.sent = left.sent, .oldest_age = {}, .halted = reader.halted};
  // Publishers' clocks are this one, but a clock may be set back.
  if (left.oldest) behind.oldest_age = std::max(duration::zero(), now - *left.oldest);
  return behind;
}

}  // namespace

node_status node::impl::status() {
  if (stopped) return last_status;
  node_status all;
  const auto found = statuses(false, look_deadline);
  if (!found) return all;
  all.at = link->time->now();
  std::unique_lock reading{declaring};
  for (const auto& state : topics) {
    if (!state->live) break;  // as all behind it
    const auto& settings = *state->settings;
    all.topics.push_back({.topic = settings.name, .partitions = settings.options.partitions});
  }
  reading.unlock();
  std::map<std::pair<topic::subscription_id, std::uint32_t>, subscription_status> sums;
  for (const auto& partition : *found) {
    const auto& place = *places->at(partition->lane).topic;
    auto& topic = all.topics[place.index];
    topic.published += partition->next_offset;
    topic.kept_bytes += partition->kept_bytes;
    topic.rings_waiting += partition->waiting_in_rings;
    for (std::size_t slot = 0; slot < partition->cursors.size(); ++slot) {
      const auto& reader = partition->cursors[slot];
      if (!reader.active) continue;
      auto& sum = sums[{reader.id, place.index}];
      sum.topic = place.name;
      sum.counts += ledger_of(reader, partition->next_offset);
      sum.paused = sum.paused || reader.paused;
      sum.behind += lag_of(reader, partition->unsettled[slot], all.at);
    }
  }
  for (auto& [where, sum] : sums) {
    const auto owner = owner_of(where.first);
    if (owner == nullptr) continue;  // it has ended since
    sum.subscription = owner->name;
    const std::lock_guard lock{halting};
    for (const auto& known : halted) {
      if (known.subscription == sum.subscription) sum.halted = to_string(known.reason);
    }
    all.subscriptions.push_back(std::move(sum));
  }
  add_subscribers(all);
  return all;
}

void node::impl::add_subscribers(node_status& all) const {
  const std::lock_guard reading{declaring};
  std::map<topic::subscription_id, subscriber_status> sums;
  for (const auto& [id, entry] : subscriptions) {
    if (!entry->live() || entry->custom) continue;
    auto& sum = sums[entry->cursors->id];
    sum.subscription = entry->cursors->name;
    sum.counts += entry->state->seen.read();
  }
  for (auto& [id, sum] : sums) all.subscribers.push_back(std::move(sum));
  for (const auto& [name, known] : bulkheads) {
    const auto shared = known.lock();
    if (!shared) continue;
    const auto counts = shared->now();
    all.bulkheads.push_back({name, {shared->limit().at_most, counts.taken, counts.waiting}});
  }
}

std::vector<observe::metric_family> status_families(const node_status& seen) {
  observe::metric_family published{"weir_topic_events_total", "Events sequenced in the topic.",
                                   observe::metric_kind::counter, {}};
  observe::metric_family kept{"weir_topic_kept_bytes",
                              "Bytes kept for subscriptions that have not settled them.",
                              observe::metric_kind::gauge, {}};
  for (const auto& one : seen.topics) {
    published.samples.push_back({{{"topic", one.topic}}, static_cast<double>(one.published)});
    kept.samples.push_back({{{"topic", one.topic}}, static_cast<double>(one.kept_bytes)});
  }
  std::vector<observe::labelled_ledger> ledgers;
  std::vector<observe::labelled_lag> lags;
  for (const auto& one : seen.subscriptions) {
    std::vector<observe::metric_label> labels{{"topic", one.topic},
                                              {"subscription", one.subscription}};
    ledgers.push_back({labels, one.counts});
    lags.push_back({std::move(labels), one.behind});
  }
  auto families = observe::ledger_families(ledgers);
  families.push_back(std::move(published));
  families.push_back(std::move(kept));
  const auto append = [&](std::vector<observe::metric_family> more) {
    for (auto& family : more) families.push_back(std::move(family));
  };
  append(observe::lag_families(lags));
  std::vector<observe::labelled_counts> subscribers;
  for (const auto& one : seen.subscribers) {
    subscribers.push_back({{{"subscription", one.subscription}}, one.counts});
  }
  append(observe::subscriber_families(subscribers));
  std::vector<observe::labelled_bulkhead> bulkheads;
  for (const auto& one : seen.bulkheads) {
    bulkheads.push_back({{{"bulkhead", one.bulkhead}}, one.counts});
  }
  append(observe::bulkhead_families(bulkheads));
  return families;
}

node_status node::status() { return impl_->status(); }

}  // namespace weir
