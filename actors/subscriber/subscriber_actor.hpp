// SPDX-License-Identifier: BSD-3-Clause
// One incarnation of a subscription: a mailbox around a delivery::consumer, which outlives it.
// Batches come in, the consumer handles them, and its effects go out as messages.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "weir/actors/base/asking_actor.hpp"
#include "weir/actors/base/directory.hpp"
#include "weir/actors/store/commit_port.hpp"
#include "weir/actors/subscriber/gauges.hpp"
#include "weir/actors/subscriber/lane_orders.hpp"
#include "weir/actors/supervision/messages.hpp"
#include "weir/runtime/delivery/consumer.hpp"

namespace weir::actors {

/// A member of a group has finished with a lane; to the group.
struct lane_released {
  supervision::child_id member;
  weir::delivery::consumer::carried_lane state;
};

/// What all incarnations of a subscriber share. Only the living one touches the consumer.
struct subscription_state {
  subscription_state(std::string name, const recoverability& policy,
                     weir::delivery::handler_factory handlers, std::uint64_t seed,
                     weir::delivery::task_limits limits)
      : consumer(std::move(name), policy, std::move(handlers), seed, limits) {}

  supervision::child_id id = 0;
  weir::delivery::consumer consumer;
  bool started = false;
  open_letters_ptr letters = std::make_shared<open_letters>();
  caf::actor service;  // whom an enricher asks
  /// All of the node, by name: coroutines may ask any. Set before the start.
  std::shared_ptr<const std::unordered_map<std::string, caf::actor>> services;
  std::unordered_map<lane_id, topic::cursor_slot> slots;  // of the consumer's lanes
  lane_orders orders;
  letter_orders_ptr workbench = std::make_shared<letter_orders>();
  /// Redrives that were taken, by the number of the letter.
  struct open_redrive {
    std::function<void(const letter_reply&)> answer;
    std::optional<open_letters::place> told{};  // as what the store is to answer
    result<void> outcome{};
  };
  std::map<std::uint64_t, open_redrive> redrives;
  gauges seen;
  /// Whom closed lanes are handed back to; empty unless this is the member of a group.
  caf::actor group;
  /// Of a transactional subscription: who writes, and what may be settled once an event that has
  /// ended the subscriber is dealt with. Empty otherwise.
  commit_port commits;
  std::vector<weir::delivery::effects::settlement> held_back;
  std::shared_ptr<const clock> time;
  /// Handles nothing more; halts the subscription everywhere.
  std::function<void(const error&)> on_halted;
};

/// The delay of a retry is over; to the subscriber itself.
struct retry_due {
  lane_id lane;
  std::uint64_t ticket;
};
/// The circuit breaker has been open long enough; to the subscriber itself.
struct breaker_look {
  std::uint64_t ticket;
};
/// A parked event is due; to the subscriber itself.
struct redelivery_look {
  std::uint64_t ticket;
};
/// It is its turn to take a permit of its bulkhead; to the subscriber, by whoever gave it back.
struct permit_given {};
/// There are tokens again; to the subscriber itself.
struct refill_due {
  std::uint64_t ticket;
};
/// The timeout of a question to the service; to the subscriber itself.
struct ask_overdue {
  std::uint64_t ticket;
};
/// To the subscriber itself, once, after its start.
struct begin {};

/// An event that a handler published with a wait level has reached it, or never will; to the
/// subscriber itself.
struct level_reached {
  std::uint64_t ticket;
  result<void> outcome;
};

class subscriber_actor : public asking_actor {
 public:
  subscriber_actor(caf::actor_config& config, std::shared_ptr<subscription_state> state,
                   directory_ptr partitions, caf::actor supervisor);
  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.subscriber"; }

  /// For foreign requests: publishes at once, for no attempt. What comes of it is taken under the
  /// ticket, a result<void>. False if the ring is full: then `value` is untouched.
  template <names_topic Topic, event_payload T>
  bool publish_for(std::uint64_t ticket, publish_level level, const Topic& to, T& value,
                   const topic::publish_options& options) {
    auto placed = state_->consumer.outlets().publish_now(to, std::move(value),
                                                         state_->time->now(), options);
    if (!placed && placed.error().code == errc::backpressure) return false;
    if (!placed) {
      tell(caf::actor{this}, level_reached{ticket, fail(std::move(placed.error()))});
      return true;
    }
    show_published();
    tell_when(*to.shared_settings(), placed->first, std::move(placed->second), level, ticket);
    return true;
  }

 private:
  void answered(std::uint64_t ticket, answer given) override;
  void taken(std::uint64_t ticket, void* answer);
  /// Commits what is accepted and wakes its partitions.
  void show_published();
  /// Has itself told when all that the ring has now has reached the level.
  void tell_when(const topic::settings& to, std::uint32_t partition,
                 std::shared_ptr<topic::ring> ring, publish_level level, std::uint64_t ticket);
  /// Runs `step(consumer, now, effects)` and carries the effects out, also when a handler's throw
  /// ends this actor: what was done before it stays done.
  template <class Step>
  void drive(Step step);
  using timer_function = void (weir::delivery::consumer::*)(std::uint64_t, timestamp,
                                                            weir::delivery::effects&);
  void fire(timer_function timer, std::uint64_t ticket);
  void carry_out(weir::delivery::effects& out);
  void settle(weir::delivery::effects& out);

  // Of a transactional subscription; see subscriber_commit.cpp. What is committed is taken before
  // anything else is done with the consumer, and sent when it is known what may be settled then.
  struct commit_begun {
    changes_ptr what{};
    weir::delivery::progress_written progress{};
    std::map<lane_id, std::vector<batch>> published{};
  };
  commit_begun begin_commit();
  void end_commit(commit_begun begun, weir::delivery::effects& out);
  void start();
  void begin_again();
  void close_lanes();
  void adopt_lanes();
  void release(const weir::delivery::consumer::carried_lane& lane);
  void take_answers();
  void note_outcome(const failed_letter& told);
  void end_redrives(const error& why);
  void take_letter_orders();
  void carry_out_order(letter_order order);
  void send_asks();

  std::shared_ptr<subscription_state> state_;
  directory_ptr partitions_;
  caf::actor supervisor_;
  weir::delivery::effects effects_;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::retry_due)
WEIR_LOCAL_MESSAGE(weir::actors::breaker_look)
WEIR_LOCAL_MESSAGE(weir::actors::redelivery_look)
WEIR_LOCAL_MESSAGE(weir::actors::refill_due)
WEIR_LOCAL_MESSAGE(weir::actors::permit_given)
WEIR_LOCAL_MESSAGE(weir::actors::ask_overdue)
WEIR_LOCAL_MESSAGE(weir::actors::level_reached)
WEIR_LOCAL_MESSAGE(weir::actors::begin)
WEIR_LOCAL_MESSAGE(weir::actors::lane_released)
