// SPDX-License-Identifier: BSD-3-Clause
// START HERE. The one object to embed: declare topics and subscriptions, publish values, drain,
// stop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/actors/broker/inbox.hpp"
#include "weir/actors/broker/producer.hpp"
#include "weir/actors/broker/publisher.hpp"
#include "weir/actors/broker/scheduled.hpp"
#include "weir/actors/node/options.hpp"
#include "weir/actors/node/status.hpp"
#include "weir/actors/node/subscription.hpp"
#include "weir/runtime/codec/codec.hpp"
#include "weir/runtime/delivery/enrichment.hpp"
#include "weir/runtime/delivery/letter_filter.hpp"
#include "weir/runtime/delivery/redrive_run.hpp"
#include "weir/runtime/supervision/health.hpp"
#include "weir/runtime/topology/description.hpp"

namespace weir {

class node;

/// Names a declared topic; cheap to copy, valid as long as the node. Handlers capture it to
/// publish.
class topic_handle {
 public:
  /// Says where events of type T find their key: a member pointer or function of T that gives a
  /// string or an integer. Declares that the topic carries T. Before the node starts.
  template <event_payload T, class Reader>
  topic_handle& key(Reader reader) {
    carry<T>();
    declare_key<T>(std::move(reader));
    return *this;
  }
  /// Declares that the topic carries events of these types, so that a subscription without a
  /// handler for one of them is found before the start.
  template <event_payload... T>
  topic_handle& carries() {
    (carry<T>(), ...);
    return *this;
  }

  /// Publishes from any thread; starts the node if need be. Takes a lock: on a hot path use a
  /// publisher of your own. Errors: those of publisher::publish, and errc::invalid_topology.
  template <event_payload T>
  result<void> publish(T&& value, topic::publish_options options = {}) {
    return with_publisher(
        [&](weir::publisher& to) { return to.publish(std::forward<T>(value), options); });
  }
  template <event_payload T>
  result<void> publish(T&& value, wait_for level, duration deadline,
                       topic::publish_options options = {}) {
    return with_publisher([&](weir::publisher& to) {
      return to.publish(std::forward<T>(value), level, deadline, options);
    });
  }

  /// Publishes an event at a time of the node's clock, at once if that has passed. From any thread
  /// and from handlers: it never waits, and what a handler schedules stays scheduled if its
  /// attempt fails. Events of one time are published in the order of scheduling. Errors, after
  /// which the value may be gone: errc::schedule_full (see node_options::scheduled), errc::closed,
  /// errc::event_too_large, errc::missing_key, errc::invalid_topology, and, for the first event of
  /// a topic, errc::out_of_memory_budget. Drain waits for events that are due and for no others;
  /// what is left when the node stops is counted in its drain_report. Those of a durable topic are
  /// in the store a moment later (the other publish_at waits for that) and are published once, if
  /// need be by a later run of a program that schedules events of their type, even if they were
  /// due while none ran. On the machine's clock events
  /// that come thick are published once a millisecond, so up to that much late.
  template <event_payload T>
  result<scheduled> publish_at(T&& value, timestamp at, topic::publish_options options = {}) {
    auto waiting = make_waiting(std::forward<T>(value), options);
    if (!waiting) return fail(std::move(waiting.error()));
    return schedule(std::move(*waiting), at);
  }
  /// The same, and waits until it is on disk (`stored`; at once if the topic is not durable), at
  /// most `deadline`: errc::timeout, after which it may be or not, errc::store_failed,
  /// errc::store_full. Not in handlers. errc::invalid_argument for `handled`.
  template <event_payload T>
  result<scheduled> publish_at(T&& value, timestamp at, wait_for level, duration deadline,
                               topic::publish_options options = {}) {
    auto waiting = make_waiting(std::forward<T>(value), options);
    if (!waiting) return fail(std::move(waiting.error()));
    return schedule_and_wait(std::move(*waiting), at, level, deadline);
  }
  /// The same, after a delay. errc::invalid_argument if that is negative.
  template <event_payload T>
  result<scheduled> publish_after(T&& value, duration delay, topic::publish_options options = {}) {
    if (delay < duration::zero()) return fail(negative_delay(delay));
    auto waiting = make_waiting(std::forward<T>(value), options);
    if (!waiting) return fail(std::move(waiting.error()));
    return schedule_after(std::move(*waiting), delay);
  }

  const std::string& name() const noexcept;
  std::shared_ptr<const topic::settings> shared_settings() const noexcept;

 private:
  friend class node;
  struct state;
  explicit topic_handle(std::shared_ptr<state> shared) : state_(std::move(shared)) {}

  template <event_payload T>
  void carry() {
    codec::enroll<T>();
    declare_type(type_of<T>());
  }
  template <event_payload T, class Reader>
  void declare_key(Reader reader) {
    topic::settings keys;
    keys.set_key<T>(std::move(reader));
    declare_key_rule(type_of<T>(), keys.keys[type_of<T>().index]);
  }
  void declare_type(const event_type& type);
  void declare_key_rule(const event_type& type, topic::key_rule rule);
  struct waiting_event {
    std::unique_ptr<topic::scheduled_event> event;
    std::string stored_form;  // empty: the topic is not durable
  };
  template <event_payload T>
  result<waiting_event> make_waiting(T&& value, const topic::publish_options& options) {
    codec::ensure_enrolled<T>();
    topic::ensure_maker<T>();
    auto stored = stored_form(type_of<std::remove_cvref_t<T>>(), &value, options);
    if (!stored) return fail(std::move(stored.error()));
    auto event = topic::make_scheduled(*shared_settings(), std::forward<T>(value), options);
    if (!event) return fail(std::move(event.error()));
    return waiting_event{std::move(*event), std::move(*stored)};
  }
  result<std::string> stored_form(const event_type& type, const void* payload,
                                  const topic::publish_options& options) const;
  result<scheduled> schedule(waiting_event waiting, timestamp at);
  result<scheduled> schedule_and_wait(waiting_event waiting, timestamp at, wait_for level,
                                      duration deadline);
  result<scheduled> schedule_after(waiting_event waiting, duration delay);
  error negative_delay(duration delay) const;
  result<void> with_publisher(const std::function<result<void>(weir::publisher&)>& use);

  std::shared_ptr<state> state_;
};

/// Names a service that enrichers ask; see node::service.
template <class Request, class Reply>
struct service_handle {
  using request_type = Request;
  using reply_type = Reply;
  std::string name;
};

/// A running (or not yet started) topology. Declare from one thread; publish from any. What is
/// declared while it runs begins with the next start(). Nothing is copied out of it but values, and
/// it stops when it is destroyed.
class node {
 public:
  explicit node(node_options options = {});
  /// Stops with a deadline of 10 s.
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Declares a topic. A bad or repeated name is reported by start(). On a running node, patterns
  /// of older subscriptions match it too.
  topic_handle topic(std::string name, topic::topic_options options = {});

  /// Declares a subscription to every topic that `pattern` matches, handled by functions that take
  /// (const Event&) or (const Event&, context&) and return void or result<void>, by functions that
  /// take runs of events at once (see runtime/delivery/batch_handler.hpp), or by coroutines
  /// that take (const Event&) or (const Event&, task_context&) and return task<result<void>>. The
  /// subscriber is one actor: its handlers never run at the same time, but a coroutine that waits
  /// lets others run; see subscription::concurrency. They are copied at each restart.
  template <class... F>
  subscription subscribe(std::string name, std::string pattern, F... handlers) {
    (codec::enroll<delivery::handled_type<F>>(), ...);
    subscription_declaration declared;
    declared.name = std::move(name);
    declared.pattern = std::move(pattern);
    declared.handled = {&type_of<delivery::handled_type<F>>()...};
    declared.batched = delivery::batched_types<F...>();
    declared.waits = (delivery::returns_task<F> || ...);
    declared.handlers = delivery::handlers_of(std::move(handlers)...);
    return declare(std::move(declared));
  }

  /// Declares a service: an actor that answers requests, one at a time, in the order they come. The
  /// function takes (const Request&) and returns result<Reply>; what it throws is an error.
  template <class F>
  auto service(std::string name, F answer) {
    using request = delivery::handled_type<F>;
    using reply = typename delivery::internal::callable<F>::result_type::value_type;
    declare_service(name, delivery::answering<request, reply>(std::move(answer)));
    return service_handle<request, reply>{std::move(name)};
  }

  /// Declares an enricher: events of `from` are joined with what a service knows, and published to
  /// `to` with the same key. See runtime/delivery/enrichment.hpp.
  template <class... Parts>
  subscription enrich(std::string name, const topic_handle& from, topic_handle to,
                      enrichment<Parts...> rules) {
    using types = delivery::enrichment_types<enrichment<Parts...>>;
    codec::enroll<typename types::in>();
    to.carries<typename types::out>();
    subscription_declaration declared;
    declared.name = std::move(name);
    declared.pattern = from.name();
    declared.handled = {&type_of<typename types::in>()};
    declared.publishes_to = {to.name()};
    declared.service = rules.from.name;
    declared.handlers = [rules = std::move(rules), to] {
      delivery::handler_table table;
      table.add_deferring(
          type_of<typename types::in>(),
          std::make_unique<delivery::enriching_handler<enrichment<Parts...>, topic_handle>>(rules,
                                                                                            to));
      return table;
    };
    return declare(std::move(declared));
  }

  /// Declares an actor of the program's own; see actors/node/custom.hpp.
  subscription declare(subscription_declaration declared);

  /// Checks the topology and starts it; on a running node, begins what was declared since. Every
  /// mistake is in the error, one per line: errc::invalid_topology; then nothing begins, and a
  /// running node forgets what was declared. Other errors: errc::closed after stop();
  /// errc::not_found if a start position is not retained; errc::invalid_argument in a handler.
  /// With nothing to begin it does nothing.
  result<void> start();
  /// Ends a subscription, or a member of a group. Nothing more of it begins; what is in progress is
  /// finished, `deadline` long, a member's partitions go to the others, and what a subscription (or
  /// the last of a group) has not settled is in the ledger as dropped (unsubscribed). Then its name
  /// is free again. Errors: errc::not_found, errc::closed, errc::invalid_argument in a handler, and
  /// errc::timeout if a member could not hand its partitions back in time: it goes on leaving, call
  /// again.
  result<void> unsubscribe(const std::string& name,
                           duration deadline = std::chrono::seconds{30});
  /// A subscription, or a whole group by its name, is sent nothing more until it is resumed; what
  /// it was sent it still handles. It goes on to lag, so with overflow `block` its publishers wait
  /// once a ring is full. A drain does not wait for it. Errors: errc::not_found, errc::closed,
  /// errc::invalid_argument in a handler.
  result<void> pause(const std::string& name);
  result<void> resume(const std::string& name);
  bool started() const noexcept;

  /// A publisher for one thread; starts the node if need be. errc::invalid_topology, errc::closed.
  result<publisher> make_publisher(const topic_handle& to);
  /// A publisher of a durable topic that is known by its name, across restarts too; see producer.
  /// A former owner of the name is fenced: what it has published is stored when this returns, and
  /// what it tries later is errc::fenced. Errors: those of make_publisher and of the store,
  /// errc::invalid_argument for a name that is not of 1 to 128 bytes, a topic that is not durable,
  /// or in a handler; errc::timeout if the former owner does not come to an end.
  result<producer> make_producer(const topic_handle& to, const std::string& name);
  /// A publisher of a durable topic for messages from outside that may come more than once; see
  /// inbox. The topic's newest `horizon` (1..100,000,000) message ids are remembered, at about 150
  /// bytes each beside the id, which describe() does not count. Errors: those of make_publisher and
  /// of the store; errc::invalid_argument for a topic that is not durable, another horizon than
  /// that of an inbox before, or in a handler.
  result<inbox> make_inbox(const topic_handle& to, std::uint64_t horizon);

  /// Waits until everything published so far, and everything that follows from it, is settled; or
  /// says what is not. Publishing may go on meanwhile, but then there may be no end to wait for.
  drain_report drain(duration deadline = std::chrono::seconds{30});
  /// Takes no more events, drains, ends all actors. Later calls return the same report.
  drain_report stop(duration deadline = std::chrono::seconds{30});

  /// The node's time: the machine's, or that of a simulation; before start() the machine's.
  timestamp now() const;
  /// Lets so much of the node's time pass: a thread of the program sleeps, a simulated node goes on
  /// in virtual time. Starts the node if need be. Any thread, but not beside stop().
  /// errc::invalid_argument in a handler; errors of start().
  result<void> sleep(duration how_long);

  /// How every topic and subscription is doing, now: counts, lag, ages, what has halted. It asks
  /// every partition once: some times a second is nothing. Any thread, but not beside stop();
  /// after stop, how it was then.
  node_status status();
  /// How the supervision tree is doing, now: who runs, who was restarted how often and why, what
  /// has halted; to_string() of it is a picture. Any thread, but not beside stop(); before the
  /// start a root that has `ended`, after stop, how it was then.
  supervision::health health();
  /// The ledger of every subscription, now.
  std::vector<subscription_ledger> ledgers();
  /// Dead letters, and parked ones, from number `first` (1 is the oldest) on, at most `count`.
  std::vector<delivery::dead_letter> dead_letters(std::uint64_t first = 1,
                                                  std::size_t count = 100'000);
  /// Handles dead letters again, each in the subscription that it failed in (or whose it is by
  /// name), one after the other in the order in which they died: as the plan says, a canary of a
  /// few, at a rate, until a failure repeats, or as a dry run on fresh handlers that can publish
  /// and keep nothing. A filter that names a state or a number means parked letters too: those
  /// that wait for their time are handled now. Waits for the end, or until the deadline, and says
  /// what was done by then; what is under way goes on. Errors: errc::invalid_argument,
  /// errc::not_found before start() and after stop(), errc::backpressure if 8 are under way,
  /// errc::timeout. Any thread, but not in handlers, and not beside stop().
  result<delivery::redrive_summary> redrive(const delivery::letter_filter& which,
                                            const delivery::redrive_plan& plan = {},
                                            duration deadline = std::chrono::seconds{30});
  /// Marks the dead and parked letters that the filter finds as discarded: they stay, with their
  /// story, but nobody waits for them. Returns how many; those whose event is being handled are
  /// left. Errors and threads as of redrive(), and those of the store.
  result<std::size_t> discard(const delivery::letter_filter& which);
  /// Gives a dead or parked letter another payload, which must be JSON that fits the fields of its
  /// event's type; what it was, and the note (who, and why) stay in its story. At most 16 times.
  /// Errors and threads as of discard(), and what decoding the payload says.
  result<void> edit(std::uint64_t letter, const std::string& payload, const std::string& note);
  /// What a transactional subscription (or group) keeps under a name, over all its topics and
  /// partitions, as of the last flush: `visit(key, value)`, a key may come from several partitions.
  /// Any thread, but not beside stop(). errc::not_found before start(), after stop() and without a
  /// store; others as of keyed_state.
  template <state_key K, class V, class Visit>
  result<void> scan_state(const std::string& subscription, const std::string& name,
                          Visit&& visit) const {
    const auto where = stored();
    if (where == nullptr) {
      return fail(errc::not_found, "state " + name + " of " + subscription + ": there is no store");
    }
    return delivery::scan_stored<K, V>(*where, subscription, name, std::forward<Visit>(visit));
  }
  /// Copies what the node keeps, as of the last flush, into `directory`, which must not be there,
  /// while its parent must; the node goes on meanwhile. errc::already_exists, errc::store_io,
  /// errc::store_full, errc::store_failed; errc::not_found as of scan_state. Any thread, but not in
  /// handlers, and not beside stop().
  result<void> checkpoint(const std::string& directory);
  /// The counters as Prometheus text.
  std::string metrics();
  /// What was declared, as data.
  topology::description describe() const;
  /// The actor system, for programs that bring actors of their own, and the testkit.
  struct impl;
  impl& internals() noexcept { return *impl_; }

 private:
  void declare_service(std::string name, delivery::answer_function answer);
  std::shared_ptr<const store::store> stored() const;

  std::unique_ptr<impl> impl_;
};

}  // namespace weir
