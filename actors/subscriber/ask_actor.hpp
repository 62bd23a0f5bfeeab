// SPDX-License-Identifier: BSD-3-Clause
// Asking an actor of the program's own from a handler that is a coroutine.
//
// Example:
//   auto rate = co_await ask_actor<double>(context, rates, 2s, currency{"EUR"});
#pragma once

#include <optional>
#include <tuple>

#include "weir/actors/subscriber/subscriber_actor.hpp"
#include "weir/runtime/delivery/task_context.hpp"

namespace weir {

namespace actors {

template <class Reply, class... Content>
class actor_request final : public weir::delivery::foreign_ask {
 public:
  actor_request(caf::actor to, Content... content)
      : to_(std::move(to)), content_(std::move(content)...) {}

  bool send(void* shell, std::uint64_t ticket) override {
    std::apply(
        [&](auto&... content) {
          static_cast<subscriber_actor*>(shell)->ask(to_, ticket, std::move(content)...);
        },
        content_);
    return true;
  }
  void take(void* given) override { reply = static_cast<answer*>(given)->take<Reply>(); }
  error late(duration time) const { return weir::delivery::no_answer_within(time); }

  using reply_type = result<Reply>;
  std::optional<reply_type> reply;

 private:
  caf::actor to_;
  std::tuple<Content...> content_;
};

}  // namespace actors

/// `co_await` gives what the actor answers, as result<Reply>: errc::lookup_failed if it answers
/// with an error or has ended, errc::timeout if it has not answered in time (> 0). Only in a
/// handler of a subscription, which this context belongs to.
template <class Reply, class... Content>
auto ask_actor(task_context& context, const caf::actor& to, duration timeout,
               Content&&... content) {
  static_assert((safe_to_await_with<Content> && ...),
                "name the content first: compilers destroy such a temporary twice");
  return context.ask_foreign(actors::actor_request<Reply, std::remove_cvref_t<Content>...>{
                                 to, std::forward<Content>(content)...},
                             timeout);
}

}  // namespace weir
