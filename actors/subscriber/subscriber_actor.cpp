// SPDX-License-Identifier: BSD-3-Clause
// Messages to calls, effects to messages.
#include "weir/actors/subscriber/subscriber_actor.hpp"

#include <algorithm>

#include "weir/actors/base/turn.hpp"

namespace weir::actors {

using weir::delivery::consumer;

namespace {

/// To an order that is carried out by being heard.
void reply(const letter_order& order, const result<void>& heard) {
  order.answer({heard.has_value(), heard});
}

}  // namespace

subscriber_actor::subscriber_actor(caf::actor_config& config,
                                   std::shared_ptr<subscription_state> state,
                                   directory_ptr partitions, caf::actor supervisor)
    : asking_actor(config),
      state_(std::move(state)),
      partitions_(std::move(partitions)),
      supervisor_(std::move(supervisor)) {}

caf::behavior subscriber_actor::make_behavior() {
  // The supervisor hears of the end through its monitor; nothing is printed here.
  set_exception_handler([this](std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (...) {
      tell(supervisor_, child_failed{state_->id, weir::delivery::current_exception_error()});
    }
    return caf::exit_reason::unhandled_exception;
  });
  tell(caf::actor{this}, begin{});
  return {
      [this](const delivery& arrived) {
        drive([&](auto& consumer, timestamp now, auto& out) {
          if (const auto first = arrived.events.first_offset(); arrived.follows != first) {
            consumer.jump(arrived.lane, arrived.follows, first);
          }
          consumer.receive(arrived.lane, arrived.events, arrived.settle_now, now, out);
        });
      },
      [this](room_made) {
        drive([](auto& consumer, timestamp now, auto& out) { consumer.resume(now, out); });
      },
      [this](const retry_due& due) {
        drive([&](auto& consumer, timestamp now, auto& out) {
          consumer.retry(due.lane, due.ticket, now, out);
        });
      },
      [this](const refill_due& due) { fire(&consumer::refilled, due.ticket); },
      [this](const breaker_look& due) { fire(&consumer::breaker_due, due.ticket); },
      [this](const redelivery_look& due) { fire(&consumer::redelivery_due, due.ticket); },
      [this](letters_ordered) { take_letter_orders(); },
      [this](permit_given) {
        drive([](auto& consumer, timestamp now, auto& out) { consumer.permitted(now, out); });
      },
      [this](const letters_answered&) {
        take_answers();
        drive([](auto& consumer, timestamp now, auto& out) {
          consumer.go_on_behind_letters(now, out);
        });
      },
      [this](const service_answer& given) {
        drive([&](auto& consumer, timestamp now, auto& out) {
          consumer.answered(given.ticket, given.answers, now, out);
        });
      },
      [this](level_reached& reached) { taken(reached.ticket, &reached.outcome); },
      [this](const ask_overdue& due) { fire(&consumer::overdue, due.ticket); },
      [this](begin) { start(); },
      [this](lanes_to_close) { close_lanes(); },
      [this](lanes_to_adopt) { adopt_lanes(); },
  };
}

void subscriber_actor::on_exit() {
  // One that ended before it began leaves the first handlers to the next, which does not restart.
  if (state_->started) state_->consumer.end_incarnation();
  partitions_.reset();
  supervisor_ = nullptr;
  state_.reset();
}

void subscriber_actor::start() {
  state_->orders.attend(this);
  state_->workbench->attend(this);
  state_->consumer.attend_bulkhead([self = caf::actor{this}] { tell(self, permit_given{}); });
  for (const auto lane : state_->consumer.lanes()) {
    tell(partitions_->at(lane).actor,
         subscriber_ready{state_->slots.at(lane), state_->consumer.received(lane), this});
  }
  if (std::exchange(state_->started, true)) {
    begin_again();
  } else {
    // What waits since an earlier run may be due.
    drive([](auto& consumer, timestamp now, auto& out) {
      consumer.go_on_behind_letters(now, out);
    });
  }
  close_lanes();
  adopt_lanes();
  take_letter_orders();
}

void subscriber_actor::begin_again() {
  state_->consumer.outlets().visit_rings([this](const topic::settings& to, std::uint32_t partition,
                                                const std::shared_ptr<topic::ring>& ring) {
    tell(partitions_->of(to, partition).actor, ring_joined{ring, waker{this, nullptr}});
  });
  take_answers();
  drive([](auto& consumer, timestamp now, auto& out) { consumer.restart(now, out); });
}

void subscriber_actor::close_lanes() {
  drive([this](auto& consumer, timestamp, auto&) {
    for (const auto lane : state_->orders.take_closing()) consumer.close_lane(lane);
  });
}

void subscriber_actor::adopt_lanes() {
  // One by one: if a handler ends this actor, the others are still there for the next.
  while (auto order = state_->orders.take_adoption()) {
    const auto lane = weir::delivery::consumer::id_of(order->state);
    state_->slots.insert_or_assign(lane, order->slot);
    drive([&](auto& consumer, timestamp now, auto& out) {
      consumer.adopt(order->state, now, out);
      tell(partitions_->at(lane).actor,
           subscriber_ready{order->slot, consumer.received(lane), this});
    });
  }
}

void subscriber_actor::release(const weir::delivery::consumer::carried_lane& lane) {
  state_->slots.erase(weir::delivery::consumer::id_of(lane));
  if (state_->group) tell(state_->group, lane_released{state_->id, lane});
  if (state_->slots.empty()) state_->orders.left();
}

void subscriber_actor::take_answers() {
  auto answers = state_->letters->take();
  drive([&](auto& consumer, timestamp, auto& out) {
    for (const auto& one : answers.kept) consumer.letter_stored(one.lane, out);
    if (answers.refused) consumer.halt(*answers.refused, out);
  });
  std::erase_if(state_->redrives, [&](const auto& entry) {
    const auto& [number, one] = entry;
    const auto& kept = answers.kept;
    if (!one.told || std::find(kept.begin(), kept.end(), *one.told) == kept.end()) return false;
    one.answer({true, one.outcome});
    return true;
  });
}

void subscriber_actor::take_letter_orders() {
  while (auto order = state_->workbench->take()) carry_out_order(std::move(*order));
}

void subscriber_actor::carry_out_order(letter_order order) {
  auto& consumer = state_->consumer;
  switch (order.what) {
    case letter_order::kind::redrive: {
      // What becomes of it may be known before the call returns, or after the next incarnation's.
      const auto number = order.letter->number;
      const bool known = !state_->redrives.try_emplace(number, order.answer).second;
      if (known) return order.answer(not_done({errc::already_exists, "it is being redriven"}));
      result<void> taken;
      drive([&](auto& by, timestamp now, auto& out) {
        taken = by.redrive(order.letter, now, out);
        if (!taken) state_->redrives.erase(number);
      });
      if (!taken) order.answer(not_done(taken.error()));
      return;
    }
    case letter_order::kind::rehearse: {
      const handler_turn turn;
      const auto said = consumer.rehearse(order.letter, state_->time->now());
      return order.answer({true, said});
    }
    case letter_order::kind::edit: return reply(order, consumer.edit(order.letter));
    case letter_order::kind::discard: {
      result<void> heard;
      drive([&](auto& by, timestamp now, auto& out) {
        heard = by.discard(*order.letter, now, out);
      });
      return reply(order, heard);
    }
  }
}

void subscriber_actor::end_redrives(const error& why) {
  for (const auto& [number, one] : std::exchange(state_->redrives, {})) {
    one.answer(not_done({errc::subscription_halted, to_string(why)}));
  }
}

void subscriber_actor::note_outcome(const failed_letter& told) {
  if (state_->redrives.empty()) return;
  const auto found = state_->redrives.find(told.content.number);
  if (found == state_->redrives.end()) return;
  found->second.told = {told.lane, told.content.offset};
  if (told.content.state == weir::delivery::letter_state::dead) {
    found->second.outcome = fail(told.content.failure);
  }
}

void subscriber_actor::fire(timer_function timer, std::uint64_t ticket) {
  drive([&](auto& by, timestamp now, auto& out) { (by.*timer)(ticket, now, out); });
}

template <class Step>
void subscriber_actor::drive(Step step) {
  const handler_turn turn;
  try {
    step(state_->consumer, state_->time->now(), effects_);
  } catch (...) {
    carry_out(effects_);
    throw;
  }
  carry_out(effects_);
}

void subscriber_actor::answered(std::uint64_t ticket, answer given) { taken(ticket, &given); }

void subscriber_actor::taken(std::uint64_t ticket, void* answer) {
  drive([&](auto& consumer, timestamp now, auto& out) {
    consumer.answered_foreign(ticket, answer, now, out);
  });
}

void subscriber_actor::tell_when(const topic::settings& to, std::uint32_t partition,
                                 std::shared_ptr<topic::ring> ring, publish_level level,
                                 std::uint64_t ticket) {
  const auto tell_self = [self = caf::actor{this}, ticket](result<void> outcome) {
    tell(self, level_reached{ticket, std::move(outcome)});
  };
  if (level == publish_level::accepted) {
    tell_self({});
    return;
  }
  const auto published = ring->committed();
  tell_from(*this, partitions_->of(to, partition).actor,
            await_level{std::move(ring), published, level,
                        std::make_shared<completion<result<void>>>(tell_self)});
}

void subscriber_actor::send_asks() {
  auto& consumer = state_->consumer;
  std::vector<std::uint64_t> unsent;
  for (weir::delivery::ask question; consumer.take_ask(question);) {
    if (question.foreign) {
      // A ring may get room between the two looks at it: a third try then.
      if (!question.foreign->send(this, question.ticket) &&
          (consumer.outlets().want_room() || !question.foreign->send(this, question.ticket))) {
        unsent.push_back(question.ticket);
      }
    } else if (question.requests) {
      auto service = state_->service;
      if (!question.service.empty()) {
        const auto found = state_->services->find(question.service);
        service = found == state_->services->end() ? nullptr : found->second;
      }
      if (service) {
        tell_from(*this, service, service_ask{question.ticket, question.requests, this});
      } else {
        tell(caf::actor{this}, service_answer{question.ticket, nullptr});
      }
    }
    if (question.timeout > duration::zero()) {
      tell_later(*this, question.timeout, ask_overdue{question.ticket});
    }
  }
  for (const auto ticket : unsent) consumer.ask_again(ticket);
}

void subscriber_actor::show_published() {
  state_->consumer.outlets().commit([this](const topic::settings& to, std::uint32_t partition,
                                           const std::shared_ptr<topic::ring>& ring,
                                           bool first_use, bool half_full) {
    const auto& address = partitions_->of(to, partition);
    if (first_use) tell(address.actor, ring_joined{ring, waker{this, nullptr}});
    if (address.bell->ring() || half_full) tell_from(*this, address.actor, doorbell_rung{});
  });
}

void subscriber_actor::settle(weir::delivery::effects& out) {
  for (const auto& done_range : out.settlements) {
    tell_from(*this, partitions_->at(done_range.lane).actor,
              settled{state_->slots.at(done_range.lane), done_range.up_to, done_range.counts});
  }
  out.settlements.clear();
  for (const auto& range : out.ended) {
    tell_from(*this, partitions_->at(range.lane).actor,
              unparked{state_->slots.at(range.lane), range.counts});
  }
  out.ended.clear();
}

void subscriber_actor::carry_out(weir::delivery::effects& out) {
  auto commit = begin_commit();
  // What handlers published goes first: a settled event's consequences are never still unseen.
  show_published();
  send_asks();
  if (!out.letters.empty()) {
    std::vector<failed_letter> letters;
    for (auto& letter : out.letters) {
      letters.push_back({letter.lane, std::move(letter.content)});
      note_outcome(letters.back());
    }
    tell_from(*this, supervisor_,
              events_failed{state_->letters->hand_over(state_->id, std::move(letters))});
    out.letters.clear();
  }
  const auto closed = state_->consumer.take_closed();
  if (!state_->group) {
    for (const auto& lane : closed) weir::delivery::consumer::settle(lane, out);
  }
  if (state_->commits) end_commit(std::move(commit), out);
  settle(out);
  for (const auto& again : out.retries) {
    tell_later(*this, again.delay, retry_due{again.lane, again.ticket});
  }
  out.retries.clear();
  if (const auto refill = std::exchange(out.tokens, std::nullopt)) {
    tell_later(*this, refill->delay, refill_due{refill->ticket});
  }
  if (const auto look = std::exchange(out.breaker, std::nullopt)) {
    tell_later(*this, look->delay, breaker_look{look->ticket});
  }
  if (const auto again = std::exchange(out.redelivery, std::nullopt)) {
    tell_later(*this, again->delay, redelivery_look{again->ticket});
  }
  for (const auto& lane : closed) release(lane);
  state_->seen.show(state_->consumer);
  if (auto reason = std::exchange(out.halted, std::nullopt)) {
    end_redrives(*reason);
    state_->on_halted(*reason);
  }
}

}  // namespace weir::actors
