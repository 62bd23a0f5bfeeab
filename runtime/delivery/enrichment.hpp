// SPDX-License-Identifier: BSD-3-Clause
// Enrichment: an event goes in, context from a service is joined to it, a richer event comes out.
// While an event waits for its context, events of other keys go on; those of the same key wait
// behind it.
//
// Flow of one event: ask() says what it needs; what the cache has is joined at once; the rest is
// requested (each request once, however many events want it) and the event is deferred. Answers and
// timeouts make events ready; within a key they become ready in order. A request that fails for a
// transient reason is asked again `retries` times; then `fallback` may still give a result, else
// the event is a dead letter with the service's error.
//
// Bounds: at most `cache` replies are kept (the oldest go first), at most `waiting_max` events
// wait.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "weir/runtime/delivery/handler.hpp"

namespace weir {

/// Stands for "no such step" in an enrichment.
struct nothing {};

/// What an enricher does. `Service` names a service (see node::service) with request_type and
/// reply_type; a request is copyable, hashable (std::hash) and equality comparable.
/// Example:
///   node.enrich("with-user", orders, orders_with_user, weir::enrichment{
///       .from = users,
///       .ask = [](const order_created& order) { return order.user_id; },
///       .join = [](const order_created& order, const user& buyer) -> weir::result<order_with_user>
///           { return order_with_user{order, buyer.name}; }});
template <class Service, class Ask, class Join, class Check = nothing, class Fallback = nothing>
struct enrichment {
  Service from;
  /// (const In&) -> Request or std::array<Request, N>.
  Ask ask;
  /// (const In&, const Reply&) or (const In&, const std::array<const Reply*, N>&) -> result<Out>.
  /// A third parameter context& is given if taken: the result is not all that it may publish, and
  /// a transactional enricher may keep states.
  Join join;
  /// (const In&) -> result<void>: what fails here is not even asked for.
  Check check{};
  /// (const In&, const error&) -> result<Out>: instead of a context that cannot be had. A third
  /// parameter context& is given if taken.
  Fallback fallback{};
  duration timeout = std::chrono::seconds{2};
  /// How often a request that failed for a transient reason is asked again.
  unsigned retries = 2;
  std::size_t cache = 10'000;
  std::size_t waiting_max = 1024;
};
template <class S, class A, class J>
enrichment(S, A, J) -> enrichment<S, A, J>;
template <class S, class A, class J, class C>
enrichment(S, A, J, C) -> enrichment<S, A, J, C>;
template <class S, class A, class J, class C, class F, class... Numbers>
enrichment(S, A, J, C, F, Numbers...) -> enrichment<S, A, J, C, F>;

namespace delivery {

namespace internal {
template <class T>
struct as_array {
  using type = std::array<T, 1>;
  static constexpr bool single = true;
};
template <class T, std::size_t N>
struct as_array<std::array<T, N>> {
  using type = std::array<T, N>;
  static constexpr bool single = false;
};
}  // namespace internal

/// The types that follow from an enrichment's functions.
template <class Rules>
struct enrichment_types;
template <class S, class A, class J, class C, class F>
struct enrichment_types<enrichment<S, A, J, C, F>> {
  using in = handled_type<A>;
  using asked = internal::as_array<std::remove_cvref_t<std::invoke_result_t<A&, const in&>>>;
  using requests = typename asked::type;
  using request = typename requests::value_type;
  using reply = typename S::reply_type;
  using out = typename internal::callable<J>::result_type::value_type;
  static constexpr bool has_check = !std::is_same_v<C, nothing>;
  static constexpr bool has_fallback = !std::is_same_v<F, nothing>;
  static_assert(std::is_same_v<request, typename S::request_type>,
                "ask() must return what the service takes");
};

/// Replies by request, the oldest forgotten first. One owner.
template <class Request, class Reply>
class reply_cache {
 public:
  explicit reply_cache(std::size_t keep_max) : keep_max_(keep_max) {}

  const std::shared_ptr<const Reply>* find(const Request& request) const {
    const auto found = replies_.find(request);
    return found == replies_.end() ? nullptr : &found->second;
  }
  void put(const Request& request, std::shared_ptr<const Reply> reply) {
    if (keep_max_ == 0 || !replies_.emplace(request, std::move(reply)).second) return;
    order_.push_back(request);
    if (order_.size() <= keep_max_) return;
    replies_.erase(order_.front());
    order_.pop_front();
  }
  std::size_t size() const noexcept { return order_.size(); }

 private:
  std::size_t keep_max_;
  std::unordered_map<Request, std::shared_ptr<const Reply>> replies_;
  std::deque<Request> order_;
};

template <class Rules, class Topic>
class enriching_handler final : public deferring_handler {
 public:
  using types = enrichment_types<Rules>;
  using in = typename types::in;
  using request = typename types::request;
  using reply = typename types::reply;
  using requests = typename types::requests;
  static constexpr std::size_t count = std::tuple_size_v<requests>;

  enriching_handler(Rules rules, Topic to)
      : rules_(std::move(rules)), to_(std::move(to)), cache_(rules_.cache) {}

  void limit(const task_limits& limits) override { lane_order_ = limits.lane_order; }
  void confine(permits::place& calls) override { calls_ = &calls; }
  void permitted() override {
    // Otherwise it is asked for what to ask now.
    if (unasked_.empty()) calls_->pass();
  }

  run_outcome run(const event_slot* slots, std::uint32_t from, std::uint32_t to,
                  context& where) override {
    try {
      for (auto index = from; index < to; ++index) {
        where.at(index);
        if (auto done = handle(*static_cast<const in*>(slots[index].payload), where); !done) {
          return {index - from, true, std::move(done.error())};
        }
        const bool room = !where.staged() || where.accept();
        if (waiting_.size() >= rules_.waiting_max) where.pause();
        if (!room || waiting_.size() >= rules_.waiting_max) return {index + 1 - from, false, {}};
      }
      return {to - from, false, {}};
    } catch (const std::exception&) {
      return {where.index() - from, true, current_exception_error()};
    }
  }

  std::optional<std::uint64_t> next_ready() override {
    if (ready_.empty()) return std::nullopt;
    const auto id = ready_.front();
    ready_.pop_front();
    return id;
  }

  std::optional<result<void>> complete(std::uint64_t id, const void* payload,
                                       context& where) override {
    const auto found = waiting_.find(id);
    auto event = std::move(found->second);
    waiting_.erase(found);
    if (event.key) leave_queue(*event.key);
    const auto& value = *static_cast<const in*>(payload);
    if (!event.failure) {
      found_replies replies;
      for (std::size_t i = 0; i < count; ++i) replies[i] = event.replies[i].get();
      return join(value, replies, where);
    }
    if constexpr (types::has_fallback) {
      auto instead = [&] {
        if constexpr (std::is_invocable_v<decltype(rules_.fallback)&, const in&, const error&,
                                          context&>) {
          return rules_.fallback(value, *event.failure, where);
        } else {
          return rules_.fallback(value, *event.failure);
        }
      }();
      if (!instead) return result<void>{fail(std::move(instead.error()))};
      return where.publish(to_, std::move(*instead));
    } else {
      return result<void>{fail(std::move(*event.failure))};
    }
  }

  void pass_over(std::uint64_t id) override {
    const auto key = waiting_.at(id).key;
    waiting_.erase(id);
    if (key) leave_queue(*key);
  }

  bool take_ask(ask& out) override {
    if (unasked_.empty()) return false;
    auto wanted = take_unasked();
    if (wanted.empty()) return false;
    out = {.ticket = next_ticket_++,
           .timeout = rules_.timeout,
           .requests = std::make_shared<const std::vector<request>>(wanted)};
    asked_.emplace(out.ticket, std::move(wanted));
    return true;
  }

  void answered(std::uint64_t ticket, const std::shared_ptr<const void>& answers) override {
    const auto asked = asked_.find(ticket);
    if (asked == asked_.end()) return;
    const auto wanted = std::move(asked->second);
    asked_.erase(asked);
    if (calls_ != nullptr) calls_->exit();
    const auto& given = *static_cast<const std::vector<result<reply>>*>(answers.get());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (i < given.size()) {
        resolve(wanted[i], given[i]);
      } else {
        resolve(wanted[i], fail(errc::lookup_failed, "the service did not answer this request"));
      }
    }
  }

  void overdue(std::uint64_t ticket, timestamp) override {
    const auto asked = asked_.find(ticket);
    if (asked == asked_.end()) return;
    const auto wanted = std::move(asked->second);
    asked_.erase(asked);
    if (calls_ != nullptr) calls_->exit();
    for (const auto& one : wanted) {
      resolve(one,
              fail(errc::timeout, "the service did not answer within " +
                                      std::to_string(rules_.timeout.count() / 1'000'000) + " ms"));
    }
  }

 private:
  using found_replies = std::array<const reply*, count>;
  struct waiting_event {
    std::optional<std::uint64_t> key;  // without one there is no order to keep
    std::array<std::shared_ptr<const reply>, count> replies{};
    std::size_t missing = 0;
    std::optional<error> failure{};
  };
  struct open_request {
    unsigned attempts = 1;
    std::vector<std::pair<std::uint64_t, std::size_t>> wanted_by{};  // event, position
  };

  /// All, or in a bulkhead as many as one permit is for; none if there is no permit.
  std::vector<request> take_unasked() {
    if (calls_ == nullptr) return std::exchange(unasked_, {});
    const auto most = std::min<std::size_t>(unasked_.size(), permits::events_max);
    const auto end = unasked_.begin() + calls_->take(static_cast<std::uint32_t>(most));
    std::vector<request> taken(unasked_.begin(), end);
    unasked_.erase(unasked_.begin(), end);
    return taken;
  }

  requests ask_for(const in& value) {
    if constexpr (types::asked::single) {
      return {rules_.ask(value)};
    } else {
      return rules_.ask(value);
    }
  }

  result<void> handle(const in& value, context& where) {
    if constexpr (types::has_check) {
      if (auto sound = rules_.check(value); !sound) return fail(std::move(sound.error()));
    }
    const auto wanted = ask_for(value);
    const auto key = turn_of(where);
    if (queues_.empty() || !key || !queues_.contains(*key)) {
      found_replies replies;
      if (look_up(wanted, replies)) return join(value, replies, where);
    }
    defer(wanted, key, where);
    return {};
  }

  /// Events of the same number are completed in their order; those without any in none.
  std::optional<std::uint64_t> turn_of(const context& where) const {
    if (lane_order_) return where.partition();
    if (where.key().empty()) return std::nullopt;
    return stable_hash(where.key());
  }

  bool look_up(const requests& wanted, found_replies& replies) const {
    for (std::size_t i = 0; i < count; ++i) {
      const auto* known = cache_.find(wanted[i]);
      if (known == nullptr) return false;
      replies[i] = known->get();
    }
    return true;
  }

  result<void> join(const in& value, const found_replies& replies, context& where) {
    auto joined = [&] {
      const auto& found = [&]() -> const auto& {
        if constexpr (types::asked::single) {
          return *replies[0];
        } else {
          return replies;
        }
      }();
      if constexpr (std::is_invocable_v<decltype(rules_.join)&, const in&, decltype(found),
                                        context&>) {
        return rules_.join(value, found, where);
      } else {
        return rules_.join(value, found);
      }
    }();
    if (!joined) return fail(std::move(joined.error()));
    return where.publish(to_, std::move(*joined));
  }

  void defer(const requests& wanted, std::optional<std::uint64_t> key, context& where) {
    const auto id = where.defer();
    waiting_event event{.key = key};
    for (std::size_t i = 0; i < count; ++i) {
      if (const auto* known = cache_.find(wanted[i])) {
        event.replies[i] = *known;
        continue;
      }
      ++event.missing;
      const auto [open, first] = open_.try_emplace(wanted[i]);
      open->second.wanted_by.emplace_back(id, i);
      if (first) unasked_.push_back(wanted[i]);
    }
    if (key) queues_[*key].push_back(id);
    const bool ready = event.missing == 0 && is_next(event, id);
    waiting_.emplace(id, std::move(event));
    if (ready) ready_.push_back(id);
  }

  void resolve(const request& asked, const result<reply>& answer) {
    const auto found = open_.find(asked);
    if (found == open_.end()) return;
    const bool failed = !answer.has_value();
    if (failed && answer.error().kind() == error_class::transient &&
        found->second.attempts <= rules_.retries) {
      ++found->second.attempts;
      unasked_.push_back(asked);
      return;
    }
    const auto wanted_by = std::move(found->second.wanted_by);
    open_.erase(found);
    const auto given = failed ? nullptr : std::make_shared<const reply>(*answer);
    if (!failed) cache_.put(asked, given);
    for (const auto& [id, position] : wanted_by) {
      auto& event = waiting_.at(id);
      event.replies[position] = given;
      if (failed && !event.failure) event.failure = answer.error();
      if (--event.missing == 0 && is_next(event, id)) ready_.push_back(id);
    }
  }

  bool is_next(const waiting_event& event, std::uint64_t id) const {
    return !event.key || queues_.at(*event.key).front() == id;
  }

  void leave_queue(std::uint64_t key) {
    const auto found = queues_.find(key);
    found->second.pop_front();
    if (found->second.empty()) {
      queues_.erase(found);
      return;
    }
    const auto next = found->second.front();
    if (waiting_.at(next).missing == 0) ready_.push_back(next);
  }

  Rules rules_;
  Topic to_;
  bool lane_order_ = false;
  permits::place* calls_ = nullptr;
  reply_cache<request, reply> cache_;
  std::unordered_map<std::uint64_t, waiting_event> waiting_;
  std::unordered_map<std::uint64_t, std::deque<std::uint64_t>> queues_;  // by key, oldest first
  std::unordered_map<request, open_request> open_;
  std::vector<request> unasked_;
  std::unordered_map<std::uint64_t, std::vector<request>> asked_;  // by ticket
  std::deque<std::uint64_t> ready_;
  std::uint64_t next_ticket_ = 1;
};

/// Answers a vector of requests, type-erased: what a service actor calls.
using answer_function = std::function<std::shared_ptr<const void>(const void* requests)>;

/// Makes one from a function (const Request&) -> result<Reply>; what it throws becomes an error.
template <class Request, class Reply, class F>
answer_function answering(F function) {
  return [function = std::move(function)](const void* requests) mutable {
    const auto& asked = *static_cast<const std::vector<Request>*>(requests);
    auto answers = std::make_shared<std::vector<result<Reply>>>();
    for (const auto& request : asked) {
      try {
        answers->push_back(function(request));
      } catch (const std::exception&) {
        auto failure = current_exception_error();
        failure.code = errc::lookup_failed;
        answers->push_back(fail(std::move(failure)));
      }
    }
    return std::shared_ptr<const void>{std::move(answers)};
  };
}

}  // namespace delivery
}  // namespace weir
