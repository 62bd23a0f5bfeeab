// SPDX-License-Identifier: BSD-3-Clause
// Progress of a transactional consumer: what one commit says. Everything below a lane's position is
// done and nothing above it, because nothing is handled behind an event that is still open.
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
  lane.states = std::make_unique<partition_state>(
      state_place{transactions_->where, subscription_, lane.topic, lane.partition},
      transactions_->state_bytes_max);
}

std::uint64_t consumer::position_of(const lane_progress& lane) {
  if (!lane.letters.empty()) return lane.letters.front();
  if (lane.queue.empty()) return lane.received;
  return lane.queue.front().first_offset() + lane.index;
}

progress_written consumer::write_progress(store::changes& to) {
  progress_written written;
  // What was done before the event that ended the subscriber is not counted yet.
  if (interrupted()) return written;
  for (auto& lane : lanes_) {
    const auto position = position_of(lane);
    if (position == lane.written) continue;
    lane.written = position;
    written.any = true;
    written.states.push_back({lane.states->mark(), lane.states->write(to)});
    store::put_position(to, subscription_, lane.topic, lane.partition, position);
  }
  return written;
}

}  // namespace weir::delivery
