// SPDX-License-Identifier: BSD-3-Clause
// Which lanes a consumer has. A lane is moved only when nothing of it is open: no event of it is
// deferred and every letter is stored. So all that moves is a value, and nothing is handled twice.
#include <algorithm>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/delivery/consumer.hpp"

namespace weir::delivery {


consumer::lane_progress consumer::fresh_progress(std::uint32_t lane, std::string topic,
                                                 std::uint32_t partition,
                                                 std::uint64_t first_offset) {
  lane_progress fresh{};
  fresh.id = lane;
  fresh.topic = std::move(topic);
  fresh.partition = partition;
  fresh.received = fresh.done = fresh.written = first_offset;
  return fresh;
}

consumer::carried_lane consumer::fresh_lane(std::uint32_t lane, std::string topic,
                                            std::uint32_t partition, std::uint64_t first_offset) {
  return std::make_shared<carried>(
      carried{fresh_progress(lane, std::move(topic), partition, first_offset)});
}

std::uint32_t consumer::id_of(const carried_lane& lane) { return lane->progress.id; }

void consumer::open_lane(std::uint32_t lane, std::string topic, std::uint32_t partition,
                         std::uint64_t first_offset) {
  WEIR_INVARIANT(find(lane) == nullptr, "a lane opened twice");
  WEIR_INVARIANT(handling_ == nullptr, "lanes do not move while one is handled");
  lane_index_.emplace(lane, lanes_.size());
  lanes_.push_back(fresh_progress(lane, std::move(topic), partition, first_offset));
  give_states(lanes_.back());
}

void consumer::adopt(const carried_lane& lane, timestamp now, effects& out) {
  auto& progress = lane->progress;
  WEIR_INVARIANT(find(progress.id) == nullptr, "a lane adopted twice");
  WEIR_INVARIANT(handling_ == nullptr, "lanes do not move while one is handled");
  lane_index_.emplace(progress.id, lanes_.size());
  lanes_.push_back(std::move(progress));
  auto& mine = lanes_.back();
  give_states(mine);
  parks_ = parks_ || mine.parked != nullptr;
  mine.state = lane_state::ready;
  run(mine, now, out);
  complete_ready(now, out);
}

void consumer::close_lane(std::uint32_t id) {
  auto* lane = find(id);
  if (lane == nullptr || std::exchange(lane->closing, true)) return;
  ++closing_;
  // What waits outside of it goes with it.
  if (lane->parked == nullptr) return;
  for (auto& other : lanes_) {
    if (other.aside_of == id) other.closing = true;
  }
}

std::vector<consumer::carried_lane> consumer::take_closed() {
  std::vector<carried_lane> taken;
  // What ended its subscriber is dealt with first, by the next incarnation.
  if (closing_ == 0 || interrupted() || halted_) return taken;
  std::vector<std::uint32_t> ids;
  std::erase_if(lanes_, [&](lane_progress& lane) {
    const bool open = std::any_of(lane.unsettled.begin(), lane.unsettled.end(),
                                  [](const batch_progress& batch) { return batch.open > 0; });
    if (!lane.closing || lane.aside_of || open || !give_up_aside(lane)) return false;
    lane.closing = false;
    --closing_;
    ids.push_back(lane.id);
    taken.push_back(std::make_shared<carried>(carried{std::move(lane)}));
    return true;
  });
  if (taken.empty()) return taken;
  std::erase_if(lanes_, [&](const lane_progress& lane) {
    return lane.aside_of && std::find(ids.begin(), ids.end(), *lane.aside_of) != ids.end();
  });
  lane_index_.clear();
  for (std::size_t i = 0; i < lanes_.size(); ++i) lane_index_.emplace(lanes_[i].id, i);
  return taken;
}

void consumer::settle(const carried_lane& carried, effects& out) {
  auto& lane = carried->progress;
  lane.settle_due = true;
  settle_batches(lane, out);
  if (lane.index == 0) return;
  // The batch in progress, up to where it was left.
  out.settlements.push_back({lane.id, lane.queue.front().first_offset() + lane.index,
                             std::exchange(counts_of(lane), {})});
}

}  // namespace weir::delivery
