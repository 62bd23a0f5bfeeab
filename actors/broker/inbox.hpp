// SPDX-License-Identifier: BSD-3-Clause
// A publisher for messages that come from outside, perhaps more than once: each message id becomes
// one event of a durable topic. The newest ids of a topic are remembered, as many as its horizon
// says, and kept in the commits that store their events; so a message that is brought again after
// a crash is known.
//
// Example:
//   auto incoming = node.make_inbox(orders, 1'000'000);
//   auto fresh = incoming->publish(order, request.id, weir::wait_for::stored, 5s);
//   if (fresh) request.acknowledge();  // also if it was there: then it is stored, too
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "weir/actors/broker/publisher.hpp"

namespace weir {

namespace actors {
class shared_inbox;
class inbox_notes;
}  // namespace actors

/// Made by node::make_inbox. One thread at a time: give each thread its own; those of a topic share
/// what they remember.
class inbox {
 public:
  static constexpr std::uint64_t horizon_max = 100'000'000;
  using notes = std::vector<std::shared_ptr<actors::inbox_notes>>;  // by partition
  inbox(publisher to, std::shared_ptr<actors::shared_inbox> shared, notes kept_with);

  /// Publishes the event unless one of this message id is there: true if it is published, false if
  /// it was. Errors, after which nothing has been published: those of publisher::publish;
  /// errc::unavailable while another thread is publishing a message of the same id;
  /// errc::invalid_argument for an id that is not of 1 to 256 bytes; errc::missing_key also where
  /// the topic asks for none, if it has several partitions. What the topic's key function throws
  /// passes through.
  template <event_payload T>
  result<bool> publish(T&& value, std::string_view message_id,
                       const topic::publish_options& options = topic::no_options) {
    return publish(std::forward<T>(value), message_id, wait_for::accepted, {}, options);
  }
  /// The same, and waits as publisher::publish does, also if it was published before.
  template <event_payload T>
  result<bool> publish(T&& value, std::string_view message_id, wait_for level, duration deadline,
                       const topic::publish_options& options = topic::no_options) {
    if constexpr (std::is_copy_constructible_v<std::remove_cvref_t<T>>) {
      if (simulated_) [[unlikely]] {
        if (brought_twice(message_id)) {
          auto first = publish_once(std::remove_cvref_t<T>{value}, message_id, options);
          if (!first) return fail(std::move(first.error()));
          auto again = publish_once(std::forward<T>(value), message_id, options);
          if (!again) return fail(std::move(again.error()));
          if (first->number == 0) return reach(*first, level, deadline);
          auto reached = reach(*again, level, deadline);
          if (!reached) return reached;
          return true;
        }
      }
    }
    auto found = publish_once(std::forward<T>(value), message_id, options);
    if (!found) return fail(std::move(found.error()));
    return reach(*found, level, deadline);
  }

  /// See publisher::set_deadline.
  void set_deadline(duration deadline) noexcept { to_.set_deadline(deadline); }
  const topic::settings& topic() const noexcept { return to_.topic(); }

 private:
  struct entry {
    std::uint64_t number = 0;  // of one that is to be published
    actors::ring_position where{};
  };
  template <event_payload T>
  result<entry> publish_once(T&& value, std::string_view message_id,
                             const topic::publish_options& options) {
    auto found = begin(type_of<std::remove_cvref_t<T>>(), &value, message_id, options);
    if (!found || !found->number) return found;
    auto done = attempt(std::forward<T>(value), *found, message_id, options);
    end(*found, message_id, done.has_value());
    if (!done) return fail(std::move(done.error()));
    return found;
  }
  result<bool> reach(const entry& one, wait_for level, duration deadline);
  /// A simulation has the message brought again.
  bool brought_twice(std::string_view message_id);
  /// What the value's copy or the topic's key function throws passes through: nothing is published.
  template <event_payload T>
  result<void> attempt(T&& value, entry& one, std::string_view message_id,
                       const topic::publish_options& options) {
    try {
      return to_.publish(std::forward<T>(value), options);
    } catch (...) {
      end(one, message_id, false);
      throw;
    }
  }
  result<entry> begin(const event_type& type, const void* payload, std::string_view message_id,
                      const topic::publish_options& options);
  void end(entry& one, std::string_view message_id, bool published);

  publisher to_;
  std::shared_ptr<actors::shared_inbox> shared_;
  notes notes_;
  bool simulated_;
};

}  // namespace weir
