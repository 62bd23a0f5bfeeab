// SPDX-License-Identifier: BSD-3-Clause
// The shell of one partition: woken by the doorbell, it moves batches from publishers' rings into
// the partition and sends each subscription what it has credit for. All arithmetic is
// topic::partition's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "weir/actors/base/directory.hpp"
#include "weir/actors/broker/stored_lane.hpp"

namespace weir::actors {

/// What a partition says about itself when it is asked.
struct partition_status {
  lane_id lane = 0;
  std::uint64_t next_offset = 0;
  std::uint64_t waiting_in_rings = 0;
  std::size_t kept_bytes = 0;
  /// Of a durable topic: events taken and not flushed, and why they never will be.
  std::uint64_t unstored = 0;
  std::optional<error> store_failure;
  std::vector<topic::cursor> cursors;
  std::vector<topic::unsettled> unsettled;  // by cursor slot; for active ones
};

/// Asks for the status now, or once nothing is in flight (halted subscriptions aside).
struct status_query {
  bool when_idle;
  std::uint64_t round;
  std::size_t number;  // of the partition, in the round
  caf::actor answer_to;
};
struct status_answer {
  std::uint64_t round;
  std::size_t number;
  std::shared_ptr<const partition_status> status;
};

struct partition_setup {
  lane_id lane;
  topic::partition core;
  std::shared_ptr<topic::doorbell> bell;
  std::shared_ptr<const topic::settings> topic;
  std::uint32_t number;  // within its topic
  /// A subscription with overflow `fail` lagged too far behind, or what it is to be sent cannot be
  /// read back: halt it in every partition. Called on this partition's thread.
  std::function<void(topic::subscription_id, const error&)> on_halt;
  /// What people call a subscription. On this partition's thread, too.
  std::function<std::string(topic::subscription_id)> name_of;
  /// Whether a subscription may be sent a codec::undecoded_event; if not, it halts there. On this
  /// partition's thread.
  std::function<bool(topic::subscription_id)> takes_undecoded{};
  /// Of a durable topic; null otherwise.
  std::shared_ptr<stored_lane> stored{};
};

/// To a partition of a durable topic: look what need not be kept any more; to itself.
struct retention_due {};
/// To a partition of a durable topic: what a transactional subscription has published to it.
struct transaction_part {
  std::vector<batch> events;
  transaction_ptr of;
};

class partition_actor : public caf::event_based_actor {
 public:
  partition_actor(caf::actor_config& config, partition_setup setup);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.partition"; }

 private:
  struct publisher_ring {
    std::shared_ptr<topic::ring> ring;
    waker owner;
    std::shared_ptr<ring_notes> notes;  // null: there are none
  };
  struct level_waiter {
    await_level request;
    std::uint64_t end_offset = 0;  // known once the event is sequenced
    bool sequenced = false;
  };

  void settle(const settled& range);
  void open(const cursor_wanted& wanted);
  void pause(const cursor_paused& cursor);
  void join(const ring_joined& joined);
  void work();
  void work_stored();
  bool has_room() const noexcept { return stored_ ? stored_->has_room() : core_.has_room(); }
  std::uint64_t end_of_taken() const noexcept {
    return stored_ ? stored_->end() : core_.next_offset();
  }
  void show(const batches_flushed& flush);
  void take(const transaction_part& part);
  void gather() const;
  std::uint32_t available() const;
  /// Takes what there is, ring by ring; false if that was nothing.
  bool take_from_rings(bool complete_only);
  void append(publisher_ring& from, batch events);
  void send_pending();
  void send_pending(topic::cursor_slot slot);
  /// Sends the next batch of a cursor that lags behind the ring; false if it has none to be sent.
  bool send_stored(topic::cursor_slot slot, const caf::actor& to);
  result<batch> read_stored(topic::cursor_slot slot, std::uint64_t offset);
  result<topic::cursor_slot> subscribe_stored(const cursor_wanted& wanted);
  void retain();
  std::optional<duration> delete_old();
  void keep_position(topic::cursor_slot slot);
  void send(const caf::actor& to, topic::outgoing next);
  void await(await_level request);
  void complete_waiters();
  void complete_handled();
  std::optional<error> hopeless(const level_waiter& waiter) const;
  bool idle() const;
  void answer_when_idle();
  void answer(const status_query& query);

  lane_id lane_;
  topic::partition core_;
  std::shared_ptr<topic::doorbell> bell_;
  std::uint32_t batch_events_max_;
  std::function<void(topic::subscription_id, const error&)> on_halt_;
  std::function<std::string(topic::subscription_id)> name_of_;
  std::function<bool(topic::subscription_id)> takes_undecoded_;
  std::shared_ptr<stored_lane> stored_;
  bool bell_up_ = false;
  std::vector<publisher_ring> rings_;
  std::vector<caf::actor> subscribers_;  // by cursor slot; empty until ready
  std::vector<level_waiter> waiters_;
  std::vector<status_query> idle_queries_;
  // The message of the batch sent last, shared by all subscriptions that get the same.
  caf::message shared_[2];
  std::uint64_t shared_first_[2] = {~std::uint64_t{0}, ~std::uint64_t{0}};
  std::uint64_t shared_end_[2] = {0, 0};
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::status_query)
WEIR_LOCAL_MESSAGE(weir::actors::status_answer)
WEIR_LOCAL_MESSAGE(weir::actors::transaction_part)
WEIR_LOCAL_MESSAGE(weir::actors::retention_due)
