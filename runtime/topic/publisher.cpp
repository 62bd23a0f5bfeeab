// SPDX-License-Identifier: BSD-3-Clause
// What the path rarely needs: reasons, attempts that fail, waiting.
#include "weir/runtime/topic/publisher.hpp"

#include <array>

#include "weir/runtime/core/invariant.hpp"

namespace weir::topic {

publisher::publisher(std::shared_ptr<const settings> topic, std::uint64_t seed)
    : topic_(std::move(topic)),
      rings_(topic_->options.partitions),
      chance_(seed),
      ids_(chance_) {}

const lineage* publisher::write_lineage(char* behind_key, event_id id,
                                        const publish_options& options) noexcept {
  void* place = behind_key;
  auto room = lineage_bytes;
  std::align(alignof(lineage), sizeof(lineage), place, room);
  return new (place) lineage{options.correlation_id ? options.correlation_id : id,
                             options.causation_id};
}

error refusal(const settings& topic, const event_type& type, std::string_view key,
              std::size_t bytes) {
  const auto what = topic.name + ": " + to_string(type);
  if (key.size() > key_bytes_max) {
    return {errc::event_too_large, what + " has a key of " + std::to_string(key.size()) +
                                       " bytes, the limit is " + std::to_string(key_bytes_max)};
  }
  if (bytes > topic.options.event_bytes_max) {
    return {errc::event_too_large, what + " takes " + std::to_string(bytes) +
                                       " bytes, the topic allows " +
                                       std::to_string(topic.options.event_bytes_max)};
  }
  return {errc::missing_key, what + " has no key"};
}

std::optional<error> refused(const settings& topic, const event_type& type, const void* payload,
                             std::string_view key, std::size_t bytes) {
  std::array<char, key_scratch_bytes> scratch;
  const auto* rule = key.empty() ? topic.key_of(type) : nullptr;
  if (rule != nullptr) key = rule->extract(rule->rule.get(), payload, scratch);
  const bool fits = key.size() <= key_bytes_max && bytes <= topic.options.event_bytes_max;
  if (fits && !(key.empty() && topic.options.ordered)) return std::nullopt;
  return refusal(topic, type, key, bytes);
}

result<std::uint32_t> publisher::partition_for(const event_type& type, const void* payload,
                                               const publish_options& options) const {
  std::array<char, key_scratch_bytes> scratch;
  auto key = options.key;
  const auto* rule = key.empty() ? topic_->key_of(type) : nullptr;
  if (rule != nullptr) key = rule->extract(rule->rule.get(), payload, scratch);
  const auto partitions = topic_->options.partitions;
  const bool nowhere = key.empty() && (partitions > 1 || topic_->options.ordered);
  if (nowhere || key.size() > key_bytes_max) return fail(refusal(*topic_, type, key, 0));
  return partitions > 1 ? partition_of(key, partitions) : 0;
}

error publisher::full(const target& aimed) const {
  return {errc::backpressure,
          topic_->name + ": the ring of partition " + std::to_string(aimed.partition) + " is full"};
}

std::shared_ptr<ring> publisher::new_ring() const {
  const auto limits = topic_->publisher_ring();
  return topic_->blocks != nullptr ? std::make_shared<ring>(limits, topic_->blocks)
                                   : std::make_shared<ring>(limits);
}

void publisher::reject() noexcept {
  for (; !attempt_.empty(); attempt_.pop_back()) {
    auto& buffer = *rings_[attempt_.back()];
    buffer.rollback(buffer.staged() - 1);
    if (buffer.staged() == 0) std::erase(staged_, attempt_.back());
  }
}

std::uint64_t publisher::published() const noexcept {
  std::uint64_t events = 0;
  for (const auto& buffer : rings_) {
    if (buffer != nullptr) events += buffer->committed();
  }
  return events;
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
