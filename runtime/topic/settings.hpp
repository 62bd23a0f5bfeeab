// SPDX-License-Identifier: BSD-3-Clause
// What everybody who deals with one topic shares: its name, its limits and where its events find
// their key. Fixed once the node has started.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/decimal.hpp"
#include "weir/runtime/event/payload_format.hpp"
#include "weir/runtime/topic/partition.hpp"
#include "weir/runtime/topic/ring.hpp"

namespace weir::topic {

/// Reads the key of one event type. `scratch` has room for any integer.
struct key_rule {
  std::string_view (*extract)(const void* rule, const void* payload,
                              std::span<char> scratch) = nullptr;
  std::shared_ptr<const void> rule;
};

/// What a program may choose about a topic; see topology/limits.hpp for the ranges.
struct topic_options {
  std::uint32_t partitions = 1;
  /// Every event must have a key; one without is errc::missing_key.
  bool ordered = false;
  std::uint32_t batch_events_max = 512;
  std::uint64_t ring_events = 65'536;
  std::size_t ring_bytes = 16 * 1024 * 1024;
  std::size_t event_bytes_max = 64 * 1024;
  /// The newest events of each partition, settled or not, that a later subscription may begin with
  /// (see start_position.hpp): 0 to `ring_events`. Whole batches, as far as the ring has room:
  /// publishers never wait for them.
  std::uint64_t retained_events = 0;
  /// What is published survives the process: an event is shown to subscriptions, and `stored`, once
  /// it is flushed, and each subscription goes on where it was. Needs a node with a data directory.
  /// `ring_events` and `ring_bytes` then bound what is on its way to the disk, and the newest
  /// events in memory; a slow subscription reads the others back.
  bool durable = false;
  /// Of a durable topic: the form in which payloads are stored.
  payload_format stored_as = payload_format::binary;
  /// Of a durable topic: events older than this (1 s at least), by their envelope's time, are
  /// deleted, and those that have so many bytes of records (1 MiB at least) behind them in their
  /// partition; zero: never. A sixteenth of it at a time, and never what a subscription that has
  /// been there has not settled, unless its overflow policy is drop_oldest: unsubscribing one gives
  /// up its position.
  duration keep_for{};
  std::uint64_t keep_bytes = 0;
};

struct settings {
  std::string name;
  std::uint32_t index = 0;
  topic_options options;
  std::vector<key_rule> keys;  // by event type index
  /// What all rings of the topic take their blocks from; null: each has a pool of its own.
  boost::intrusive_ptr<block_pool> blocks{};

  const key_rule* key_of(const event_type& type) const noexcept {
    return type.index < keys.size() && keys[type.index].extract != nullptr ? &keys[type.index]
                                                                           : nullptr;
  }
  partition_limits limits() const noexcept {
    return {options.ring_events, options.ring_bytes,
            options.durable ? 0 : options.retained_events, options.durable};
  }
  ring_limits publisher_ring() const noexcept;

  /// `reader` is a member pointer or function of T that gives a string or an integer.
  template <event_payload T, class Reader>
  void set_key(Reader reader);
};

/// Arena per event: payloads of this size (key included) fill a block's slots and arena together.
inline constexpr std::size_t arena_bytes_per_event = 160;
/// Between one publisher and one partition: a block being filled, one being read, and two so that
/// neither side waits for the other's wake-up.
inline constexpr std::uint32_t blocks_per_ring = 4;
/// Heap after which a block is closed, whatever room it has.
inline constexpr std::size_t block_heap_max = 256 * 1024;
/// Room for any 64-bit integer in decimal.
inline constexpr std::size_t key_scratch_bytes = decimal_bytes_max;
/// A key longer than this is errc::event_too_large: keys are names, not documents.
inline constexpr std::size_t key_bytes_max = 1024;
/// Room for a lineage behind a key of any length.
inline constexpr std::size_t lineage_bytes = sizeof(lineage) + alignof(lineage) - 1;

template <event_payload T, class Reader>
void settings::set_key(Reader reader) {
  const auto& type = type_of<T>();
  if (keys.size() <= type.index) keys.resize(type.index + 1);
  keys[type.index] = key_rule{
      [](const void* rule, const void* payload, std::span<char> scratch) -> std::string_view {
        const auto& read = *static_cast<const Reader*>(rule);
        decltype(auto) value = std::invoke(read, *static_cast<const T*>(payload));
        if constexpr (std::integral<std::decay_t<decltype(value)>>) {
          return decimal(value, scratch);
        } else {
          static_assert(std::is_lvalue_reference_v<decltype(value)> ||
                            std::is_same_v<std::decay_t<decltype(value)>, std::string_view>,
                        "a key function returns an integer, a reference to a string, or a view");
          return std::string_view{value};
        }
      },
      std::make_shared<const Reader>(std::move(reader))};
}

}  // namespace weir::topic
