// SPDX-License-Identifier: BSD-3-Clause
// Publishing from a thread of the program: values in, a bounded wait when the rings are full.
#pragma once

#include <chrono>
#include <memory>
#include <span>

#include "weir/runtime/topic/publisher.hpp"

namespace weir {

/// What a publish waits for. `accepted`: the event is in the ring. `stored`: it has its offset.
/// `handled`: every subscription has settled it.
enum class wait_for { accepted, stored, handled };

namespace actors {
struct publisher_link;
}

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
  result<void> publish(T&& value, const topic::publish_options& options = {}) {
    auto staged = stage(std::forward<T>(value), options);
    flush();
    return staged;
  }
  /// Publishes and waits until the event has reached `level`, at most `deadline`: errc::timeout if
  /// it has not by then (it may still), errc::closed if the node stopped before.
  template <event_payload T>
  result<void> publish(T&& value, wait_for level, duration deadline,
                       const topic::publish_options& options = {}) {
    auto staged = stage_in(std::forward<T>(value), options);
    flush();
    if (!staged) return fail(std::move(staged.error()));
    return await(*staged, level, deadline);
  }
  /// Publishes in order; partitions are woken once for all. After an error (as of publish) nothing
  /// from the failing event on has been published. Returns how many were.
  template <event_payload T>
  result<std::size_t> publish_batch(std::span<T> values) {
    std::size_t count = 0;
    for (auto& value : values) {
      auto staged = stage(std::move(value), {});
      if (!staged) {
        flush();
        return fail(std::move(staged.error()));
      }
      ++count;
    }
    flush();
    return count;
  }

  /// Events published so far.
  std::uint64_t published() const noexcept { return core_.published(); }
  const topic::settings& topic() const noexcept { return core_.topic(); }

 private:
  template <event_payload T>
  result<std::uint32_t> stage_in(T&& value, const topic::publish_options& options) {
    if (closed()) return fail(closed_error());
    for (bool waited = false;; waited = true) {
      auto built = core_.build(std::forward<T>(value), now(), options);
      if (built) {
        core_.accept();
        return built;
      }
      if (built.error().code != errc::backpressure) return built;
      flush();
      auto room = wait_for_room(waited);
      if (!room) return fail(std::move(room.error()));
    }
  }
  template <event_payload T>
  result<void> stage(T&& value, const topic::publish_options& options) {
    auto staged = stage_in(std::forward<T>(value), options);
    if (!staged) return fail(std::move(staged.error()));
    return {};
  }

  void flush();
  timestamp now() const noexcept;
  bool closed() const noexcept;
  error closed_error() const;
  result<void> wait_for_room(bool again);
  result<void> await(std::uint32_t partition, wait_for level, duration deadline);

  weir::topic::publisher core_;
  std::unique_ptr<actors::publisher_link> link_;
  duration deadline_ = std::chrono::seconds{30};
  timestamp wait_until_{};
  bool busy_ = false;
};

}  // namespace weir
