// SPDX-License-Identifier: BSD-3-Clause
// Progress, failure and settling of lanes.
#include "weir/runtime/delivery/consumer.hpp"

#include <algorithm>

#include "weir/runtime/codec/undecoded_event.hpp"
#include "weir/runtime/core/invariant.hpp"

namespace weir::delivery {

consumer::consumer(std::string subscription, recoverability policy, handler_factory factory,
                   std::uint64_t seed, task_limits limits)
    : subscription_(std::move(subscription)),
      policy_(policy),
      factory_(std::move(factory)),
      limits_(limits),
      handlers_(new_handlers()),
      chance_(seed),
      context_(chance_()) {
  context_.serve(subscription_);
}

handler_table consumer::new_handlers() const {
  auto made = factory_();
  if (made.deferring() != nullptr) made.deferring()->limit(limits_);
  return made;
}

std::uint64_t consumer::received(std::uint32_t lane) const {
  return lanes_[lane_index_.at(lane)].received;
}

std::vector<std::uint32_t> consumer::lanes() const {
  std::vector<std::uint32_t> ids;
  for (const auto& lane : lanes_) {
    if (!lane.aside_of) ids.push_back(lane.id);
  }
  return ids;
}

consumer::lane_progress& consumer::at(std::uint32_t lane) {
  auto* found = find(lane);
  WEIR_INVARIANT(found != nullptr, "no such lane");
  return *found;
}

consumer::lane_progress* consumer::find(std::uint32_t lane) noexcept {
  const auto found = lane_index_.find(lane);
  return found == lane_index_.end() ? nullptr : &lanes_[found->second];
}

void consumer::receive(std::uint32_t id, batch events, bool settle_now, timestamp now,
                       effects& out) {
  auto* found = find(id);
  if (found == nullptr || events.first_offset() != found->received) return;
  auto& lane = *found;
  lane.received = events.end_offset();
  lane.unsettled.push_back({lane.received, settle_now});
  lane.queue.push_back(std::move(events));
  run(lane, now, out);
  complete_ready(now, out);
}

void consumer::jump(std::uint32_t id, std::uint64_t from, std::uint64_t to) {
  auto* lane = find(id);
  if (lane != nullptr && lane->received == from) lane->received = to;
}

void consumer::retry(std::uint32_t id, std::uint64_t ticket, timestamp now, effects& out) {
  auto* found = find(id);
  // A ticket of an earlier incarnation or an earlier failure is a late timer.
  if (found == nullptr) return;
  auto& lane = *found;
  if (lane.state != lane_state::waits_retry || lane.ticket != ticket) return;
  lane.state = lane_state::ready;
  run(lane, now, out);
  complete_ready(now, out);
}

void consumer::resume(timestamp now, effects& out) {
  complete_ready(now, out);
  for (auto& lane : lanes_) {
    if (lane.state != lane_state::waits_room) continue;
    lane.state = lane_state::ready;
    run(lane, now, out);
  }
  complete_ready(now, out);
}

void consumer::letter_stored(std::uint32_t id, effects& out) {
  auto& lane = at(id);
  WEIR_INVARIANT(!lane.letters.empty(), "a letter was stored twice");
  const auto offset = lane.letters.front();
  --progress_of(lane, offset).open;
  lane.letters.pop_front();
  if (lane.parked != nullptr) lane.parked->stored(offset);
  settle_if_due(lane, out);
}

void consumer::halt(error reason, effects& out) {
  if (halted_) return;
  halted_ = std::move(reason);
  out.halted = halted_;
  if (bulkhead_) bulkhead_->leave();
}

void consumer::answered(std::uint64_t ticket, const std::shared_ptr<const void>& answers,
                        timestamp now, effects& out) {
  if (handlers_.deferring() == nullptr) return;
  handlers_.deferring()->answered(ticket, answers);
  complete_ready(now, out);
}

void consumer::answered_foreign(std::uint64_t ticket, void* answer, timestamp now, effects& out) {
  if (handlers_.deferring() == nullptr) return;
  handlers_.deferring()->answered_foreign(ticket, answer);
  complete_ready(now, out);
}

void consumer::overdue(std::uint64_t ticket, timestamp now, effects& out) {
  if (handlers_.deferring() == nullptr) return;
  handlers_.deferring()->overdue(ticket, now);
  complete_ready(now, out);
}

void consumer::restart(timestamp now, effects& out) {
  ++counts_.restarts;
  if (auto* lane = std::exchange(handling_, nullptr)) {
    advance(*lane, context_.index() - lane->index);
    ++lane->deaths;
    lane->attempts_made = 0;
    opens_breaker({errc::subscriber_died, "while it handled an event"}, now);
  }
  handlers_ = new_handlers();
  confine_handlers();
  awaits_tokens_ = awaits_breaker_ = false;
  redelivery_at_.reset();
  // Whatever was to show that it works again went with the old handlers.
  if (breaker_ && breaker_->now_is() == circuit_breaker::state::half_open) breaker_->failed(now);
  run_deferred_again(now, out);
  for (auto& lane : lanes_) {
    if (lane.deaths > 0 && deliveries_exhausted(policy_, lane.deaths)) {
      // There is no further delivery for the letter to count: the last one is the last death.
      const auto deaths = lane.deaths--;
      bury(lane,
           {errc::deliveries_exhausted,
            "ended its subscriber " + std::to_string(deaths) + " times"},
           {}, now, out);
    }
    // Timers died with the old actor; rings wake the new one. Trying again at once is safe.
    lane.state = lane_state::ready;
    run(lane, now, out);
  }
  complete_ready(now, out);
}

void consumer::run(lane_progress& lane, timestamp now, effects& out) {
  while (!halted_ && !lane.closing && lane.state == lane_state::ready && !lane.queue.empty() &&
         !stopped_before(lane, lane.queue.front().first_offset() + lane.index)) {
    if (lane.index < lane.queue.front().size()) {
      if (!context_.has_room() && context_.want_room()) {
        lane.state = lane_state::waits_room;
      } else {
        run_types(lane, now, out);
      }
      continue;
    }
    lane.queue.pop_front();
    lane.index = 0;
  }
  settle_if_due(lane, out);
}

void consumer::run_types(lane_progress& lane, timestamp now, effects& out) {
  const auto& events = lane.queue.front();
  const auto fresh = time_to_live_.first(false, events, lane.index, events.size(), now);
  if (const auto old = fresh - lane.index; old > 0) {
    // Whatever was tried with it before: it is too old now.
    advance(lane, old);
    counts_of(lane).delivered -= old;
    counts_of(lane).expired += old;
    return;
  }
  if (is_blocked(lane, events.envelopes()[lane.index])) [[unlikely]] {
    wait_behind(lane, now, out);
    return;
  }
  if (const auto* undecoded = codec::undecoded_at(events.slots()[lane.index])) [[unlikely]] {
    fail_event(lane, undecoded->why, now, out);
    return;
  }
  const auto* type = events.slots()[lane.index].type;
  // After a failure the event is retried alone, with its own attempt and delivery counts.
  const bool alone = lane.attempts_made > 0 || lane.deaths > 0 ||
                     events.first_offset() + lane.index < lane.one_by_one_to;
  auto to = alone ? lane.index + 1
                  : time_to_live_.first(true, events, lane.index, events.end_of_run(lane.index),
                                        now);
  if (lane.parked != nullptr) to = first_blocked(lane, events, lane.index, to);

  auto* handler = handlers_.find(*type);
  if (handler == nullptr) {
    fail_event(lane, {errc::no_handler, to_string(*type)}, now, out);
    return;
  }
  if (tokens_) {
    to = lane.index + admit(lane, to - lane.index, now, out);
    if (lane.state == lane_state::waits_tokens) return;
  }
  if (confines_lanes()) {
    to = lane.index + admit_by_bulkhead(lane, to - lane.index);
    if (lane.state == lane_state::waits_permit) return;
  }
  if (breaker_) {
    to = lane.index + admit_by_breaker(lane, to - lane.index, now);
    if (lane.state == lane_state::waits_breaker) {
      if (confines_lanes()) bulkhead_->exit();
      return;
    }
  }
  give(lane, *handler, to, now, out);
}

void consumer::give(lane_progress& lane, run_handler& handler, std::uint32_t to, timestamp now,
                    effects& out) {
  const auto& events = lane.queue.front();
  context_.open(events, {.partition = lane.partition,
                         .delivery_count = deliveries_before(lane) + lane.deaths + 1,
                         .attempt = lane.attempts_made + 1,
                         .now = now,
                         .states = lane.states.get(),
                         .overtaken = is_overtaken(lane)});
  handling_ = &lane;
  context_.at(lane.index);
  run_outcome outcome;
  try {
    outcome = handler.run(events.slots(), lane.index, to, context_);
  } catch (...) {
    // Ends the actor. What the event published goes with it; what its predecessors did stays.
    if (confines_lanes()) bulkhead_->exit();
    context_.reject();
    const auto done = context_.index() - lane.index;
    const auto wide = context_.take_wide();
    if (tokens_) tokens_->take(done - context_.left_out() + std::max(wide.events, 1U), now);
    collect_deferrals(lane, events, 0);
    if (wide.end > 0) {
      // Nobody knows whose fault it is: each is given alone now, and no death counts.
      advance(lane, done);
      lane.one_by_one_to = events.first_offset() + wide.end;
      handling_ = nullptr;
    }
    throw;
  }
  handling_ = nullptr;
  if (confines_lanes()) bulkhead_->exit();
  const auto wide = context_.take_wide();
  if (tokens_) {
    const auto passed = outcome.handled - context_.left_out();
    tokens_->take(passed + (outcome.failed ? 1 : 0) + wide.events, now);
  }
  if (breaker_) {
    const auto apart =
        context_.left_out() + static_cast<std::uint32_t>(context_.deferrals().size());
    tell_breaker(outcome.handled - apart, context_.left_out() > 0);
  }
  collect_deferrals(lane, events, lane.deaths);
  advance(lane, outcome.handled);
  if (wide.end > 0) {
    context_.reject();
    lane.one_by_one_to = events.first_offset() + wide.end;
    return;
  }
  if (context_.take_paused()) lane.state = lane_state::waits_deferred;
  if (!outcome.failed) return;
  context_.reject();
  fail_event(lane, std::move(outcome.failure), now, out);
}

void consumer::advance(lane_progress& lane, std::uint32_t events) {
  if (events == 0) return;
  counts_of(lane).delivered += events;
  lane.index += events;
  lane.attempts_made = 0;
  lane.deaths = 0;
  lane.attempts.clear();
}

void consumer::fail_event(lane_progress& lane, error failure, timestamp now, effects& out) {
  if (opens_breaker(failure, now)) return hold_by_breaker(lane);
  ++lane.attempts_made;
  note(lane.attempts, now, failure);
  const auto verdict =
      verdict_on(lane, lane.queue.front()[lane.index], failure, lane.attempts_made);
  switch (verdict.kind) {
    case verdict_kind::retry:
      ++counts_.retries;
      if (verdict.delay == duration::zero()) return;
      lane.state = lane_state::waits_retry;
      out.retries.push_back({lane.id, verdict.delay, ++lane.ticket});
      return;
    case verdict_kind::redeliver:
      bury(lane, std::move(failure), {letter_state::parked, now + verdict.delay}, now, out);
      return;
    case verdict_kind::dead_letter: bury(lane, std::move(failure), {}, now, out); return;
    case verdict_kind::skip:
      ++counts_of(lane).skipped;
      break;
    case verdict_kind::halt: halt(std::move(failure), out); return;
    case verdict_kind::restart:
      // As if the handler had ended the subscriber.
      handling_ = &lane;
      context_.at(lane.index);
      throw restart_wanted{};
  }
  lane.attempts.clear();
  lane.attempts_made = 0;
  lane.deaths = 0;
  ++lane.index;
}

verdict consumer::verdict_on(const lane_progress& lane, const event_view& event,
                             const error& failure, unsigned attempts) {
  failed_event failed{event, event.header.type->name, event.header.type->version, failure};
  if (const auto* undecoded = codec::undecoded_in(event)) {
    failed.type_name = undecoded->type_name;
    failed.type_version = undecoded->type_version;
  }
  return decide(policy_, failed, attempts, chance_, redeliveries_of(lane));
}

void consumer::bury(lane_progress& lane, error failure, fate end, timestamp now, effects& out) {
  const auto event = lane.queue.front()[lane.index];
  auto letter = write_letter(lane, event, std::exchange(lane.attempts, {}),
                             std::exchange(lane.attempts_made, 0U),
                             std::exchange(lane.deaths, 0U));
  ++progress_of(lane, letter.offset).open;
  ++lane.index;
  send_letter(lane, std::move(letter), std::move(failure), end, now, out);
}

dead_letter consumer::write_letter(const lane_progress& lane, const event_view& event,
                                   std::vector<attempt> attempts, unsigned attempts_made,
                                   unsigned deaths) const {
  auto letter = letter_of(event);
  letter.attempts = std::move(attempts);
  letter.attempt_count = attempts_made;
  letter.delivery_count = deliveries_before(lane) + deaths + 1;
  if (!lane.in_hand) return letter;
  const auto& before = *lane.in_hand->letter;
  letter.number = before.number;
  letter.edits = before.edits;
  letter.redeliveries = before.redeliveries + 1;
  letter.attempt_count += before.attempt_count;
  const auto latest = std::exchange(letter.attempts, before.attempts);
  for (const auto& one : latest) note(letter.attempts, one.time, one.failure);
  return letter;
}

void consumer::send_letter(lane_progress& lane, dead_letter letter, error failure, fate end,
                           timestamp now, effects& out) {
  letter.topic = lane.topic;
  letter.partition = lane.partition;
  letter.subscription = subscription_;
  letter.failure = std::move(failure);
  letter.died_at = now;
  letter.state = end.state;
  letter.due = end.due;
  note_parked(lane, letter, out);
  lane.letters.push_back(letter.offset);
  out.letters.push_back({lane.id, std::move(letter)});
}

void consumer::note(std::vector<attempt>& attempts, timestamp now, const error& failure) {
  if (attempts.size() == attempts_kept_max) {
    attempts.erase(attempts.begin() + attempts_kept_max / 2);
  }
  attempts.push_back({now, failure});
}

consumer::batch_progress& consumer::progress_of(lane_progress& lane, std::uint64_t offset) {
  return *std::upper_bound(lane.unsettled.begin(), lane.unsettled.end(), offset,
                           [](std::uint64_t at, const auto& batch) { return at < batch.end; });
}

void consumer::settle_if_due(lane_progress& lane, effects& out) {
  if (lane.aside_of) return end_aside(lane, out);
  settle_batches(lane, out);
}

void consumer::settle_batches(lane_progress& lane, effects& out) {
  while (lane.unsettled.size() > lane.queue.size() && lane.unsettled.front().open == 0) {
    const auto& ended = lane.unsettled.front();
    lane.done = ended.end;
    lane.done_counts += ended.counts;
    lane.settle_due = lane.settle_due || ended.settle_now;
    lane.unsettled.pop_front();
  }
  if (!lane.settle_due) return;
  lane.settle_due = false;
  out.settlements.push_back({lane.id, lane.done, std::exchange(lane.done_counts, {})});
}

}  // namespace weir::delivery
