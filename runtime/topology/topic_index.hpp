// SPDX-License-Identifier: BSD-3-Clause
// Which topics a pattern means, without asking each: most patterns are a topic's name. What is
// declared by the hundred thousand is compared with all topics only where it has wildcards.
#pragma once

#include <string_view>
#include <unordered_map>

#include "weir/runtime/topic/pattern.hpp"
#include "weir/runtime/topology/description.hpp"

namespace weir::topology {

/// Of a description that outlives it and does not change.
class topic_index {
 public:
  explicit topic_index(const description& topology) : topology_(topology) {
    for (const auto& topic : topology.topics) by_name_.emplace(topic.name, &topic);
  }

  /// Null if it is not declared; the first of several that have the name.
  const topic_description* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }
  /// Calls `see(topic)` for each topic that matches, in the order of declaration.
  template <class See>
  void visit(const topic::pattern& subject, See&& see) const {
    if (subject.is_literal()) {
      if (const auto* topic = find(subject.text())) see(*topic);
      return;
    }
    for (const auto& topic : topology_.topics) {
      if (subject.matches(topic.name)) see(topic);
    }
  }

 private:
  const description& topology_;
  std::unordered_map<std::string_view, const topic_description*> by_name_;
};

}  // namespace weir::topology
