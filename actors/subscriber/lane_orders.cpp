// SPDX-License-Identifier: BSD-3-Clause
// Orders in, a knock at the door.
#include "weir/actors/subscriber/lane_orders.hpp"

#include <algorithm>
#include <utility>

namespace weir::actors {

using weir::delivery::consumer;

void lane_orders::adopt(adoption order) {
  const std::lock_guard lock{access_};
  adoptions_.push_back(std::move(order));
  if (const auto to = living()) tell(to, lanes_to_adopt{});
}

consumer::carried_lane lane_orders::close(lane_id lane) {
  const std::lock_guard lock{access_};
  const auto waiting =
      std::find_if(adoptions_.begin(), adoptions_.end(),
                   [lane](const adoption& order) { return consumer::id_of(order.state) == lane; });
  if (waiting != adoptions_.end()) {
    auto state = std::move(waiting->state);
    adoptions_.erase(waiting);
    return state;
  }
  closing_.push_back(lane);
  if (const auto to = living()) tell_urgently(to, lanes_to_close{});
  return nullptr;
}

void lane_orders::leave(completion_ptr<bool> done) {
  const std::lock_guard lock{access_};
  leaving_ = std::move(done);
}

void lane_orders::attend(const caf::actor& living) {
  const std::lock_guard lock{access_};
  living_ = living.address();
}

std::optional<lane_orders::adoption> lane_orders::take_adoption() {
  const std::lock_guard lock{access_};
  if (adoptions_.empty()) return std::nullopt;
  auto first = std::move(adoptions_.front());
  adoptions_.pop_front();
  return first;
}

std::vector<lane_id> lane_orders::take_closing() {
  const std::lock_guard lock{access_};
  return std::exchange(closing_, {});
}

void lane_orders::left() {
  const std::lock_guard lock{access_};
  if (const auto done = std::exchange(leaving_, nullptr)) done->complete(true);
}

}  // namespace weir::actors
