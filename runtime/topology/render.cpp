// SPDX-License-Identifier: BSD-3-Clause
// Columns are as wide as their widest entry; nothing is cut off.
#include "weir/runtime/topology/render.hpp"

#include <algorithm>
#include <string_view>

#include "weir/runtime/policy/backoff.hpp"
#include "weir/runtime/topic/pattern.hpp"
#include "weir/runtime/topology/cycles.hpp"

namespace weir::topology {
namespace {

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string joined(const std::vector<std::string>& parts, std::string_view none) {
  if (parts.empty()) return std::string{none};
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

template <class Parts>
std::size_t widest_name(const Parts& parts) {
  std::size_t width = 0;
  for (const auto& part : parts) width = std::max(width, part.name.size());
  return width;
}

std::string topics_text(const description& topology) {
  std::string text = "\ntopics\n";
  const auto width = widest_name(topology.topics);
  for (const auto& topic : topology.topics) {
    text += "  " + padded(topic.name, width) + "  " + std::to_string(topic.partitions) +
            (topic.partitions == 1 ? " partition" : " partitions") +
            (topic.ordered ? ", ordered by key" : "") + (topic.durable ? ", durable\n" : "\n");
    text += "    batches of " + std::to_string(topic.batch_events_max) + " events, rings of " +
            std::to_string(topic.ring_events) + " events or " + bytes_text(topic.ring_bytes) +
            ", events of " + bytes_text(topic.event_bytes_max) + " at most";
    if (topic.keep_for > duration::zero()) text += ", kept " + duration_text(topic.keep_for);
    if (topic.keep_bytes > 0) text += ", " + bytes_text(topic.keep_bytes) + " kept";
    if (topic.retained_events > 0) {
      text += ", the newest " + std::to_string(topic.retained_events) + " retained";
    }
    text += "\n";
    for (const auto& type : topic.event_types) {
      const auto& keyed = topic.keyed_types;
      const bool has_key = std::find(keyed.begin(), keyed.end(), type) != keyed.end();
      text += "    " + type + (has_key ? " (keyed)" : "") + "\n";
    }
  }
  return text;
}

std::string subscriptions_text(const description& topology) {
  if (topology.subscriptions.empty()) return "";
  std::string text = "\nsubscriptions\n";
  const auto width = widest_name(topology.subscriptions);
  for (const auto& one : topology.subscriptions) {
    auto handled = one.handles;
    if (one.catch_all) handled.emplace_back("everything else");
    text += "  " + padded(one.name, width) + "  to " + one.pattern + ", handles " +
            joined(handled, "nothing") + ", credit " + std::to_string(one.credit_batches) +
            (one.credit_batches == 1 ? " batch" : " batches");
    if (is_lossy(one.when_behind)) text += ", overflow " + std::string{to_string(one.when_behind)};
    if (one.time_to_live) text += ", time to live " + duration_text(*one.time_to_live);
    if (!one.group.empty()) text += ", in group " + one.group;
    if (!one.filtered.empty()) text += ", filters " + joined(one.filtered, "");
    if (!one.batched.empty()) text += ", in batches " + joined(one.batched, "");
    if (one.rate) text += ", at most " + to_string(*one.rate);
    if (one.breaker) text += ", " + to_string(*one.breaker);
    if (one.bulkhead) text += ", " + to_string(*one.bulkhead);
    if (one.transactional) text += ", transactional";
    text += "\n";
  }
  return text;
}

// One line per topic: who publishes to it, the topic, who subscribes to it.
std::string flow_text(const description& topology) {
  std::string text = "\nflow\n";
  for (const auto& topic : topology.topics) {
    std::vector<std::string> from;
    std::vector<std::string> to;
    for (const auto& one : topology.publishers) {
      if (one.topic == topic.name) from.push_back(one.name);
    }
    for (const auto& one : topology.subscriptions) {
      const auto& targets = one.publishes_to;
      const bool publishes = std::find(targets.begin(), targets.end(), topic.name) != targets.end();
      if (publishes) from.push_back(one.name);
      const auto parsed = topic::pattern::parse(one.pattern);
      if (parsed && parsed->matches(topic.name)) to.push_back(one.name);
    }
    text += "  " + joined(from, "(nobody)") + " -> [" + topic.name + "] -> " +
            joined(to, "(nobody)") + "\n";
  }
  for (const auto& cycle : cycles_of(topology)) text += "  cycle: " + cycle + "\n";
  return text;
}

std::string bound_text(const description& topology, const memory_bound& bound) {
  std::vector<bound_row> rows = bound.rows;
  rows.push_back(
      {"total", "budget " + bytes_text(topology.memory_budget_bytes), bound.total_bytes});
  std::size_t what_width = 0;
  std::size_t size_width = 0;
  for (const auto& row : rows) {
    what_width = std::max(what_width, row.what.size());
    size_width = std::max(size_width, bytes_text(row.bytes).size());
  }
  std::string text = "\nmemory bound\n";
  for (const auto& row : rows) {
    const auto size = bytes_text(row.bytes);
    text += "  " + padded(row.what, what_width) + "  " +
            std::string(size_width - size.size(), ' ') + size + "  " + row.limit + "\n";
  }
  return text;
}

}  // namespace

std::string render(const description& topology, const memory_bound& bound) {
  return "topology " + topology.name + "\n" + topics_text(topology) + subscriptions_text(topology) +
         flow_text(topology) + bound_text(topology, bound);
}

}  // namespace weir::topology
