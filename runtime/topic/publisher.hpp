// SPDX-License-Identifier: BSD-3-Clause
// The publisher's half of the event path, without waiting: builds envelope and payload in the ring
// of the right partition, and keeps what an attempt has built apart until it is accepted.
//
// Life of an event here: build() stages it, accept() says its attempt has succeeded (reject()
// forgets it), commit() shows it to the partition. One thread at a time.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
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
/// Nothing to say. One constant, so that a publish without options does not build them.
inline constexpr publish_options no_options{};

/// Instead of a partition's number: there is none. No optional, whose two members are written apart
/// and returned as one: the processor reads that back only once every store before it has left the
/// core, payload and all, which took a third of a publish.
inline constexpr std::uint32_t no_partition = ~std::uint32_t{0};

/// Why `topic` takes no event of this type with this key and size, being one that it does not take.
error refusal(const settings& topic, const event_type& type, std::string_view key,
              std::size_t bytes);
/// The same for an event not yet built: nothing if `topic` takes it. `key` as in publish_options.
std::optional<error> refused(const settings& topic, const event_type& type, const void* payload,
                             std::string_view key, std::size_t bytes);

class publisher {
 public:
  publisher(std::shared_ptr<const settings> topic, std::uint64_t seed);

  const settings& topic() const noexcept { return *topic_; }

  /// Publishes one event at once; nothing may be staged. `committed` is called as by commit(). On
  /// failure, which is that of build(), gives no_partition and says `why` unless that is null: a
  /// result would cost every event what only a failure needs.
  template <event_payload T, class Committed>
  std::uint32_t publish(T&& value, timestamp now, const publish_options& options,
                        std::optional<error>* why, Committed&& committed);

  /// Stages one event. errc::backpressure (ring full; nothing has happened, `value` is untouched),
  /// errc::event_too_large, errc::missing_key. On success returns its partition. What the topic's
  /// key function throws passes through, before anything has happened.
  template <event_payload T>
  result<std::uint32_t> build(T&& value, timestamp now,
                              const publish_options& options = no_options);

  /// The partition that an event goes to by its key: errc::missing_key without one, if there are
  /// several; errc::event_too_large for a key that is too long.
  result<std::uint32_t> partition_for(const event_type& type, const void* payload,
                                      const publish_options& options) const;

  /// What was built since the last accept() or reject() may be committed.
  void accept() noexcept { attempt_.clear(); }
  void reject() noexcept;
  bool attempting() const noexcept { return !attempt_.empty(); }
  /// True while every ring in use has a whole block free.
  bool has_room() const noexcept;
  /// Asks the partitions of full rings to wake the producer; false if there is room already.
  bool want_room() noexcept;

  /// Commits what is accepted. `committed(partition, ring, first_use, half_full)` is called
  /// for each partition that got something; the caller wakes it.
  template <class Committed>
  void commit(Committed&& committed);
  /// Events committed so far, over all partitions.
  std::uint64_t published() const noexcept;
  const std::shared_ptr<ring>& ring_of(std::uint32_t partition) const { return rings_[partition]; }
  /// `visit(partition, ring)` for each ring that was committed to.
  template <class Visit>
  void visit_rings(Visit&& visit) const {
    for (std::uint32_t i = 0; i < rings_.size(); ++i) {
      if (rings_[i] != nullptr && rings_[i]->committed() > 0) visit(i, rings_[i]);
    }
  }

 private:
  struct target {
    std::string_view key;
    std::uint32_t partition = 0;
  };
  /// Chooses key and partition; false if that is not possible, and refusal() says why.
  bool aim(const event_type& type, const void* payload, std::span<char> scratch,
           const publish_options& options, target& aimed);
  /// Writes the event into the ring it belongs to. Null if that is not possible, and `why` says so.
  template <event_payload T>
  ring* write(T&& value, timestamp now, const publish_options& options, target& aimed,
              std::optional<error>* why);
  /// Keys are short: a few inline moves instead of a call.
  static void copy_key(std::string_view key, char* to) noexcept {
    const auto size = key.size();
    if (size > 16) {
      std::memcpy(to, key.data(), size);
    } else if (size >= 8) {
      std::memcpy(to, key.data(), 8);
      std::memcpy(to + size - 8, key.data() + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(to, key.data(), 4);
      std::memcpy(to + size - 4, key.data() + size - 4, 4);
    } else if (size > 0) {
      to[0] = key[0];
      to[size / 2] = key[size / 2];
      to[size - 1] = key[size - 1];
    }
  }
  static const lineage* write_lineage(char* behind_key, event_id id,
                                      const publish_options& options) noexcept;
  error full(const target& aimed) const;
  std::shared_ptr<ring> new_ring() const;
  ring& open(std::uint32_t partition) {
    auto& buffer = rings_[partition];
    if (buffer == nullptr) [[unlikely]] buffer = new_ring();
    return *buffer;
  }
  template <class Committed>
  [[gnu::always_inline]] void commit(std::uint32_t partition, Committed&& committed) {
    const auto& buffer = rings_[partition];
    const bool first_use = buffer->committed() == 0;
    const bool half_full = buffer->commit();
    committed(partition, buffer, first_use, half_full);
  }

  std::shared_ptr<const settings> topic_;
  std::vector<std::shared_ptr<ring>> rings_;
  std::vector<std::uint32_t> staged_;   // partitions with something to commit
  std::vector<std::uint32_t> attempt_;  // one entry per event of the current attempt
  random chance_;
  event_id_source ids_;
  const event_type* last_type_ = nullptr;
  const key_rule* last_rule_ = nullptr;  // of last_type_
  timestamp last_time_{};
  std::uint32_t next_keyless_ = 0;
};

[[gnu::always_inline]] inline bool publisher::aim(const event_type& type, const void* payload,
                                                  std::span<char> scratch,
                                                  const publish_options& options, target& aimed) {
  aimed.key = options.key;
  if (aimed.key.empty()) {
    if (&type != last_type_) [[unlikely]] {
      last_type_ = &type;
      last_rule_ = topic_->key_of(type);
    }
    if (last_rule_ != nullptr) [[likely]] {
      aimed.key = last_rule_->extract(last_rule_->rule.get(), payload, scratch);
    }
  }
  const auto partitions = topic_->options.partitions;
  if (aimed.key.empty()) {
    // Without a key there is no order to keep: spread block-wise so that batches stay large.
    if (partitions > 1) aimed.partition = next_keyless_++ / 64 % partitions;
    return !topic_->options.ordered;
  }
  if (aimed.key.size() > key_bytes_max) return false;
  if (partitions > 1) aimed.partition = partition_of(aimed.key, partitions);
  return true;
}

// Inlined into the two that publish: the options are constants there more often than not.
template <event_payload T>
[[gnu::always_inline]] inline ring* publisher::write(T&& value, timestamp now,
                                                     const publish_options& options, target& aimed,
                                                     std::optional<error>* why) {
  using payload_type = std::remove_cvref_t<T>;
  const auto& type = type_of<payload_type>();
  char scratch[key_scratch_bytes];
  const auto heap = heap_bytes(value);
  if (!aim(type, &value, scratch, options, aimed) ||
      sizeof(payload_type) + heap > topic_->options.event_bytes_max) [[unlikely]] {
    if (why != nullptr) *why = refusal(*topic_, type, aimed.key, sizeof(payload_type) + heap);
    return nullptr;
  }
  auto& buffer = open(aimed.partition);
  const bool follows = options.correlation_id || options.causation_id;
  const auto place = buffer.reserve(sizeof(payload_type), alignof(payload_type),
                                    aimed.key.size() + (follows ? lineage_bytes : 0));
  if (place.payload == nullptr) [[unlikely]] {
    if (why != nullptr) *why = full(aimed);
    return nullptr;
  }
  // The key may point into `value`: copy it before the payload moves.
  copy_key(aimed.key, place.key);
  new (place.payload) payload_type(std::forward<T>(value));
  last_time_ = std::max(last_time_, now);
  const auto id = ids_.next(last_time_);
  buffer.push(envelope{.id = id,
                       .time = last_time_,
                       .key = {place.key, aimed.key.size()},
                       .type = &type,
                       .origin = follows ? write_lineage(place.key + aimed.key.size(), id, options)
                                         : nullptr},
              place.payload, heap, !std::is_trivially_destructible_v<payload_type>);
  return &buffer;
}

template <event_payload T, class Committed>
[[gnu::always_inline]] inline std::uint32_t publisher::publish(T&& value, timestamp now,
                                                               const publish_options& options,
                                                               std::optional<error>* why,
                                                               Committed&& committed) {
  target aimed;
  if (write(std::forward<T>(value), now, options, aimed, why) == nullptr) [[unlikely]] {
    return no_partition;
  }
  commit(aimed.partition, committed);
  return aimed.partition;
}

template <event_payload T>
result<std::uint32_t> publisher::build(T&& value, timestamp now, const publish_options& options) {
  target aimed;
  std::optional<error> why;
  const auto* buffer = write(std::forward<T>(value), now, options, aimed, &why);
  if (buffer == nullptr) [[unlikely]] return fail(std::move(*why));
  if (buffer->staged() == 1) staged_.push_back(aimed.partition);
  attempt_.push_back(aimed.partition);
  return aimed.partition;
}

template <class Committed>
void publisher::commit(Committed&& committed) {
  for (const auto partition : staged_) commit(partition, committed);
  staged_.clear();
}

}  // namespace weir::topic
