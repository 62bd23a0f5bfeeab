// SPDX-License-Identifier: BSD-3-Clause
// Publishing from a handler that is a coroutine, and waiting until the event is stored or handled.
// Such an event cannot wait for the handler's success, or it would wait for itself: it is published
// at once, outside the attempt.
//
// Example:
//   auto stored = co_await publish_and_wait(context, audit, note, wait_for::stored, 2s);
#pragma once

#include <optional>
#include <string>

#include "weir/actors/broker/publisher.hpp"
#include "weir/actors/subscriber/subscriber_actor.hpp"
#include "weir/runtime/delivery/task_context.hpp"

namespace weir {

namespace actors {

template <class Topic, class T>
class level_request final : public weir::delivery::foreign_ask {
 public:
  level_request(const Topic& to, T value, wait_for level, const topic::publish_options& options)
      : to_(to), value_(std::move(value)), level_(level), options_(options), key_(options.key) {}

  bool send(void* shell, std::uint64_t ticket) override {
    options_.key = key_;
    const auto level = level_ == wait_for::accepted ? publish_level::accepted
                       : level_ == wait_for::stored ? publish_level::stored
                                                    : publish_level::handled;
    sent_ = static_cast<subscriber_actor*>(shell)->publish_for(ticket, level, to_, value_,
                                                               options_);
    return sent_;
  }
  bool publishes() const noexcept override { return true; }
  void take(void* outcome) override { reply = std::move(*static_cast<reply_type*>(outcome)); }
  error late(duration time) const {
    const auto within = " within " + std::to_string(time.count() / 1'000'000) + " ms";
    const auto& name = to_.shared_settings()->name;
    if (!sent_) return {errc::backpressure, name + ": no room" + within};
    return {errc::timeout,
            name + ": not " + (level_ == wait_for::handled ? "handled" : "stored") + within};
  }

  using reply_type = result<void>;
  std::optional<reply_type> reply;

 private:
  Topic to_;
  T value_;
  wait_for level_;
  topic::publish_options options_;
  std::string key_;  // the caller's may be gone by then
  bool sent_ = false;
};

}  // namespace actors

/// Publishes at once, which is when the handler waits here, and `co_await` gives result<void> once
/// the event has reached `level`. It is published even if the attempt fails later, and again by
/// each retry. errc::timeout if it has not got there by the deadline (> 0; it may still),
/// errc::closed if the node stops before. Nothing has been published after errc::backpressure (no
/// room by the deadline), errc::event_too_large and errc::missing_key.
///
/// A handler that waits until its own subscription has handled an event waits for itself if both
/// have one key, or without per_key one partition: until the deadline. Only in a handler of a
/// subscription, which this context belongs to.
template <names_topic Topic, event_payload T>
auto publish_and_wait(task_context& context, const Topic& to, T&& value, wait_for level,
                      duration deadline, topic::publish_options options = {}) {
  static_assert(safe_to_await_with<T>,
                "name the event first: compilers destroy such a temporary twice");
  options.causation_id = context.header().id;
  if (!options.correlation_id) options.correlation_id = context.header().correlation_id();
  return context.ask_foreign(actors::level_request<Topic, std::remove_cvref_t<T>>{
                                 to, std::forward<T>(value), level, options},
                             deadline);
}

}  // namespace weir
