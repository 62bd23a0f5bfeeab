// SPDX-License-Identifier: BSD-3-Clause
// The shape of the JSON is that of these structs, so that it does not change with ours.
#include "weir/actors/node/status_json.hpp"

#include <map>
#include <optional>

#include "weir/runtime/codec/json_reader.hpp"
#include "weir/runtime/codec/json_writer.hpp"
#include "weir/runtime/event/describe.hpp"

namespace weir {
namespace {

struct told_topic {
  std::string topic;
  std::uint32_t partitions;
  std::uint64_t published, kept_bytes, rings_waiting;
};
WEIR_FIELDS(told_topic, (topic, partitions, published, kept_bytes, rings_waiting))

struct told_subscription {
  std::string subscription, topic;
  std::uint64_t published, delivered, filtered, in_flight, expired, dead_lettered;
  std::map<std::string, std::uint64_t> dropped;
  std::uint64_t sent;
  std::optional<duration> oldest_age_ns;
  bool paused, halted;
  std::string why;
};
WEIR_FIELDS(told_subscription, (subscription, topic, published, delivered, filtered, in_flight,
                                expired, dead_lettered, dropped, sent, oldest_age_ns, paused,
                                halted, why))

struct told_subscriber {
  std::string subscription;
  std::uint64_t retries, restarts, breaker_openings, held_partitions;
  std::optional<std::string> breaker{};
};
WEIR_FIELDS(told_subscriber,
            (subscription, retries, restarts, breaker, breaker_openings, held_partitions))

struct told_bulkhead {
  std::string bulkhead;
  std::uint32_t at_most, in_progress;
  std::uint64_t waiting;
};
WEIR_FIELDS(told_bulkhead, (bulkhead, at_most, in_progress, waiting))

struct told_status {
  timestamp at{};
  std::vector<told_topic> topics{};
  std::vector<told_subscription> subscriptions{};
  std::vector<told_subscriber> subscribers{};
  std::vector<told_bulkhead> bulkheads{};
};
WEIR_FIELDS(told_status, (at, topics, subscriptions, subscribers, bulkheads))

told_subscription told(const subscription_status& one) {
  const auto& counts = one.counts;
  told_subscription made{one.subscription,    one.topic,
                         counts.published,    counts.delivered,
                         counts.filtered,     counts.in_flight,
                         counts.expired,      counts.dead_lettered,
                         {},                  one.behind.sent,
                         one.behind.oldest_age, one.paused,
                         one.behind.halted,   one.halted};
  for (std::size_t i = 0; i < observe::drop_reason_count; ++i) {
    const auto reason = static_cast<observe::drop_reason>(i);
    if (const auto events = counts.dropped_for(reason); events > 0) {
      made.dropped.emplace(to_string(reason), events);
    }
  }
  return made;
}

subscription_status heard(const told_subscription& one) {
  subscription_status made{.subscription = one.subscription, .topic = one.topic};
  made.counts = {.published = one.published,
                 .delivered = one.delivered,
                 .filtered = one.filtered,
                 .in_flight = one.in_flight,
                 .expired = one.expired,
                 .dead_lettered = one.dead_lettered};
  for (std::size_t i = 0; i < observe::drop_reason_count; ++i) {
    const auto reason = static_cast<observe::drop_reason>(i);
    const auto found = one.dropped.find(std::string{to_string(reason)});
    if (found != one.dropped.end()) made.counts.drop(reason, found->second);
  }
  made.behind = {.sent = one.sent, .oldest_age = one.oldest_age_ns, .halted = one.halted};
  made.halted = one.why;
  made.paused = one.paused;
  return made;
}

observe::subscriber_counts heard(const told_subscriber& one) {
  using state = circuit_breaker::state;
  observe::subscriber_counts made{.retries = one.retries,
                                  .restarts = one.restarts,
                                  .breaker_openings = one.breaker_openings,
                                  .held_partitions = one.held_partitions};
  for (const auto known : {state::closed, state::open, state::half_open}) {
    if (one.breaker == to_string(known)) made.breaker = known;
  }
  return made;
}

}  // namespace

std::string to_json(const node_status& seen) {
  told_status all{.at = seen.at};
  for (const auto& one : seen.topics) {
    all.topics.push_back(
        {one.topic, one.partitions, one.published, one.kept_bytes, one.rings_waiting});
  }
  for (const auto& one : seen.subscriptions) all.subscriptions.push_back(told(one));
  for (const auto& [name, counts] : seen.subscribers) {
    told_subscriber made{name, counts.retries, counts.restarts, counts.breaker_openings,
                         counts.held_partitions};
    if (counts.breaker) made.breaker = to_string(*counts.breaker);
    all.subscribers.push_back(std::move(made));
  }
  for (const auto& [name, counts] : seen.bulkheads) {
    all.bulkheads.push_back({name, counts.at_most, counts.in_progress, counts.waiting});
  }
  return codec::to_json(all);
}

result<node_status> read_status(std::string_view json) {
  const auto all = codec::from_json<told_status>(json);
  if (!all) return fail(all.error());
  node_status seen{.at = all->at};
  for (const auto& one : all->topics) {
    seen.topics.push_back(
        {one.topic, one.partitions, one.published, one.kept_bytes, one.rings_waiting});
  }
  for (const auto& one : all->subscriptions) seen.subscriptions.push_back(heard(one));
  for (const auto& one : all->subscribers) {
    seen.subscribers.push_back({one.subscription, heard(one)});
  }
  for (const auto& one : all->bulkheads) {
    seen.bulkheads.push_back({one.bulkhead, {one.at_most, one.in_progress, one.waiting}});
  }
  return seen;
}

}  // namespace weir
