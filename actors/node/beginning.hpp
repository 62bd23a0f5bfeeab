// SPDX-License-Identifier: BSD-3-Clause
// What one call of start() begins, while it does.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "weir/actors/node/impl.hpp"

namespace weir {

struct node::impl::new_lane {
  actors::lane_id lane;
  topic::cursor_slot slot;
  std::uint64_t start;
  std::shared_ptr<const topic::settings> topic;
  std::uint32_t number;
};

struct node::impl::beginning {
  std::vector<std::shared_ptr<topic_handle::state>> topics;
  std::vector<std::shared_ptr<topic_handle::state>> live_topics;
  std::vector<std::shared_ptr<subscription_entry>> subscriptions;
  std::vector<std::shared_ptr<cursor_owner>> old_owners;
  std::vector<std::shared_ptr<cursor_owner>> owners;  // new ones
  std::shared_ptr<std::vector<actors::partition_setup>> setups =
      std::make_shared<std::vector<actors::partition_setup>>();
  std::map<topic::subscription_id, std::vector<new_lane>> lanes;  // by owner
  waiting_letters waiting;
  // Parked letters of events that come again anyway.
  std::vector<actors::failed_letter> overtaken;

  bool is_new(const cursor_owner& owner) const {
    return std::find_if(owners.begin(), owners.end(),
                        [&](const auto& one) { return one.get() == &owner; }) != owners.end();
  }
};

}  // namespace weir
