// SPDX-License-Identifier: BSD-3-Clause
// The publisher's half of the event path, without waiting: builds envelope and payload in the ring
// of the right partition, and keeps what an attempt has built apart until it is accepted.
//
// Life of an event here: build() stages it, accept() says its attempt has succeeded (reject()
// forgets it), commit() shows it to the partition. One thread at a time.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/event/footprint.hpp"
#include "weir/runtime/topic/partitioner.hpp"
#include "weir/runtime/topic/settings.hpp"

namespace weir::topic {

/// What the caller may say about one event beside its payload.
struct publish_options {
  /// Overrides the topic's key rule for this event.
  std::string_view key{};
  /// Zero: the event starts a conversation of its own.
  event_id correlation_id{};
  event_id causation_id{};
};

class publisher {
 public:
  publisher(std::shared_ptr<const settings> topic, std::uint64_t seed);

  const settings& topic() const noexcept { return *topic_; }

  /// Stages one event. errc::backpressure (ring full; nothing has happened, `value` is untouched),
  /// errc::event_too_large, errc::missing_key. On success returns its partition. What the topic's
  /// key function throws passes through, before anything has happened.
  template <event_payload T>
  result<std::uint32_t> build(T&& value, timestamp now, const publish_options& options = {});

  /// What was built since the last accept() or reject() may be committed.
  void accept() noexcept { attempt_.clear(); }
  void reject() noexcept;
  bool attempting() const noexcept { return !attempt_.empty(); }
  /// True while every ring in use has a whole block free.
  bool has_room() const noexcept;
  /// Asks the partitions of full rings to wake the producer; false if there is room already.
  bool want_room() noexcept;

  /// Commits what is accepted. `committed(partition, ring, first_use, completed_block)` is called
  /// for each partition that got something; the caller wakes it.
  template <class Committed>
  void commit(Committed&& committed);
  /// Events committed so far, over all partitions.
  std::uint64_t published() const noexcept { return published_; }
  const std::shared_ptr<ring>& ring_of(std::uint32_t partition) const { return rings_[partition]; }
  /// `visit(partition, ring)` for each ring that was committed to.
  template <class Visit>
  void visit_rings(Visit&& visit) const {
    for (std::uint32_t i = 0; i < rings_.size(); ++i) {
      if (known_[i]) visit(i, rings_[i]);
    }
  }

 private:
  struct target {
    std::string_view key;
    std::uint64_t key_hash = 0;
    std::uint32_t partition = 0;
  };
  /// Chooses key and partition; false if that is not possible, and refusal() says why.
  bool aim(const event_type& type, const void* payload, std::span<char> scratch,
           const publish_options& options, target& aimed);
  error refusal(const event_type& type, const target& aimed, std::size_t bytes) const;
  error full(const target& aimed) const;
  ring& open(std::uint32_t partition) {
    auto& buffer = rings_[partition];
    if (buffer == nullptr) [[unlikely]]
      buffer = std::make_shared<ring>(topic_->publisher_ring());
    return *buffer;
  }
  void push(const event_type& type, const target& aimed, block::place place, std::size_t heap,
            timestamp now, const publish_options& options) noexcept;

  std::shared_ptr<const settings> topic_;
  std::vector<std::shared_ptr<ring>> rings_;
  std::vector<char> known_;
  std::vector<std::uint32_t> staged_;   // partitions with something to commit
  std::vector<std::uint32_t> attempt_;  // one entry per event of the current attempt
  random chance_;
  event_id_source ids_;
  timestamp last_time_{};
  std::uint32_t next_keyless_ = 0;
  std::uint64_t published_ = 0;
};

template <event_payload T>
result<std::uint32_t> publisher::build(T&& value, timestamp now, const publish_options& options) {
  using payload_type = std::remove_cvref_t<T>;
  const auto& type = type_of<payload_type>();
  char scratch[key_scratch_bytes];
  target aimed;
  const auto heap = heap_bytes(value);
  if (!aim(type, &value, scratch, options, aimed) ||
      sizeof(payload_type) + heap > topic_->options.event_bytes_max) [[unlikely]] {
    return fail(refusal(type, aimed, sizeof(payload_type) + heap));
  }
  auto& buffer = open(aimed.partition);
  const auto place = buffer.reserve(sizeof(payload_type), alignof(payload_type), aimed.key.size());
  if (place.payload == nullptr) [[unlikely]]
    return fail(full(aimed));
  // The key may point into `value`: copy it before the payload moves.
  aimed.key.copy(place.key, aimed.key.size());
  new (place.payload) payload_type(std::forward<T>(value));
  push(type, aimed, place, heap, now, options);
  return aimed.partition;
}

template <class Committed>
void publisher::commit(Committed&& committed) {
  for (const auto partition : staged_) {
    auto& buffer = rings_[partition];
    published_ += buffer->staged();
    const bool completed = buffer->commit();
    const bool first_use = !known_[partition];
    known_[partition] = 1;
    committed(partition, buffer, first_use, completed);
  }
  staged_.clear();
}

}  // namespace weir::topic
