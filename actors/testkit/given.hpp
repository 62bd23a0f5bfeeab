// SPDX-License-Identifier: BSD-3-Clause
// START HERE to test handlers: given what happened before, when an event comes, then this is what
// it led to. A handler, a coroutine or an enricher runs without a node, without actors and without
// threads, over the same code as in one; time is virtual.
//
// Example:
//   auto billing = given(charge)                      // void, result<void> or task<result<void>>
//                      .service("bank", [](const payment&) -> result<receipt> { return ...; })
//                      .earlier(order_created{"o-1", 1999});
//   const auto then = billing.when(order_paid{"o-1"});
//   CHECK(then.succeeded());
//   CHECK(then.published<receipt_sent>("receipts").size() == 1);
//   CHECK(billing.state<std::string, std::int64_t>("totals", "c-7") == 1999);
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/delivery/consumer.hpp"
#include "weir/runtime/delivery/enrichment.hpp"
#include "weir/runtime/delivery/task_handler.hpp"
#include "weir/runtime/store/memory_store.hpp"

namespace weir::testkit {

/// A topic to publish to where there is no node. Handlers that take any topic can be given it;
/// those with a topic_handle can have one of a node that never starts.
struct loose_topic {
  explicit loose_topic(std::string name, topic::topic_options options = {});
  std::shared_ptr<const topic::settings> shared_settings() const noexcept { return settings; }

  std::shared_ptr<topic::settings> settings;
};

/// What came of one event. A value.
class outcome {
 public:
  enum class kind : std::uint8_t { handled, failed, filtered, died, waiting };

  /// It was handled; with a policy of retries, perhaps not at the first attempt.
  bool succeeded() const noexcept { return what_ == kind::handled; }
  /// The last attempt failed like this: in a node it would be a dead letter.
  bool failed_with(errc code) const noexcept {
    return what_ == kind::failed && failure_->code == code;
  }
  /// `died`: it threw what is no std::exception, which ends a subscriber. `waiting`: for an actor,
  /// which there is none of.
  kind what() const noexcept { return what_; }
  /// Of `failed` and `died`.
  const std::optional<error>& failure() const noexcept { return failure_; }
  /// What it published to `topic`, of type T, in that order. A failed attempt publishes nothing.
  template <event_payload T>
  std::vector<T> published(const std::string& topic) const {
    std::vector<T> found;
    for (const auto& [to, events] : published_) {
      if (to != topic) continue;
      for (const event_view event : events) {
        if (event.is<T>()) found.push_back(event.as<T>());
      }
    }
    return found;
  }
  /// How many events it published, to whatever topics.
  std::size_t published_count() const noexcept;

 private:
  friend class fixture;
  kind what_ = kind::waiting;
  std::optional<error> failure_;
  std::vector<std::pair<std::string, batch>> published_;  // by topic
};

/// `handled, published 2 events`; `failed: rejected: no such order`.
std::string to_string(const outcome& then);

/// Handlers and what they have to do with, on a bench. One thread. Handlers keep what they know
/// from event to event, as one incarnation of a subscriber does.
class fixture {
 public:
  explicit fixture(delivery::handler_factory handlers);

  /// Who answers what coroutines and enrichers ask this service; the empty name is that of an
  /// enricher's own. Who is asked and not scripted does not answer: errc::lookup_failed, or what
  /// the asking side makes of that. The answer comes at once.
  template <class F>
  fixture& service(std::string name, F answer) {
    using request = delivery::handled_type<F>;
    using reply = typename delivery::internal::callable<F>::result_type::value_type;
    services_[std::move(name)] = delivery::answering<request, reply>(std::move(answer));
    return *this;
  }
  /// As subscription::retry and the others; no retries otherwise. Before the first event.
  fixture& policy(recoverability chosen);
  /// Handlers may keep states, which state() shows. Before the first event.
  fixture& transactional();
  /// An event that was handled before: whatever comes of it, the handlers have seen it.
  template <event_payload T>
  fixture& earlier(T event, const topic::publish_options& options = {}) {
    static_cast<void>(when(std::move(event), options));
    return *this;
  }
  /// The event comes. Virtual time moves as far as delays and sleeps need.
  template <event_payload T>
  outcome when(T event, const topic::publish_options& options = {}) {
    codec::ensure_enrolled<T>();
    auto built = source_.build(std::move(event), now_, options);
    WEIR_INVARIANT(built.has_value(), "the event does not fit into a batch");
    return deliver();
  }
  /// What a transactional handler keeps under this name and key after the events so far.
  template <state_key K, class V>
  std::optional<V> state(const std::string& name, const K& key) const {
    std::optional<V> found;
    const auto seen = delivery::scan_stored<K, V>(
        *store_, "given", name, [&](const K& one, const V& value) {
          if (one == key) found = value;
          return true;
        });
    return seen ? found : std::nullopt;
  }
  /// The virtual time.
  timestamp now() const noexcept { return now_; }

 private:
  struct timer {
    std::uint64_t ticket;
    bool retry;
  };

  void begin();
  outcome deliver();
  /// One call of the consumer, and what follows from it at once.
  template <class Step>
  void drive(outcome& then, Step step);
  void take(outcome& then, delivery::effects& out);
  void send_asks(outcome& then);
  bool next_timer(outcome& then);

  delivery::handler_factory handlers_;
  recoverability policy_;
  bool transactional_ = false;
  std::map<std::string, delivery::answer_function> services_;
  std::unique_ptr<delivery::consumer> consumer_;
  std::shared_ptr<store::memory_store> store_;
  topic::publisher source_;
  std::uint64_t offset_ = 0;
  timestamp now_;
  std::multimap<timestamp, timer> timers_;
};

/// Handlers as node::subscribe takes them.
template <class... F>
fixture given(F... handlers) {
  return fixture{delivery::handlers_of(std::move(handlers)...)};
}

/// An enricher as node::enrich takes it, publishing to `to`; script its service.
template <names_topic Topic, class... Parts>
fixture given(enrichment<Parts...> rules, Topic to) {
  return fixture{[rules = std::move(rules), to] {
    delivery::handler_table table;
    table.add_deferring(
        type_of<typename delivery::enrichment_types<enrichment<Parts...>>::in>(),
        std::make_unique<delivery::enriching_handler<enrichment<Parts...>, Topic>>(rules, to));
    return table;
  }};
}

}  // namespace weir::testkit
