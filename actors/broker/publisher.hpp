// SPDX-License-Identifier: BSD-3-Clause
// Publishing from a thread of the program: values in, a bounded wait when the rings are full.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "weir/runtime/codec/codec.hpp"
#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/topic/entrance.hpp"
#include "weir/runtime/topic/publisher.hpp"

namespace weir {

/// What a publish waits for. `accepted`: the event is in the ring. `stored`: it has its offset.
/// `handled`: every subscription has settled it, as delivered, skipped, expired, dropped by its
/// overflow policy or kept as a dead letter.
enum class wait_for { accepted, stored, handled };

class producer;
class inbox;
namespace actors {
struct publisher_link;
/// Where an event is: in a ring, behind it `position` events were committed. Without one: in the
/// store.
struct ring_position {
  std::uint32_t partition = 0;
  std::shared_ptr<topic::ring> ring{};
  std::uint64_t position = 0;
};
}  // namespace actors

/// Publishes to one topic. One thread at a time: give each thread its own. It may outlive its node:
/// every call is errc::closed then. Not for use inside a handler, which must not wait: see
/// context::publish.
class publisher {
 public:
  publisher(topic::publisher core, std::unique_ptr<actors::publisher_link> link);
  publisher(publisher&&) noexcept;
  publisher& operator=(publisher&&) noexcept;
  ~publisher();

  /// How long a publish may wait for room before errc::backpressure; 30 s unless changed.
  void set_deadline(duration deadline) noexcept { deadline_ = deadline; }

  /// Publishes one event. Errors, after which nothing has been published: errc::backpressure,
  /// errc::closed, errc::event_too_large, errc::missing_key.
  template <event_payload T>
  result<void> publish(T&& value, const topic::publish_options& options) {
    result<void> done;  // returning {} would clear the room for an error first
    if (publish_now(std::forward<T>(value), options) == topic::no_partition) [[unlikely]]
      done = publish_waiting(std::forward<T>(value), options);
    return done;
  }
  // Not a default argument: here the compiler knows that there are no options.
  template <event_payload T>
  result<void> publish(T&& value) {
    result<void> done;
    if (publish_now(std::forward<T>(value), topic::no_options) == topic::no_partition) [[unlikely]]
      done = publish_waiting(std::forward<T>(value), topic::no_options);
    return done;
  }
  /// Publishes and waits until the event has reached `level`, at most `deadline`: errc::timeout if
  /// it has not by then (it may still), errc::closed if the node stopped before, and for `handled`
  /// errc::subscription_halted, at once, if a subscription that has not settled it has halted.
  template <event_payload T>
  result<void> publish(T&& value, wait_for level, duration deadline,
                       const topic::publish_options& options = topic::no_options) {
    std::optional<error> why;
    const auto partition = waiting_for_room(why, [&] {
      return publish_in(std::forward<T>(value), options, &why);
    });
    if (partition == topic::no_partition) return fail(std::move(*why));
    return await(partition, level, deadline);
  }
  /// Publishes in order; partitions are woken once for all. After an error (as of publish) nothing
  /// from the failing event on has been published. Returns how many were.
  template <event_payload T>
  result<std::size_t> publish_batch(std::span<T> values) {
    codec::ensure_enrolled<T>();
    std::size_t count = 0;
    std::optional<error> why;
    const auto done = waiting_for_room(why, [&] {
      for (; count < values.size(); ++count) {
        auto built = core_.build(std::move(values[count]), now());
        core_.accept();
        if (built) continue;
        why = std::move(built.error());
        break;
      }
      flush();
      return count == values.size() ? 0U : topic::no_partition;
    });
    if (done == topic::no_partition) return fail(std::move(*why));
    return count;
  }

  /// Events published so far.
  std::uint64_t published() const noexcept { return core_.published(); }
  const topic::settings& topic() const noexcept { return core_.topic(); }

 private:
  friend class producer;
  friend class inbox;

  /// Publishes one event, being inside; gives its partition, or says why not if asked to.
  template <event_payload T>
  [[gnu::always_inline]] std::uint32_t publish_in(T&& value, const topic::publish_options& options,
                                                  std::optional<error>* why) {
    codec::ensure_enrolled<T>();
    return core_.publish(std::forward<T>(value), now(), options, why, [this](auto&&... what) {
      ring_bell(std::forward<decltype(what)>(what)...);
    });
  }
  /// The fast path: one attempt, no reasons. After a failure nothing has happened.
  template <event_payload T>
  [[gnu::always_inline]] std::uint32_t publish_now(T&& value,
                                                   const topic::publish_options& options) {
    const auto inside = entrance_->enter();
    if (!inside) [[unlikely]] return topic::no_partition;
    return publish_in(std::forward<T>(value), options, nullptr);
  }
  template <event_payload T>
  [[gnu::noinline]] result<void> publish_waiting(T&& value,
                                                 const topic::publish_options& options) {
    std::optional<error> why;
    const auto partition = waiting_for_room(why, [&] {
      return publish_in(std::forward<T>(value), options, &why);
    });
    if (partition == topic::no_partition) return fail(std::move(*why));
    return {};
  }
  /// Repeats `attempt` while the ring is full, until the deadline has passed without progress.
  template <class Attempt>
  std::uint32_t waiting_for_room(std::optional<error>& why, Attempt&& attempt) {
    for (auto waited_at = ~std::uint64_t{0};;) {
      {
        const auto inside = entrance_->enter();
        if (!inside) [[unlikely]] {
          why = closed_error();
          return topic::no_partition;
        }
        const auto partition = attempt();
        if (partition != topic::no_partition) [[likely]] return partition;
      }
      if (why->code != errc::backpressure) return topic::no_partition;
      const bool again = waited_at == core_.published();
      waited_at = core_.published();
      why = wait_for_room(again);
      if (why) return topic::no_partition;
    }
  }
  timestamp now() const noexcept {
    // Under load the time of a few milliseconds ago will do, and costs a fifth.
    if (busy_) [[likely]] return time_->coarse_now();
    return time_->now();
  }
  void ring_bell(std::uint32_t partition, const std::shared_ptr<topic::ring>& ring, bool first_use,
                 bool half_full) {
    const bool slept = bells_[partition]->ring();
    busy_ = !slept;
    if (first_use) [[unlikely]] join(partition, ring);
    if (slept || half_full) [[unlikely]] wake(partition);
  }

  void flush();
  void join(std::uint32_t partition, const std::shared_ptr<topic::ring>& ring);
  void wake(std::uint32_t partition);
  error closed_error() const;
  /// Nothing once there is room; else why there is none.
  std::optional<error> wait_for_room(bool again);
  /// True once there is room, false if that has taken until wait_until_.
  bool sleep();
  result<void> await(std::uint32_t partition, wait_for level, duration deadline);
  result<void> await(actors::ring_position where, wait_for level, duration deadline);

  weir::topic::publisher core_;
  std::unique_ptr<actors::publisher_link> link_;
  // What a publish looks at, taken from the link once.
  const clock* time_;
  topic::entrance* entrance_;
  std::vector<std::shared_ptr<topic::doorbell>> bells_;  // by partition
  duration deadline_ = std::chrono::seconds{30};
  timestamp wait_until_{};
  bool busy_ = false;
};

}  // namespace weir
