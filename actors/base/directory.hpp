// SPDX-License-Identifier: BSD-3-Clause
// Where every partition is. The node adds a topic before anybody knows of it; publishers and
// subscribers read from any thread what they know of.
//
// Invariant: what was added never moves, so that reading needs no lock.
#pragma once

#include <memory>
#include <vector>

#include "weir/actors/base/messages.hpp"
#include "weir/runtime/topic/doorbell.hpp"
#include "weir/runtime/topic/settings.hpp"
#include "weir/runtime/topology/limits.hpp"

namespace weir::actors {

struct partition_address {
  caf::actor actor;
  std::shared_ptr<topic::doorbell> bell;
  std::shared_ptr<const topic::settings> topic;
  std::uint32_t number;  // within its topic
};

class directory {
 public:
  directory() : topics_(topology::topics_max) {}

  static lane_id lane_of(const topic::settings& topic, std::uint32_t partition) noexcept {
    return topic.index * lanes_per_topic + partition;
  }
  /// Makes room for a topic's partitions, whose addresses the caller fills in.
  void add(const topic::settings& topic) {
    topics_[topic.index] = std::make_unique<partition_address[]>(topic.options.partitions);
  }
  bool has(const topic::settings& topic) const { return topics_[topic.index] != nullptr; }
  partition_address& at(lane_id lane) {
    return topics_[lane / lanes_per_topic][lane % lanes_per_topic];
  }
  const partition_address& at(lane_id lane) const {
    return topics_[lane / lanes_per_topic][lane % lanes_per_topic];
  }
  const partition_address& of(const topic::settings& topic, std::uint32_t partition) const {
    return topics_[topic.index][partition];
  }

 private:
  static constexpr lane_id lanes_per_topic = topology::partitions.most;

  std::vector<std::unique_ptr<partition_address[]>> topics_;  // by index
};

using directory_ptr = std::shared_ptr<const directory>;

}  // namespace weir::actors
