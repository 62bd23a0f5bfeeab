// SPDX-License-Identifier: BSD-3-Clause
// Choosing the partition and writing the envelope.
#include "weir/runtime/topic/publisher.hpp"

#include "weir/runtime/core/invariant.hpp"

namespace weir::topic {

publisher::publisher(std::shared_ptr<const settings> topic, std::uint64_t seed)
    : topic_(std::move(topic)),
      rings_(topic_->options.partitions),
      known_(topic_->options.partitions),
      chance_(seed),
      ids_(chance_) {}

bool publisher::aim(const event_type& type, const void* payload, std::span<char> scratch,
                    const publish_options& options, target& aimed) {
  aimed.key = options.key;
  if (aimed.key.empty()) {
    if (const auto* rule = topic_->key_of(type)) {
      aimed.key = rule->extract(rule->rule.get(), payload, scratch);
    }
  }
  const auto partitions = topic_->options.partitions;
  if (aimed.key.empty()) {
    // Without a key there is no order to keep: spread block-wise so that batches stay large.
    if (partitions > 1) aimed.partition = next_keyless_++ / 64 % partitions;
    return !topic_->options.ordered;
  }
  if (aimed.key.size() > key_bytes_max) return false;
  aimed.key_hash = stable_hash(aimed.key);
  aimed.partition = partition_of(aimed.key_hash, partitions);
  return true;
}

error publisher::refusal(const event_type& type, const target& aimed, std::size_t bytes) const {
  const auto& options = topic_->options;
  const auto what = topic_->name + ": " + to_string(type);
  if (aimed.key.size() > key_bytes_max) {
    return {errc::event_too_large, what + " has a key of " + std::to_string(aimed.key.size()) +
                                       " bytes, the limit is " + std::to_string(key_bytes_max)};
  }
  if (bytes > options.event_bytes_max) {
    return {errc::event_too_large, what + " takes " + std::to_string(bytes) +
                                       " bytes, the topic allows " +
                                       std::to_string(options.event_bytes_max)};
  }
  return {errc::missing_key, what + " has no key"};
}

error publisher::full(const target& aimed) const {
  return {errc::backpressure,
          topic_->name + ": the ring of partition " + std::to_string(aimed.partition) + " is full"};
}

void publisher::push(const event_type& type, const target& aimed, block::place place,
                     std::size_t heap, timestamp now, const publish_options& options) noexcept {
  last_time_ = std::max(last_time_, now);
  const auto id = ids_.next(last_time_);
  auto& buffer = *rings_[aimed.partition];
  if (buffer.staged() == 0) staged_.push_back(aimed.partition);
  buffer.push(envelope{.id = id,
                       .correlation_id = options.correlation_id ? options.correlation_id : id,
                       .causation_id = options.causation_id,
                       .time = last_time_,
                       .key = {place.key, aimed.key.size()},
                       .key_hash = aimed.key_hash,
                       .type = &type},
              place.payload, heap);
  attempt_.push_back(aimed.partition);
}

void publisher::reject() noexcept {
  for (; !attempt_.empty(); attempt_.pop_back()) {
    auto& buffer = *rings_[attempt_.back()];
    buffer.rollback(buffer.staged() - 1);
    if (buffer.staged() == 0) std::erase(staged_, attempt_.back());
  }
}

bool publisher::has_room() const noexcept {
  return std::all_of(rings_.begin(), rings_.end(), [](const auto& buffer) {
    return buffer == nullptr || buffer->has_room();
  });
}

bool publisher::want_room() noexcept {
  bool waiting = false;
  for (auto& buffer : rings_) {
    if (buffer != nullptr && !buffer->has_room()) waiting = buffer->want_room() || waiting;
  }
  return waiting;
}

}  // namespace weir::topic
