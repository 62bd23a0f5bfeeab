// SPDX-License-Identifier: BSD-3-Clause
// Beginning, suspending, resuming and ending handlers.
#include "weir/runtime/delivery/task_runner.hpp"

#include <algorithm>

#include "weir/runtime/core/hash.hpp"
#include "weir/runtime/core/invariant.hpp"

namespace weir::delivery {

task_runner::~task_runner() = default;

std::optional<task_runner::key_type> task_runner::key_of(const context& where) const {
  if (limits_.keys == 0) return where.partition();
  if (where.key().empty()) return std::nullopt;  // without a key there is no order to keep
  return stable_hash(where.key());
}

bool task_runner::is_behind(const context& where) const {
  const auto key = key_of(where);
  return key && queues_.contains(*key);
}

run_outcome task_runner::run(task_starter& starter, const event_slot* slots, std::uint32_t from,
                             std::uint32_t to, context& where) {
  now_ = std::max(now_, where.now());
  // Handlers that return at once share a permit, which the next event's activity keeps.
  const struct permit_guard {
    task_runner& of;
    ~permit_guard() {
      if (!of.spares_.empty()) of.give_permit(*of.spares_.back());
    }
  } guard{*this};
  for (auto index = from; index < to; ++index) {
    where.at(index);
    if (spares_.empty()) spares_.emplace_back(new activity{*this});
    auto& what = *spares_.back();
    what.starter = &starter;
    const bool behind = !queues_.empty() && is_behind(where);
    if (!behind && !full() && take_permit(what)) {
      auto done = begin(what, slots[index].payload, where);
      if (done && *done) [[likely]] {
        if (calls_ != nullptr && --what.permitted == 0) calls_->exit();
        if (where.staged() && !where.accept()) return {index + 1 - from, false, {}};
        continue;
      }
      ++started_;
      if (done) what.failure = std::move(done->error());
      where.reject();
    } else {
      give_permit(what);
      if (!behind) backlog_.push_back(&what);
    }
    hold(std::move(spares_.back()), where);
    spares_.pop_back();
    if (limits_.keys == 0 || full()) {
      where.pause();
      return {index + 1 - from, false, {}};
    }
  }
  return {to - from, false, {}};
}

void task_runner::hold(std::unique_ptr<activity> what, context& where) {
  const auto id = where.defer();
  what->id = id;
  what->key = key_of(where);
  if (what->key) {
    const auto [queue, fresh] = queues_.try_emplace(*what->key, what.get(), what.get());
    if (!fresh) queue->second.newest = queue->second.newest->behind = what.get();
  }
  // A failure is reported like a later one: retrying it must not hold up other keys.
  if (what->failure) ready_.push_back({what.get(), step::report_failure});
  deferred_.emplace(id, std::move(what));
}

std::optional<result<void>> task_runner::begin(activity& what, const void* payload,
                                               context& where) {
  what.open(where);
  try {
    if (auto done = what.starter->begin(payload, what, where, what.running)) return done;
  } catch (const std::exception&) {
    return result<void>{fail(current_exception_error())};
  }
  what.running.start();
  auto done = outcome_of(what, where);
  if (!done && limits_.timeout > duration::zero()) {
    add_wait(what, nullptr, reason::handler_limit, limits_.timeout);
  }
  return done;
}

std::optional<result<void>> task_runner::outcome_of(activity& what, context& where) {
  if (!what.running.done()) return std::nullopt;
  if (const auto* done = what.running.peek();
      done != nullptr && done->has_value() && what.published().empty() && !what.unseen_error()) {
    what.running.reset();
    return result<void>{};
  }
  const auto finished = std::move(what.running);
  std::optional<result<void>> done;
  try {
    done = finished.take();
    if (*done) done = publish_staged(what, where);
  } catch (const std::exception&) {
    done = result<void>{fail(current_exception_error())};
  }
  forget_published(what);
  return done;
}

result<void> task_runner::publish_staged(activity& what, context& where) {
  if (what.unseen_error()) return fail(std::move(*what.unseen_error()));
  for (auto& one : what.published()) {
    if (auto sent = one->into(where); !sent) return sent;
  }
  return {};
}

std::optional<std::uint64_t> task_runner::next_ready() {
  if (ready_.empty()) return std::nullopt;
  return ready_.front().who->id;
}

std::optional<std::uint64_t> task_runner::next_without_room() {
  const auto found = std::find_if(ready_.begin(), ready_.end(),
                                  [](const auto& entry) { return entry.without_room; });
  if (found == ready_.end()) return std::nullopt;
  std::rotate(ready_.begin(), found, found + 1);
  return next_ready();
}

std::optional<result<void>> task_runner::complete(std::uint64_t id, const void* payload,
                                                  context& where) {
  const auto next = ready_.front();
  auto& what = *next.who;
  WEIR_INVARIANT(what.id == id, "completed another event than the one named");
  ready_.pop_front();
  now_ = std::max(now_, where.now());
  std::optional<result<void>> done;
  switch (next.what) {
    case step::begin: done = begin(what, payload, where); break;
    case step::go_on:
      what.resumed_at(where.now());
      next.resume.resume();
      if (what.running.done() && !what.published().empty() && !where.has_room()) {
        drop_waits(what);  // done in time, whatever the rings say
        ready_.push_back({&what, step::publish});
        return std::nullopt;
      }
      done = outcome_of(what, where);
      break;
    case step::publish: done = outcome_of(what, where); break;
    case step::report_failure: done = fail(std::move(*what.failure)); break;
  }
  if (!done) return done;
  cancel(what);
  if (*done) finish(what);
  return done;
}

bool task_runner::retry(std::uint64_t id, duration delay) {
  auto& what = *deferred_.at(id);
  if (delay <= duration::zero()) {
    begin_again(what);
  } else {
    add_wait(what, nullptr, reason::retry, delay);
  }
  return true;
}

void task_runner::pass_over(std::uint64_t id) {
  auto& what = *deferred_.at(id);
  cancel(what);
  finish(what);
}

void task_runner::abandon(std::uint64_t id) { finish(*deferred_.at(id)); }

void task_runner::finish(activity& what) {
  --started_;
  if (what.key) {
    const auto queue = queues_.find(*what.key);
    WEIR_INVARIANT(queue->second.oldest == &what, "an event ended before one of the same key");
    queue->second.oldest = std::exchange(what.behind, nullptr);
    if (queue->second.oldest == nullptr) {
      queues_.erase(queue);
    } else {
      backlog_.push_back(queue->second.oldest);
    }
  }
  const auto held = deferred_.find(what.id);
  if (spares_.size() < spares_max) spares_.push_back(std::move(held->second));
  deferred_.erase(held);
  begin_waiting();
}

// --- permits ---

bool task_runner::take_permit(activity& what) {
  if (calls_ == nullptr || what.permitted > 0) return true;
  if (no_permit_) return false;
  what.permitted = calls_->take(permits::events_max);
  no_permit_ = what.permitted == 0;
  return !no_permit_;
}

void task_runner::give_permit(activity& what) {
  if (std::exchange(what.permitted, 0U) > 0) calls_->exit();
}

void task_runner::begin_again(activity& what) {
  if (take_permit(what)) {
    ready_.push_back({&what, step::begin});
  } else {
    unpermitted_.push_back(&what);
  }
}

void task_runner::begin_waiting() {
  while (!unpermitted_.empty() && take_permit(*unpermitted_.front())) {
    ready_.push_back({unpermitted_.front(), step::begin});
    unpermitted_.pop_front();
  }
  while (!backlog_.empty() && !full() && take_permit(*backlog_.front())) {
    ++started_;
    ready_.push_back({backlog_.front(), step::begin});
    backlog_.pop_front();
  }
}

void task_runner::permitted() {
  // What it came for still waits: nothing is given up before it begins.
  no_permit_ = false;
  begin_waiting();
}

void task_runner::cancel(activity& what) {
  // The frame first: what it destroys may not look at waits, but waits point into it.
  what.running.reset();
  what.failure.reset();
  drop_waits(what);
  std::erase_if(ready_, [&](const auto& entry) { return entry.who == &what; });
  std::erase(unpermitted_, &what);
  give_permit(what);
  forget_published(what);
}

void task_runner::drop_waits(activity& what) {
  while (!what.tickets.empty()) take_wait(waits_.find(what.tickets.back()));
}

// --- waiting ---

void task_runner::wait(task_context& who, suspension& where, duration longest) {
  const auto ticket =
      add_wait(static_cast<activity&>(who), &where, reason::suspended, longest);
  if (where.asks()) unasked_.push_back(ticket);
  if (where.unstaged != nullptr) unstaged_.push_back(ticket);
}

std::uint64_t task_runner::add_wait(activity& who, suspension* where, reason why,
                                    duration longest) {
  const auto ticket = next_ticket_++;
  const auto end = now_ + std::min(longest, timestamp::max() - now_);
  const auto until = longest > duration::zero()
                         ? deadlines_.emplace_hint(deadlines_.end(), end, ticket)
                         : deadlines_.end();
  waits_.emplace(ticket, pending{&who, where, why, until});
  who.tickets.push_back(ticket);
  return ticket;
}

task_runner::pending task_runner::take_wait(wait_table::iterator found) {
  const auto taken = found->second;
  if (taken.until != deadlines_.end()) deadlines_.erase(taken.until);
  std::erase(taken.who->tickets, found->first);
  waits_.erase(found);
  return taken;
}

void task_runner::wait_is_over(const pending& wait) {
  auto& who = *wait.who;
  switch (wait.why) {
    case reason::suspended:
      ready_.push_back({&who, step::go_on, wait.where->resume, wait.where->publishes()});
      return;
    case reason::retry: begin_again(who); return;
    case reason::handler_limit:
      cancel(who);
      who.failure = error{errc::timeout, "the handler was not done within " +
                                             std::to_string(limits_.timeout.count() / 1'000'000) +
                                             " ms"};
      ready_.push_back({&who, step::report_failure, {}, true});
      return;
  }
}

bool task_runner::take_ask(ask& out) {
  while (!unasked_.empty()) {
    const auto found = waits_.find(unasked_.front());
    unasked_.pop_front();
    if (found == waits_.end()) continue;  // given up before it was asked
    out = std::move(found->second.where->what);
    out.ticket = found->first;
    return true;
  }
  // One timer for all deadlines, for the earliest.
  if (deadlines_.empty()) return false;
  const auto earliest = deadlines_.begin()->first;
  if (armed_ && *armed_ <= earliest) return false;
  armed_ = earliest;
  out = {.ticket = 0, .timeout = std::max(earliest - now_, duration{1})};
  return true;
}

void task_runner::answered(std::uint64_t ticket, const std::shared_ptr<const void>& answers) {
  const auto found = waits_.find(ticket);
  if (found == waits_.end()) return;
  found->second.where->answer = answers;
  wait_is_over(take_wait(found));
}

void task_runner::answered_foreign(std::uint64_t ticket, void* answer) {
  const auto found = waits_.find(ticket);
  if (found == waits_.end()) return;
  found->second.where->what.foreign->take(answer);
  wait_is_over(take_wait(found));
}

void task_runner::overdue(std::uint64_t, timestamp now) {
  now_ = std::max(now_, now);
  armed_.reset();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_) {
    const auto found = waits_.find(deadlines_.begin()->second);
    if (found->second.where != nullptr) found->second.where->overdue = true;
    wait_is_over(take_wait(found));
  }
  stage_waiting();
}

// --- what is published before its handler is done ---

std::optional<error> task_runner::stage(task_context& context, std::unique_ptr<staged>& what) {
  auto& who = static_cast<activity&>(context);
  const auto bytes = what->bytes();
  const auto limit = [this] { return std::to_string(staging_.bytes_max()) + " bytes"; };
  switch (staging_.admit(&who, who.staged_bytes, bytes)) {
    case staging::verdict::too_much:
      return error{errc::event_too_large, "one handler publishes more than " + limit()};
    case staging::verdict::wait:
      return error{errc::backpressure,
                   "handlers that are not done have published " + limit() + " already"};
    case staging::verdict::admitted: break;
  }
  who.staged_bytes += bytes;
  who.published().push_back(std::move(what));
  return std::nullopt;
}

void task_runner::stage_waiting() {
  while (!unstaged_.empty()) {
    if (const auto found = waits_.find(unstaged_.front()); found != waits_.end()) {
      if (stage(*found->second.who, *found->second.where->unstaged)) return;
      wait_is_over(take_wait(found));
    }
    unstaged_.pop_front();
  }
}

void task_runner::forget_published(activity& what) {
  what.unseen_error().reset();
  if (what.published().empty() && unstaged_.empty()) return;
  what.published().clear();
  staging_.release(&what, std::exchange(what.staged_bytes, 0));
  stage_waiting();
}

}  // namespace weir::delivery
