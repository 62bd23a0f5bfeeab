// SPDX-License-Identifier: BSD-3-Clause
// A publisher with a name: its events have sequences, and each partition of a durable topic keeps
// that of the newest in the commit that stores it. So a source that begins again after a crash, or
// tries again what it does not know the outcome of, publishes nothing twice.
//
// Example:
//   auto intake = node.make_producer(orders, "file-intake");  // fences a former owner of the name
//   for (std::uint64_t line = 1; auto order = read(); ++line) intake->publish(*order, line);
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/actors/broker/publisher.hpp"

namespace weir {

namespace actors {
class sequence_notes;
}

/// Made by node::make_producer. One thread at a time.
class producer {
 public:
  using notes = std::vector<std::shared_ptr<actors::sequence_notes>>;  // by partition
  /// What of its events each partition has.
  using sequences = std::vector<std::optional<std::uint64_t>>;

  producer(publisher to, std::string name, notes kept_with, sequences newest);

  /// Publishes the event unless its partition has one of this sequence, or a later one: true if it
  /// is published, false if it was. Sequences are the program's own (a line, a position in another
  /// log): they rise, with gaps if need be, and an event that is published again has the same
  /// sequence and the same key. Errors, after which nothing has been published: those of
  /// publisher::publish; errc::fenced once somebody else has made a producer of the name;
  /// errc::invalid_argument for a sequence below one that was given to this object before;
  /// errc::missing_key also where the topic asks for none, if it has several partitions. What the
  /// topic's key function throws passes through.
  template <event_payload T>
  result<bool> publish(T&& value, std::uint64_t sequence,
                       const topic::publish_options& options = topic::no_options) {
    if constexpr (std::is_copy_constructible_v<std::remove_cvref_t<T>>) {
      if (simulated_) [[unlikely]] {
        if (brought_twice(sequence)) {
          auto first = publish_once(std::remove_cvref_t<T>{value}, sequence, options);
          if (!first || !*first) return first;
          if (auto again = publish_once(std::forward<T>(value), sequence, options); !again) {
            return again;
          }
          return first;
        }
      }
    }
    return publish_once(std::forward<T>(value), sequence, options);
  }
  /// The same, and waits as publisher::publish does, also if it was published before: after
  /// errc::timeout, publishing it again asks again.
  template <event_payload T>
  result<bool> publish(T&& value, std::uint64_t sequence, wait_for level, duration deadline,
                       const topic::publish_options& options = topic::no_options) {
    auto where = place(type_of<std::remove_cvref_t<T>>(), &value, sequence, options);
    if (!where) return fail(std::move(where.error()));
    auto fresh = publish(std::forward<T>(value), sequence, options);
    if (!fresh) return fresh;
    if (auto reached = to_.await(*where, level, deadline); !reached) {
      return fail(std::move(reached.error()));
    }
    return fresh;
  }

  /// See publisher::set_deadline.
  void set_deadline(duration deadline) noexcept { to_.set_deadline(deadline); }
  /// The highest sequence that any partition has. A lower one may be missing in another: a source
  /// that cannot begin anew goes back to before the last of which it knows that it was stored.
  std::optional<std::uint64_t> newest() const noexcept;
  const std::string& name() const noexcept { return name_; }
  const topic::settings& topic() const noexcept { return to_.topic(); }

 private:
  template <event_payload T>
  result<bool> publish_once(T&& value, std::uint64_t sequence,
                            const topic::publish_options& options) {
    auto where = place(type_of<std::remove_cvref_t<T>>(), &value, sequence, options);
    if (!where) return fail(std::move(where.error()));
    if (has(*where, sequence)) return false;
    begin(*where, sequence);
    auto done = attempt(std::forward<T>(value), *where, sequence, options);
    end(*where, sequence, done.has_value());
    if (!done) return fail(std::move(done.error()));
    return true;
  }
  /// What the value's copy or the topic's key function throws passes through: nothing is published.
  template <event_payload T>
  result<void> attempt(T&& value, std::uint32_t partition, std::uint64_t sequence,
                       const topic::publish_options& options) {
    try {
      return to_.publish(std::forward<T>(value), options);
    } catch (...) {
      end(partition, sequence, false);
      throw;
    }
  }
  result<std::uint32_t> place(const event_type& type, const void* payload, std::uint64_t sequence,
                              const topic::publish_options& options) const;
  bool has(std::uint32_t partition, std::uint64_t sequence) const noexcept {
    return newest_[partition] && sequence <= *newest_[partition];
  }
  /// A simulation has the source bring this one again.
  bool brought_twice(std::uint64_t sequence) const;
  void begin(std::uint32_t partition, std::uint64_t sequence);
  void end(std::uint32_t partition, std::uint64_t sequence, bool published);

  publisher to_;
  std::string name_;
  notes notes_;
  sequences newest_;  // by partition
  std::optional<std::uint64_t> given_;
  bool simulated_;
};

}  // namespace weir
