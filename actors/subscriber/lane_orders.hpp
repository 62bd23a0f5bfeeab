// SPDX-License-Identifier: BSD-3-Clause
// What a subscriber is told to do with lanes while it runs. Orders outlive incarnations: one that
// arrives while the subscriber is being restarted is carried out by the next.
//
// Closing is urgent: it comes before the batches in the mailbox. Adopting is not: batches that were
// sent to an earlier tenure of the lane must be passed over first.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "weir/actors/base/completion.hpp"
#include "weir/actors/base/messages.hpp"
#include "weir/runtime/delivery/consumer.hpp"

namespace weir::actors {

/// To a subscriber: there are lanes to close.
struct lanes_to_close {};
/// To a subscriber: there are lanes to go on with.
struct lanes_to_adopt {};

/// Any thread may call.
class lane_orders {
 public:
  struct adoption {
    topic::cursor_slot slot;
    weir::delivery::consumer::carried_lane state;
  };
  /// Go on with this lane.
  void adopt(adoption order);
  /// Finish with this lane and hand it back. If it was not yet adopted, it is handed back here.
  weir::delivery::consumer::carried_lane close(lane_id lane);
  /// Complete this when no lane is left.
  void leave(completion_ptr<bool> done);

  /// The living incarnation, from now on.
  void attend(const caf::actor& living);
  std::optional<adoption> take_adoption();
  std::vector<lane_id> take_closing();
  /// No lane is left.
  void left();

 private:
  caf::actor living() const { return caf::actor_cast<caf::actor>(living_); }

  std::mutex access_;
  caf::actor_addr living_;  // weak: the actor keeps what we are part of
  std::deque<adoption> adoptions_;
  std::vector<lane_id> closing_;
  completion_ptr<bool> leaving_;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::lanes_to_close)
WEIR_LOCAL_MESSAGE(weir::actors::lanes_to_adopt)
