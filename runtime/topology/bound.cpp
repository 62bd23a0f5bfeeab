// SPDX-License-Identifier: BSD-3-Clause
// Products and sums that saturate, one function per kind of row.
#include "weir/runtime/topology/bound.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>
#include <utility>

#include "weir/runtime/topology/topic_index.hpp"

namespace weir::topology {
namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

std::uint64_t plus(std::uint64_t left, std::uint64_t right) noexcept {
  return left > most - right ? most : left + right;
}

std::uint64_t times(std::uint64_t left, std::uint64_t right) noexcept {
  if (left == 0 || right == 0) return 0;
  return left > most / right ? most : left * right;
}

// A block at its fullest: slots, envelopes and arena as topic::settings lays them out, the heap
// after which it is closed, and the event that closed it.
std::uint64_t block_of(const topic_description& topic) noexcept {
  const auto table = times(topic.batch_events_max, sizeof(event_slot) + sizeof(envelope));
  const auto arena = std::max(times(topic.batch_events_max, topic::arena_bytes_per_event),
                              plus(topic.event_bytes_max, topic::key_bytes_max));
  return plus(plus(table, arena), plus(topic::block_heap_max, topic.event_bytes_max));
}

std::string count_text(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string{noun} + (count == 1 ? "" : "s");
}

bound_row topic_row(const topic_description& topic) {
  const auto ring = plus(topic.ring_bytes, block_of(topic));
  std::string limit = count_text(topic.partitions, "partition") + " x (ring " +
                      bytes_text(topic.ring_bytes) + " + batch " + bytes_text(block_of(topic));
  if (topic.durable) limit += " + on its way to the disk 3 x " + bytes_text(ring);
  limit += " + " + bytes_text(actor_bytes) + ")";
  return {"topic " + topic.name, std::move(limit),
          times(topic.partitions, plus(times(topic.durable ? 4 : 1, ring), actor_bytes))};
}

bound_row publisher_row(std::string_view who, const topic_description& topic) {
  return {std::string{who} + " -> " + topic.name,
          count_text(topic.partitions, "partition") + " x " + std::to_string(blocks_per_publisher) +
              " blocks of " + bytes_text(block_of(topic)),
          publisher_bytes(topic)};
}

/// `one` stands for `members` of a group, which share its partitions, or for itself.
bound_row subscription_row(const topic_index& topics, const subscription_description& one,
                           std::uint64_t members) {
  std::uint64_t partitions_seen = 0;
  if (const auto parsed = topic::pattern::parse(one.pattern)) {
    topics.visit(*parsed, [&](const auto& topic) { partitions_seen += topic.partitions; });
  }
  const auto messages = times(times(partitions_seen, one.credit_batches), batch_message_bytes);
  const bool alone = one.group.empty();
  // The group is an actor, too.
  const auto actors = alone ? 1 : members + 1;
  return {alone ? "subscription " + one.name : "group " + one.group,
          count_text(partitions_seen, "partition") + " x credit " +
              std::to_string(one.credit_batches) + " x " + bytes_text(batch_message_bytes) + " + " +
              (alone ? "" : std::to_string(actors) + " x ") + bytes_text(actor_bytes),
          plus(messages, times(actors, actor_bytes))};
}

/// See delivery::staging: twice the limit and one event.
bound_row staged_row(const subscription_description& one, std::uint64_t largest_event) {
  return {"published by unfinished handlers of " + one.name,
          "2 x " + bytes_text(one.staged_bytes_max) + " + " + bytes_text(largest_event),
          plus(times(2, one.staged_bytes_max), largest_event)};
}

bound_row backlog_row(const subscription_description& one, const topic_description& topic) {
  const auto sent = times(one.credit_batches, block_of(topic));
  const bool shares = one.when_behind == overflow::drop_oldest;
  const auto waiting = shares ? 0 : plus(topic.ring_bytes, block_of(topic));
  std::string limit = count_text(topic.partitions, "partition") + " x ";
  if (!shares) {
    limit += "(ring " + bytes_text(topic.ring_bytes) + " + batch " + bytes_text(block_of(topic)) +
             " + ";
  }
  limit += "credit " + std::to_string(one.credit_batches) + " x " + bytes_text(block_of(topic)) +
           (shares ? "" : ")");
  const auto& who = one.group.empty() ? one.name : one.group;
  return {"kept for " + who + " of " + topic.name, std::move(limit),
          times(topic.partitions, plus(sent, waiting))};
}

bound_row read_back_row(const subscription_description& one, const topic_description& topic) {
  return {"read back for " + (one.group.empty() ? one.name : one.group) + " of " + topic.name,
          count_text(topic.partitions, "partition") + " x credit " +
              std::to_string(one.credit_batches) + " x " + bytes_text(block_of(topic)),
          times(topic.partitions, times(one.credit_batches, block_of(topic)))};
}

bound_row states_row(const subscription_description& one, const topic_description& topic) {
  const auto changed = times(one.credit_batches, block_of(topic));
  return {"states of " + (one.group.empty() ? one.name : one.group) + " in " + topic.name,
          count_text(topic.partitions, "partition") + " x (" + bytes_text(one.state_bytes_max) +
              " + changed by credit " + std::to_string(one.credit_batches) + " x " +
              bytes_text(block_of(topic)) + ")",
          times(topic.partitions, plus(one.state_bytes_max, changed))};
}

void add_backlogs(const topic_index& topics, const subscription_description& one,
                  std::vector<bound_row>& rows) {
  const auto parsed = topic::pattern::parse(one.pattern);
  if (!parsed) return;
  topics.visit(*parsed, [&](const auto& topic) {
    if (topic.durable) {
      rows.push_back(read_back_row(one, topic));
      if (one.transactional) rows.push_back(states_row(one, topic));
    } else if (is_lossy(one.when_behind)) {
      rows.push_back(backlog_row(one, topic));
    }
  });
}

bound_row scheduled_row(const description& topology) {
  return {"scheduled events",
          bytes_text(topology.scheduled_bytes_max) + " + " +
              count_text(topology.scheduled_max, "event") + " x " +
              bytes_text(scheduled_entry_bytes) + " + " + bytes_text(actor_bytes),
          plus(plus(topology.scheduled_bytes_max,
                    times(topology.scheduled_max, scheduled_entry_bytes)),
               actor_bytes)};
}

}  // namespace

memory_bound bound_of(const description& topology) {
  memory_bound bound;
  const topic_index topics{topology};
  const auto add_publisher = [&](const std::string& who, const std::string& topic) {
    if (const auto* found = topics.find(topic)) bound.rows.push_back(publisher_row(who, *found));
  };
  for (const auto& topic : topology.topics) bound.rows.push_back(topic_row(topic));
  for (const auto& one : topology.publishers) add_publisher("publisher " + one.name, one.topic);
  for (const auto& one : topology.subscriptions) {
    for (const auto& topic : one.publishes_to) add_publisher("subscription " + one.name, topic);
    if (one.staged_bytes_max == 0 || one.publishes_to.empty()) continue;
    std::uint64_t largest = 0;
    for (const auto& to : one.publishes_to) {
      if (const auto* topic = topics.find(to)) {
        largest = std::max(largest, plus(topic->event_bytes_max, topic::key_bytes_max));
      }
    }
    bound.rows.push_back(staged_row(one, largest));
  }
  std::unordered_map<std::string_view, std::uint64_t> members;
  for (const auto& one : topology.subscriptions) ++members[one.group];
  for (const auto& one : topology.subscriptions) {
    // What a group shares counts once, where its first member is.
    if (!one.group.empty() && members[one.group] == 0) continue;
    bound.rows.push_back(subscription_row(topics, one, std::exchange(members[one.group], 0)));
    add_backlogs(topics, one, bound.rows);
  }
  bound.rows.push_back({"dead letters",
                        count_text(topology.dead_letters_max, "letter") + " x " +
                            bytes_text(topology.dead_letter_bytes_max),
                        times(topology.dead_letters_max, topology.dead_letter_bytes_max)});
  if (topology.scheduled_max > 0) bound.rows.push_back(scheduled_row(topology));
  for (const auto& row : bound.rows) bound.total_bytes = plus(bound.total_bytes, row.bytes);
  return bound;
}

std::uint64_t publisher_bytes(const topic_description& topic) noexcept {
  return times(topic.partitions, times(blocks_per_publisher, block_of(topic)));
}

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 4> units{"B", "KiB", "MiB", "GiB"};
  std::uint64_t unit = 1;
  std::size_t name = 0;
  while (name + 1 < units.size() && bytes / unit >= 1024) {
    unit *= 1024;
    ++name;
  }
  // In tenths, rounded up: a bound that is shown must not look smaller than it is.
  const auto whole = bytes / unit;
  const auto tenths = ((bytes % unit) * 10 + unit - 1) / unit;
  std::string text = std::to_string(whole + tenths / 10);
  if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text + " " + std::string{units[name]};
}

}  // namespace weir::topology
