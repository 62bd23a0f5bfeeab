// SPDX-License-Identifier: BSD-3-Clause
// Request and reply over topics: a thread publishes a request and waits for the event that answers
// it. Whoever handles the request publishes the reply from its handler, to the topic of replies;
// nothing else is needed there, since what a handler publishes carries the request's correlation
// id. Requests are events like others: kept in order per key, retried, buried when they fail (then
// no reply comes, and the requester's deadline passes).
//
// Example:
//   weir::requester<quote_wanted, quote> quotes{node, "quotes", wanted, answers};
//   auto price = quotes.request({"EURUSD"}, 200ms);
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "weir/actors/base/completion.hpp"
#include "weir/actors/node/node.hpp"

namespace weir {

namespace actors {

using reply_completion = completion<std::shared_ptr<const void>>;

/// Which requests wait for a reply, by correlation id. Any thread.
class open_requests {
 public:
  explicit open_requests(std::uint64_t seed) : chance_(seed), ids_(chance_) {}

  event_id open(timestamp now, std::shared_ptr<reply_completion> done);
  void close(event_id id);
  /// False if nobody waits for it: it came late, or answers somebody else's request.
  bool answer(event_id id, std::shared_ptr<const void> reply);
  std::size_t size() const;

 private:
  mutable std::mutex access_;
  random chance_;
  event_id_source ids_;
  std::map<event_id, std::shared_ptr<reply_completion>> waiting_;
};

/// What a requester needs of its node.
std::shared_ptr<open_requests> make_open_requests(node& owner);
timestamp time_of(node& owner);
std::optional<std::shared_ptr<const void>> wait_for_reply(node& owner, reply_completion& done,
                                                          duration deadline);

}  // namespace actors

/// Declare it before the node starts; it must not outlive the node. Then any thread.
template <event_payload Request, event_payload Reply>
class requester {
 public:
  /// Declares a subscription `name` to `replies`.
  requester(node& owner, std::string name, topic_handle requests, const topic_handle& replies)
      : owner_(owner), requests_(std::move(requests)), open_(actors::make_open_requests(owner)) {
    owner.subscribe(std::move(name), replies.name(),
                    [open = open_](const Reply& reply, context& where) {
                      open->answer(where.header().correlation_id(),
                                   std::make_shared<const Reply>(reply));
                    });
  }

  /// The reply; errc::timeout if none came within `deadline` (one that comes later is ignored), or
  /// why the request could not be published. At most one request per waiting thread is open.
  result<Reply> request(Request value, duration deadline) {
    if (auto started = owner_.start(); !started) return fail(std::move(started.error()));
    const auto done = std::make_shared<actors::reply_completion>();
    const auto id = open_->open(actors::time_of(owner_), done);
    const auto sent = requests_.publish(std::move(value), {.correlation_id = id});
    const auto reply =
        sent ? actors::wait_for_reply(owner_, *done, deadline) : std::nullopt;
    open_->close(id);
    if (!sent) return fail(sent.error());
    if (reply) return *static_cast<const Reply*>(reply->get());
    return fail(errc::timeout, requests_.name() + ": no reply within " +
                                   std::to_string(deadline.count() / 1'000'000) + " ms");
  }

  /// Requests without a reply so far.
  std::size_t open() const { return open_->size(); }

 private:
  node& owner_;
  topic_handle requests_;
  std::shared_ptr<actors::open_requests> open_;
};

}  // namespace weir
