// SPDX-License-Identifier: BSD-3-Clause
// One incarnation of a subscription: a mailbox around a delivery::consumer, which outlives it.
// Batches come in, the consumer handles them, and its effects go out as messages.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "weir/actors/base/directory.hpp"
#include "weir/actors/supervision/messages.hpp"
#include "weir/runtime/delivery/consumer.hpp"

namespace weir::actors {

/// Where a subscription halted and why; shared with the node, which reports it.
struct halted_subscription {
  std::string subscription;
  error reason;
};

/// What all incarnations of a subscription share. Only the living one touches the consumer.
struct subscription_state {
  subscription_state(std::string name, const recoverability& policy,
                     weir::delivery::handler_factory handlers, std::uint64_t seed,
                     weir::delivery::task_limits limits)
      : consumer(std::move(name), policy, std::move(handlers), seed, limits) {}

  supervision::child_id id = 0;
  weir::delivery::consumer consumer;
  bool started = false;
  letter_answers_ptr answers = std::make_shared<letter_answers>();
  caf::actor service;  // whom an enricher asks
  /// All of the node, by name: coroutines may ask any. Set before the start.
  std::shared_ptr<const std::unordered_map<std::string, caf::actor>> services;
  std::unordered_map<lane_id, topic::cursor_slot> slots;
  std::shared_ptr<const clock> time;
  std::function<void(halted_subscription)> on_halted;
};

/// The delay of a retry is over; to the subscriber itself.
struct retry_due {
  lane_id lane;
  std::uint64_t ticket;
};
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

class subscriber_actor : public caf::event_based_actor {
 public:
  subscriber_actor(caf::actor_config& config, std::shared_ptr<subscription_state> state,
                   directory_ptr partitions, caf::actor supervisor);
  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "weir.subscriber"; }

  /// For foreign requests: what came of one. On this actor's turn.
  void answered(std::uint64_t ticket, const std::shared_ptr<const void>& answers);

 private:
  /// Runs `step(consumer, now, effects)` and carries the effects out, also when a handler's throw
  /// ends this actor: what was done before it stays done.
  template <class Step>
  void drive(Step step);
  void carry_out(weir::delivery::effects& out);
  void start();
  void take_answers();
  void send_asks();

  std::shared_ptr<subscription_state> state_;
  directory_ptr partitions_;
  caf::actor supervisor_;
  weir::delivery::effects effects_;
};

}  // namespace weir::actors

WEIR_LOCAL_MESSAGE(weir::actors::retry_due)
WEIR_LOCAL_MESSAGE(weir::actors::refill_due)
WEIR_LOCAL_MESSAGE(weir::actors::ask_overdue)
WEIR_LOCAL_MESSAGE(weir::actors::begin)
