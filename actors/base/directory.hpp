// SPDX-License-Identifier: BSD-3-Clause
// Where every partition is: written while the node starts, read by publishers and subscribers from
// any thread afterwards, and cleared when it stops.
#pragma once

#include <memory>
#include <vector>

#include "weir/actors/base/messages.hpp"
#include "weir/runtime/topic/doorbell.hpp"
#include "weir/runtime/topic/settings.hpp"

namespace weir::actors {

struct partition_address {
  caf::actor actor;
  std::shared_ptr<topic::doorbell> bell;
  std::shared_ptr<const topic::settings> topic;
  std::uint32_t number;  // within its topic
};

struct directory {
  std::vector<partition_address> partitions;  // by lane
  std::vector<lane_id> first_lane;            // by topic index

  const partition_address& of(const topic::settings& topic, std::uint32_t partition) const {
    return partitions[first_lane[topic.index] + partition];
  }
};

using directory_ptr = std::shared_ptr<const directory>;

}  // namespace weir::actors
