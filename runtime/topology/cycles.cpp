// SPDX-License-Identifier: BSD-3-Clause
// Breadth first from each topic; a topic that lies on a reported cycle begins none of its own.
#include "weir/runtime/topology/cycles.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "weir/runtime/topic/pattern.hpp"
#include "weir/runtime/topology/topic_index.hpp"

namespace weir::topology {
namespace {

struct edge {
  std::string to;
  std::string by;  // the subscription
};
using graph = std::map<std::string, std::vector<edge>>;

graph graph_of(const description& topology) {
  graph flow;
  const topic_index topics{topology};
  for (const auto& one : topology.subscriptions) {
    if (one.publishes_to.empty()) continue;
    const auto parsed = topic::pattern::parse(one.pattern);
    if (!parsed) continue;
    topics.visit(*parsed, [&](const topic_description& topic) {
      for (const auto& to : one.publishes_to) {
        if (topics.find(to) != nullptr) flow[topic.name].push_back({to, one.name});
      }
    });
  }
  return flow;
}

/// The edges of a shortest way from a topic back to it.
std::optional<std::vector<edge>> way_back(const graph& flow, const std::string& start) {
  std::map<std::string, std::pair<std::string, edge>> came;  // to a topic: from where, by what
  std::deque<std::string> next{start};
  while (!next.empty()) {
    const auto at = next.front();
    next.pop_front();
    const auto edges = flow.find(at);
    if (edges == flow.end()) continue;
    for (const auto& one : edges->second) {
      if (!came.emplace(one.to, std::pair{at, one}).second) continue;
      if (one.to != start) {
        next.push_back(one.to);
        continue;
      }
      std::vector<edge> way;
      for (auto back = start; way.empty() || back != start; back = came.at(back).first) {
        way.insert(way.begin(), came.at(back).second);
      }
      return way;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> cycles_of(const description& topology) {
  const auto flow = graph_of(topology);
  std::vector<std::string> found;
  std::set<std::string> told;
  for (const auto& topic : topology.topics) {
    if (told.contains(topic.name)) continue;
    const auto way = way_back(flow, topic.name);
    if (!way) continue;
    auto text = topic.name;
    for (const auto& step : *way) {
      text += " -> [" + step.by + "] -> " + step.to;
      told.insert(step.to);
    }
    found.push_back(std::move(text));
  }
  return found;
}

}  // namespace weir::topology
