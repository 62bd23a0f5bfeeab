// SPDX-License-Identifier: BSD-3-Clause
// How a subscription is described while it is declared: policies as values, chained.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/runtime/delivery/event_filter.hpp"
#include "weir/runtime/delivery/task_handler.hpp"
#include "weir/runtime/policy/bulkhead.hpp"
#include "weir/runtime/policy/circuit_breaker.hpp"
#include "weir/runtime/policy/rate_limit.hpp"
#include "weir/runtime/policy/recoverability.hpp"
#include "weir/runtime/supervision/child_choice.hpp"
#include "weir/runtime/topic/overflow.hpp"
#include "weir/runtime/topic/start_position.hpp"

namespace weir {

namespace actors {
struct subscriber_factory;
}

/// Everything known about a subscription before the node starts.
struct subscription_declaration {
  std::string name;
  std::string pattern;
  std::vector<const event_type*> handled;
  bool catch_all = false;
  delivery::handler_factory handlers;
  recoverability policy = default_recoverability();
  /// redeliver() was called.
  bool redelivery_chosen = false;
  std::uint32_t credit = 4;
  /// Some handler returns a task; only then may these limits be set.
  bool waits = false;
  std::optional<std::uint32_t> keys;
  std::optional<duration> timeout;
  std::optional<std::uint64_t> staged_bytes;
  overflow when_behind = overflow::block;
  std::optional<duration> time_to_live;
  /// Shares its partitions with the others of this name; empty: has them all.
  std::string group;
  start_position starting = from_latest();
  std::vector<delivery::filter_rule> filters;
  std::optional<weir::rate_limit> rate;
  std::optional<breaker_settings> breaker;
  std::optional<weir::bulkhead> bulkhead;
  /// Its handlers' effects are one commit with its positions.
  bool transactional = false;
  std::uint64_t state_bytes = std::uint64_t{8} << 20;
  /// Those of `handled` that are taken in batches.
  std::vector<const event_type*> batched;
  std::vector<std::string> publishes_to;
  /// The service its handlers ask; empty if none.
  std::string service;
  /// Set for an actor of the program's own, which then does without `handlers`.
  std::shared_ptr<const actors::subscriber_factory> custom;
  supervision::child_choice supervised{};
};

/// Refines a declared subscription, before start() begins it.
class subscription {
 public:
  explicit subscription(std::shared_ptr<subscription_declaration> declared)
      : declared_(std::move(declared)) {}

  /// Transient failures are retried in place this many times; the partition waits meanwhile. A
  /// subscription that says nothing of retries and of what follows them has three in place and
  /// three later (default_recoverability()); one that says something has none later but those of
  /// redeliver(). `retry(0)` tries nothing again.
  subscription& retry(unsigned retries, backoff delays = no_backoff()) {
    declared_->policy.in_place = {retries, delays};
    return nothing_later_unless_chosen();
  }
  /// And then delivered again later, after each of these delays in turn (at most 100, each up to 30
  /// days; none: never), with as many retries in place as before. The event waits outside of its
  /// partition, in the dead-letter store, and nothing waits for it; of its key, later events
  /// overtake it, unless keys are parked. It is in flight meanwhile: drain waits for it, and
  /// `handled` does not. What waits for durable topics outlives the process. For handlers only.
  subscription& redeliver(std::vector<duration> delays) {
    declared_->policy.later.delays = std::move(delays);
    declared_->redelivery_chosen = true;
    return *this;
  }
  /// Later events of a key wait behind one that is to be delivered again later, or is a dead
  /// letter, until that is handled, redriven or discarded: then they are handled in their order. So
  /// the order of keys holds through failures. What waits behind a dead letter is counted as
  /// dead-lettered. It takes room in the dead-letter store; if that is full the subscription halts.
  /// For handlers only.
  subscription& park_key(bool wanted = true) {
    declared_->policy.park_key = wanted;
    return *this;
  }
  /// After the last attempt: the dead-letter store (the default), or the ledger's `skipped`, or
  /// halt.
  subscription& then_dead_letter() { return then(exhausted_action::dead_letter); }
  subscription& then_skip() { return then(exhausted_action::skip); }
  subscription& then_halt() { return then(exhausted_action::halt); }
  /// Or it ends and begins anew: see exhausted_action::restart.
  subscription& then_restart() { return then(exhausted_action::restart); }
  /// What to do about some failures, whatever the others say: of several rules the first that
  /// matches decides. A rule speaks of poison and of fatal errors too.
  subscription& recover(recovery_rule rule) {
    declared_->policy.rules.push_back(std::move(rule));
    return *this;
  }
  /// An event that ended its subscriber this many times is a dead letter.
  subscription& max_deliveries(unsigned deliveries) {
    declared_->policy.max_deliveries = deliveries;
    return *this;
  }
  /// Batches per partition on their way to the subscriber at once.
  subscription& credit(std::uint32_t batches) {
    declared_->credit = batches;
    return *this;
  }
  /// Handlers that return a task: up to this many keys are in progress at once (1..65536), each in
  /// order; without it one event of each partition. Events without a key have no order then.
  subscription& concurrency(per_key limit) {
    declared_->keys = limit.keys;
    return *this;
  }
  /// Handlers that return a task: one that is not done after this time (> 0) is given up; its
  /// attempt has failed with errc::timeout, which is transient, and its key is free.
  subscription& timeout(duration longest) {
    declared_->timeout = longest;
    return *this;
  }
  /// Handlers that return a task: what they may have published before they are done, each of them
  /// and, but for one, all together (64 KiB..64 GiB; 16 MiB unless chosen). See
  /// task_context::publish.
  subscription& staged_bytes(std::uint64_t most) {
    declared_->staged_bytes = most;
    return *this;
  }
  /// What happens when it lags more than a topic's ring behind, in any partition. By default
  /// publishers wait for it; otherwise nobody ever does, and whole batches are dropped and counted
  /// in the ledger. A subscription that fails halts everywhere: what it was sent it may finish, the
  /// rest of what is kept for it stays in flight, what comes later is dropped.
  ///
  /// Nobody waits for a subscription of a durable topic, however far behind. There `block` means
  /// that keep_for and keep_bytes delete nothing that it has not settled, also while it is away,
  /// and `drop_oldest` that they do: what it was never sent is counted as dropped by `retention`,
  /// when it is deleted or, if it was away, when it is there again. What its subscriber has in hand
  /// is kept until that is settled. The other two are refused.
  subscription& overflow(weir::overflow policy) {
    declared_->when_behind = policy;
    return *this;
  }
  /// Events older than this, by their envelope's time, are counted as expired instead of handled.
  /// Looked at when the handling of a batch, or of what is left of it, begins, and not again while
  /// an event waits for its key's turn behind a coroutine; above zero. For handlers only: an actor
  /// of the program's own looks at the envelopes itself.
  subscription& time_to_live(duration limit) {
    declared_->time_to_live = limit;
    return *this;
  }
  /// Makes it a member of a consumer group: all members of one name share one subscription, which
  /// is known by that name in ledgers, dead letters and to pause(). Each partition is handled by
  /// one member at a time; partitions are spread evenly, and when members join or leave as few as
  /// that allows change hands, each when its member has finished what it had begun. All choices but
  /// the name must be the same for all members.
  subscription& group(std::string name) {
    declared_->group = std::move(name);
    return *this;
  }
  /// Where a subscription that begins on a running node begins in each partition, within what is
  /// retained there (see topic_options::retained_events); by default with what comes next.
  subscription& starting(start_position from) {
    declared_->starting = from;
    return *this;
  }
  /// Only events of type T for which `keeps(event)` is true are handled; the others are counted as
  /// filtered. T is what `keeps` takes, unless said; it is one of the types that are handled here.
  /// Several filters of a type must all agree, and are asked in the order declared. If one throws,
  /// the attempt has failed as if the handler had thrown. An event may be asked about more than
  /// once, and before those in front of it are handled: let the answer depend on the event alone.
  /// Copied at each restart. For handlers, coroutines and enrichers only.
  template <class T = void, class Predicate>
  subscription& filter(Predicate keeps) {
    if constexpr (std::is_void_v<T>) {
      return filter<delivery::handled_type<Predicate>>(std::move(keeps));
    } else {
      declared_->filters.push_back(delivery::filter_of<T>(std::move(keeps)));
      return *this;
    }
  }
  /// Handles at most this many events a second (0.001..1,000,000), `burst` (1..1,000,000) of them
  /// at once after a pause; the rest waits, in order, partitions in turn. Every time an event is
  /// given to its handler counts, retries in place too; what is filtered or expires does not, and
  /// time to live goes on while it waits. Handlers that wait (coroutines, enrichers) are limited
  /// where they begin. One actor, one bucket: members of a group would each have their own.
  /// Timers are late by up to a millisecond or so: high rates need a burst of what comes in that
  /// time. For handlers only: an actor of the program's own paces itself.
  subscription& rate_limit(double events_per_second, std::uint32_t burst = 1) {
    declared_->rate = {.per_second = events_per_second, .burst = burst};
    return *this;
  }
  /// When too many attempts fail in a row of `window`, nothing is tried for `open_for`, then one
  /// event, and if that succeeds the rest: see breaker_settings. What is held meanwhile costs no
  /// attempt and is no dead letter. Failures that say something about their event only (poison) do
  /// not count; the end of a subscriber in a handler does. Handlers that return a task and are in
  /// progress when it opens try again when it is over, each. One actor, one breaker: members of a
  /// group have each their own. For handlers only.
  subscription& circuit_breaker(const breaker_settings& settings) {
    declared_->breaker = settings;
    return *this;
  }
  /// All subscriptions of the node that name the same bulkhead together have at most so many calls
  /// of their handlers in progress, so that what they call, when it is slow, cannot take every
  /// worker. Who finds no permit holds its partitions, at no cost in attempts; permits go round,
  /// and one is kept for up to 32 events in a row, for one if somebody waits. A coroutine keeps one
  /// while it waits for something, but not between two attempts; an enricher has one for each
  /// message of up to 32 questions that is not answered. For handlers only.
  subscription& bulkhead(weir::bulkhead shared) {
    declared_->bulkhead = std::move(shared);
    return *this;
  }
  /// What its handlers do happens once, whatever is killed and whenever: what they keep
  /// (context::state), what they publish to durable topics, and how far the subscription has come
  /// become true in one commit. Handlers do not wait for it, settling does. All topics it gets
  /// events from must be durable, and handlers must not be coroutines or actors of the program's
  /// own. An enricher's results then come in the order of the partition, whatever their keys. What
  /// a handler does elsewhere is not part of it: see context::idempotency_key(). What is published
  /// to topics in memory is shown when the handling succeeds.
  subscription& transactional(bool wanted = true) {
    declared_->transactional = wanted;
    return *this;
  }
  /// Of a transactional subscription's states so much is remembered in memory, in each partition
  /// (64 KiB..64 GiB; 8 MiB unless chosen), beside what is on its way to the disk.
  subscription& state_bytes(std::uint64_t most) {
    declared_->state_bytes = most;
    return *this;
  }
  /// Says that its handlers publish to these topics: for the memory bound and the picture.
  template <class... Topic>
  subscription& publishes_to(const Topic&... topics) {
    (declared_->publishes_to.push_back(topics.name()), ...);
    return *this;
  }
  /// How its supervisor treats it: `supervise({.restart = supervision::restart_type::transient,
  /// .shutdown = 5s, .backoff = exponential(100ms)})`. Unless chosen, it is restarted at once
  /// whenever it ends, and killed when it must stop with a sibling. A transient one that ends
  /// normally (an actor of the program's own that quits), and a temporary one that ends at all or
  /// is stopped with a sibling, is over: it halts, and stays so until it is unsubscribed.
  /// `shutdown` (0..1 h) is for actors of the program's own that handle an exit message: they are
  /// asked to stop, and killed after it; handlers stop between two messages anyway. `backoff`: the
  /// n-th restart in a row waits, in a row being those within the window of the node's intensity.
  /// A member of a group cannot be temporary.
  subscription& supervise(const supervision::child_choice& choice) {
    declared_->supervised = choice;
    return *this;
  }

 private:
  subscription& then(exhausted_action action) {
    declared_->policy.on_exhausted = action;
    return nothing_later_unless_chosen();
  }
  subscription& nothing_later_unless_chosen() {
    if (!declared_->redelivery_chosen) declared_->policy.later = {};
    return *this;
  }

  std::shared_ptr<subscription_declaration> declared_;
};

}  // namespace weir
