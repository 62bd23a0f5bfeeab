// SPDX-License-Identifier: BSD-3-Clause
// The consumer's deferred events: those whose handler waits for a service. They keep their lane
// from settling, they are completed in the order their handler names them, and a restart begins
// with them.
#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/delivery/consumer.hpp"

namespace weir::delivery {

void consumer::collect_deferrals(lane_progress& lane, const batch& events, unsigned deaths) {
  // advance() counts every event it passes as delivered: not those that were filtered.
  if (const auto filtered = context_.take_left_out(); filtered > 0) {
    auto& counts = progress_of(lane, events.first_offset()).counts;
    counts.delivered -= filtered;
    counts.filtered += filtered;
  }
  for (const auto& [id, index] : context_.deferrals()) {
    deferred_.emplace_hint(deferred_.end(), id, deferred_event{lane.id, events, index, deaths});
    auto& batch = progress_of(lane, events.first_offset() + index);
    ++batch.open;
    // Not delivered yet, either.
    --batch.counts.delivered;
  }
  context_.deferrals().clear();
}

void consumer::complete_ready(timestamp now, effects& out) {
  if (breaker_) go_on_behind_breaker(now, out);
  go_on_with_parked(now, out);
  auto* handler = handlers_.deferring();
  if (handler == nullptr || halted_) return;
  // Lanes that go on may defer what is ready at once.
  for (bool any = true; any && !halted_;) {
    any = false;
    while (!halted_) {
      const bool room = context_.has_room() || !context_.want_room();
      auto id = room ? take_held() : std::nullopt;
      if (!id) id = room ? handler->next_ready() : handler->next_without_room();
      if (!id) break;
      if (hold(*id)) continue;
      complete(*id, now, out);
      any = true;
    }
    if (!any) return;
    if (breaker_) go_on_behind_breaker(now, out);
    go_on_with_parked(now, out);
    for (auto& lane : lanes_) {
      if (lane.state == lane_state::waits_deferred) {
        lane.state = lane_state::ready;
        run(lane, now, out);
      } else {
        settle_if_due(lane, out);
      }
    }
  }
}

void consumer::complete(std::uint64_t id, timestamp now, effects& out) {
  const auto found = deferred_.find(id);
  WEIR_INVARIANT(found != deferred_.end(), "completed an event that is not deferred");
  auto& event = found->second;
  if (pass_over(id, event, now, out)) {
    deferred_.erase(found);
    return;
  }
  auto& lane = at(event.lane);
  const auto view = event.events[event.index];
  context_.open(event.events, {.partition = lane.partition,
                               .delivery_count = deliveries_before(lane) + event.deaths + 1,
                               .attempt = event.attempts_made + 1,
                               .now = now,
                               .states = lane.states.get(),
                               .overtaken = is_overtaken(lane)});
  context_.at(event.index);
  completing_ = id;
  std::optional<result<void>> done;
  try {
    done = handlers_.deferring()->complete(id, view.payload, context_);
  } catch (const std::exception&) {
    done = result<void>{fail(current_exception_error())};
  } catch (...) {
    context_.reject();
    throw;
  }
  completing_ = 0;
  if (!done) return;
  if (*done) {
    context_.accept();
    if (breaker_) tell_breaker(1, false);
    auto& batch = progress_of(lane, view.offset);
    ++batch.counts.delivered;
    --batch.open;
  } else {
    context_.reject();
    if (fail_deferred(id, event, std::move(done->error()), now, out)) return;
  }
  deferred_.erase(found);
}

bool consumer::fail_deferred(std::uint64_t id, deferred_event& event, error failure, timestamp now,
                             effects& out) {
  auto& handler = *handlers_.deferring();
  auto& lane = at(event.lane);
  const auto view = event.events[event.index];
  // One that is in progress already keeps its place, and tries again when the breaker does.
  if (opens_breaker(failure, now) && handler.retry(id, breaker_->wait(now))) return true;
  ++event.attempts_made;
  note(event.attempts, now, failure);
  auto verdict = verdict_on(lane, view, failure, event.attempts_made);
  if (verdict.kind == verdict_kind::retry) {
    if (handler.retry(id, verdict.delay)) {
      ++counts_.retries;
      return true;
    }
    // What cannot begin anew has had its only attempt.
    verdict = verdict_on(lane, view, failure, retry_policy::retries_max + 1);
  }
  if (verdict.kind == verdict_kind::restart) {
    completing_ = id;
    throw restart_wanted{};
  }
  handler.abandon(id);
  if (verdict.kind == verdict_kind::halt) {
    halt(std::move(failure), out);
    return true;
  }
  auto& batch = progress_of(lane, view.offset);
  if (verdict.kind == verdict_kind::skip) {
    ++batch.counts.skipped;
    --batch.open;
    return false;
  }
  // Still open, now as a letter.
  auto letter = write_letter(lane, view, std::move(event.attempts), event.attempts_made,
                             event.deaths);
  const bool later = verdict.kind == verdict_kind::redeliver;
  send_letter(lane, std::move(letter), std::move(failure),
              later ? fate{letter_state::parked, now + verdict.delay} : fate{}, now, out);
  return false;
}

void consumer::run_deferred_again(timestamp now, effects& out) {
  // Deferred events were the old handlers' to complete: the new ones begin with them, in order.
  // Those deferred again by an earlier, interrupted pass come before those it did not get to.
  if (std::exchange(running_again_, false)) ++again_.front().deaths;
  const auto dead = deferred_.find(std::exchange(completing_, 0));
  if (dead != deferred_.end()) ++dead->second.deaths;
  for (auto entry = deferred_.rbegin(); entry != deferred_.rend(); ++entry) {
    again_.push_front(std::move(entry->second));
  }
  deferred_.clear();
  for (auto& lane : lanes_) lane.held.reset();
  go_on_again(now, out);
}

void consumer::go_on_again(timestamp now, effects& out) {
  for (; !halted_ && !again_.empty(); again_.pop_front()) {
    const auto& event = again_.front();
    auto& lane = at(event.lane);
    const auto view = event.events[event.index];
    if (stopped_before(lane, view.offset)) return;
    if (is_blocked(lane, view.header)) {
      send_parked(lane, view, now, out);
      continue;
    }
    running_again_ = true;
    auto failure = run_again(event, now);
    running_again_ = false;
    if (!failure) continue;
    auto letter = write_letter(lane, view, {}, 0, event.deaths);
    if (failure->code == errc::deliveries_exhausted) --letter.delivery_count;
    send_letter(lane, std::move(letter), std::move(*failure), {}, now, out);
  }
}

std::optional<error> consumer::run_again(const deferred_event& event, timestamp now) {
  if (event.deaths > 0 && deliveries_exhausted(policy_, event.deaths)) {
    return error{errc::deliveries_exhausted,
                 "ended its subscriber " + std::to_string(event.deaths) + " times"};
  }
  auto& lane = at(event.lane);
  const auto view = event.events[event.index];
  context_.open(event.events, {.partition = lane.partition,
                               .delivery_count = deliveries_before(lane) + event.deaths + 1,
                               .attempt = 1,
                               .now = now,
                               .states = lane.states.get(),
                               .overtaken = is_overtaken(lane)});
  context_.at(event.index);
  run_outcome outcome;
  try {
    outcome = handlers_.find(*view.header.type)
                  ->run(event.events.slots(), event.index, event.index + 1, context_);
  } catch (...) {
    context_.reject();
    throw;
  }
  static_cast<void>(context_.take_paused());
  if (outcome.failed) {
    context_.reject();
    return std::move(outcome.failure);
  }
  auto& batch = progress_of(lane, view.offset);
  --batch.open;
  ++batch.counts.delivered;
  collect_deferrals(lane, event.events, event.deaths);
  return std::nullopt;
}

}  // namespace weir::delivery
