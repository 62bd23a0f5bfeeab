// SPDX-License-Identifier: BSD-3-Clause
// A consumer driven by hand: what its shell would send is answered here, at once or in virtual
// time.
#include "weir/actors/testkit/given.hpp"

#include <algorithm>
#include <atomic>

#include "weir/runtime/core/invariant.hpp"

namespace weir::testkit {
namespace {

/// Topics of a node are counted from 0 and have other indices: a handler may publish to both.
std::atomic<std::uint32_t> next_index{4'096};
constexpr timestamp start{std::chrono::seconds{978'307'200}};
/// A handler that asks or sleeps so often for one event does not come to an end.
constexpr int steps_max = 100'000;

}  // namespace

loose_topic::loose_topic(std::string name, topic::topic_options options)
    : settings(std::make_shared<topic::settings>()) {
  settings->name = std::move(name);
  settings->index = next_index++;
  settings->options = options;
  settings->blocks = new block_pool{settings->publisher_ring().block};
}

std::size_t outcome::published_count() const noexcept {
  std::size_t count = 0;
  for (const auto& [to, events] : published_) count += events.size();
  return count;
}

std::string to_string(const outcome& then) {
  static constexpr const char* names[] = {"handled", "failed", "filtered", "died", "waiting"};
  std::string text = names[static_cast<std::size_t>(then.what())];
  if (then.failure()) text += ": " + to_string(*then.failure());
  if (const auto count = then.published_count(); count > 0) {
    text += ", published " + std::to_string(count) + (count == 1 ? " event" : " events");
  }
  return text;
}

fixture::fixture(delivery::handler_factory handlers)
    : handlers_(std::move(handlers)),
      store_(std::make_shared<store::memory_store>()),
      source_(loose_topic{"given"}.shared_settings(), 1),
      now_(start) {}

fixture& fixture::policy(recoverability chosen) {
  WEIR_INVARIANT(consumer_ == nullptr, "a policy is chosen before the first event");
  policy_ = std::move(chosen);
  return *this;
}

fixture& fixture::transactional() {
  WEIR_INVARIANT(consumer_ == nullptr, "transactional is chosen before the first event");
  transactional_ = true;
  return *this;
}

void fixture::begin() {
  if (consumer_ != nullptr) return;
  consumer_ = std::make_unique<delivery::consumer>("given", policy_, handlers_, 1);
  if (transactional_) consumer_->transact({.where = store_});
  consumer_->open_lane(0, "given", 0, 0);
}

outcome fixture::deliver() {
  begin();
  batch events;
  source_.accept();
  source_.commit([&](std::uint32_t, const std::shared_ptr<topic::ring>& ring, bool, bool) {
    events = ring->take();
  });
  events.set_first_offset(offset_);
  offset_ = events.end_offset();
  outcome then;
  drive(then, [&](delivery::effects& out) { consumer_->receive(0, events, true, now_, out); });
  for (int steps = 0; then.what_ == outcome::kind::waiting && next_timer(then); ++steps) {
    WEIR_INVARIANT(steps < steps_max, "the handler waits again and again");
  }
  timers_.clear();
  return then;
}

template <class Step>
void fixture::drive(outcome& then, Step step) {
  delivery::effects out;
  try {
    step(out);
  } catch (...) {
    // What would end the subscriber: a new incarnation, for which the event is done with.
    then.what_ = outcome::kind::died;
    then.failure_ = delivery::current_exception_error();
    consumer_.reset();
    begin();
    consumer_->jump(0, 0, offset_);
    return;
  }
  take(then, out);
  send_asks(then);
}

void fixture::take(outcome& then, delivery::effects& out) {
  auto& outlets = consumer_->outlets();
  const auto keep = [&](const topic::settings& to, std::uint32_t, batch events) {
    then.published_.emplace_back(to.name, std::move(events));
  };
  if (transactional_) {
    store::changes what;
    auto progress = consumer_->write_progress(what);
    outlets.take_outputs(keep);
    const auto done = store_->commit(what);
    WEIR_INVARIANT(done.has_value(), "a store in memory takes what it is given");
    for (const auto& written : progress.states) *written.mark = written.number;
  }
  outlets.commit([](auto&&...) {});
  outlets.visit_rings([&](const topic::settings& to, std::uint32_t partition,
                          const std::shared_ptr<topic::ring>& ring) {
    for (auto events = ring->take(); !events.empty(); events = ring->take()) {
      keep(to, partition, std::move(events));
    }
  });
  for (const auto& again : out.retries) {
    timers_.emplace(now_ + again.delay, timer{again.ticket, true});
  }
  delivery::effects later;
  for (auto& letter : out.letters) {
    then.what_ = outcome::kind::failed;
    then.failure_ = std::move(letter.content.failure);
    consumer_->letter_stored(0, later);
  }
  if (out.halted) {
    then.what_ = outcome::kind::failed;
    then.failure_ = out.halted;
  }
  for (const auto& range : out.settlements) {
    if (range.counts.delivered > 0) then.what_ = outcome::kind::handled;
    if (range.counts.filtered > 0) then.what_ = outcome::kind::filtered;
  }
}

void fixture::send_asks(outcome& then) {
  for (delivery::ask one; consumer_->take_ask(one); one = {}) {
    if (one.timeout > duration::zero()) {
      timers_.emplace(now_ + one.timeout, timer{one.ticket, false});
    }
    if (!one.requests) continue;
    const auto found = services_.find(one.service);
    std::shared_ptr<const void> answers;
    if (found != services_.end()) answers = found->second(one.requests.get());
    drive(then, [&](delivery::effects& out) {
      consumer_->answered(one.ticket, answers, now_, out);
    });
    if (then.what_ != outcome::kind::waiting) return;
  }
}

bool fixture::next_timer(outcome& then) {
  if (timers_.empty()) return false;
  const auto due = timers_.extract(timers_.begin());
  now_ = std::max(now_, due.key());
  const auto [ticket, retry] = due.mapped();
  drive(then, [&, ticket = ticket, retry = retry](delivery::effects& out) {
    if (retry) {
      consumer_->retry(0, ticket, now_, out);
    } else {
      consumer_->overdue(ticket, now_, out);
    }
  });
  return true;
}

}  // namespace weir::testkit
