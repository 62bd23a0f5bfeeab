// SPDX-License-Identifier: BSD-3-Clause
// Progress of a transactional consumer: what one commit says. Everything below a lane's position is
// done and nothing above it, because events that wait are completed in the order of the lane, and
// nothing is handled behind one whose letter is not stored.
#include <algorithm>
#include <utility>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/delivery/consumer.hpp"
#include "weir/runtime/store/partition_log.hpp"

namespace weir::delivery {

void consumer::transact(transaction_setup setup) {
  transactions_ = std::move(setup);
  context_.transact();
}

void consumer::give_states(lane_progress& lane) const {
  // One that comes from another member brings its own.
  if (!transactions_ || lane.states != nullptr) return;
  lane.states = std::make_shared<partition_state>(
      state_place{transactions_->where, subscription_, lane.topic, lane.partition},
      transactions_->state_bytes_max);
}

std::uint64_t consumer::position_of(const lane_progress& lane) const {
  auto position = lane.queue.empty() ? lane.received
                                     : lane.queue.front().first_offset() + lane.index;
  for (const auto letter : lane.letters) position = std::min(position, letter);
  // In the order of each lane: its first is its oldest.
  const auto of_lane = [&](const deferred_event& event) { return event.lane == lane.id; };
  const auto oldest = [&](const deferred_event& event) {
    position = std::min(position, event.events.first_offset() + event.index);
  };
  const auto waiting = std::find_if(deferred_.begin(), deferred_.end(),
                                    [&](const auto& entry) { return of_lane(entry.second); });
  if (waiting != deferred_.end()) oldest(waiting->second);
  const auto again = std::find_if(again_.begin(), again_.end(), of_lane);
  if (again != again_.end()) oldest(*again);
  return position;
}

bool consumer::stopped_before(const lane_progress& lane, std::uint64_t offset) const {
  if (!transactions_) return false;
  if (std::any_of(lane.letters.begin(), lane.letters.end(),
                  [&](std::uint64_t letter) { return letter < offset; })) {
    return true;
  }
  // Those that a restart begins with come first.
  return std::any_of(again_.begin(), again_.end(), [&](const deferred_event& event) {
    return event.lane == lane.id && event.events.first_offset() + event.index < offset;
  });
}

bool consumer::hold(std::uint64_t id) {
  const auto found = deferred_.find(id);
  if (!transactions_ || found == deferred_.end()) return false;
  const auto& event = found->second;
  auto& lane = at(event.lane);
  if (!stopped_before(lane, event.events.first_offset() + event.index)) return false;
  WEIR_INVARIANT(!lane.held, "two deferred events of a lane are ready at once");
  lane.held = id;
  return true;
}

std::optional<std::uint64_t> consumer::take_held() {
  if (!transactions_) return std::nullopt;
  for (auto& lane : lanes_) {
    const auto id = std::exchange(lane.held, std::nullopt);
    if (id && !hold(*id)) return id;
  }
  return std::nullopt;
}

void consumer::go_on_behind_letters(timestamp now, effects& out) {
  // Of one that has ended its subscriber, restart() takes care first.
  if (interrupted()) return;
  if (!transactions_) return go_on_with_parked(now, out);
  go_on_again(now, out);
  // Other lanes may have waited for what they begin with again behind this one.
  for (auto& lane : lanes_) run(lane, now, out);
  complete_ready(now, out);
}

progress_written consumer::write_progress(store::changes& to) {
  progress_written written;
  // What was done before the event that ended the subscriber is not counted yet.
  if (interrupted()) return written;
  for (auto& lane : lanes_) {
    if (lane.aside_of) continue;
    const auto position = position_of(lane);
    if (position == lane.written && lane.letters_done.empty()) continue;
    for (const auto& key : std::exchange(lane.letters_done, {})) {
      to.erase(store::table::dead_letters, key);
    }
    lane.written = position;
    written.any = true;
    written.states.push_back({lane.states->mark(), lane.states->write(to)});
    store::put_position(to, subscription_, lane.topic, lane.partition, position);
  }
  return written;
}

}  // namespace weir::delivery
