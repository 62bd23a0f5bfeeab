// SPDX-License-Identifier: BSD-3-Clause
// Events to build, and the ways to build them in a block or a ring, for every room that stands on
// events. `tracked` knows which of its values live, so that a payload destroyed twice or never
// shows.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "weir/runtime/event/batch.hpp"

namespace event_tests {

struct numbered {
  std::uint64_t number = 0;
};
WEIR_EVENT(numbered, "event_tests.numbered", 1, (number))

struct named {
  std::string name;
  std::uint64_t number = 0;
};
WEIR_EVENT(named, "event_tests.named", 3, (name, number))

struct tracked {
  std::uint64_t number = 0;

  explicit tracked(std::uint64_t n) : number(n) { alive.insert(n); }
  tracked(const tracked& other) : tracked(other.number) {}
  tracked& operator=(const tracked&) = delete;
  ~tracked() {
    const auto found = alive.find(number);
    if (found == alive.end()) {
      ++destroyed_twice;
    } else {
      alive.erase(found);
    }
  }

  // One thread's.
  static inline std::multiset<std::uint64_t> alive;
  static inline int destroyed_twice = 0;
};
WEIR_EVENT(tracked, "event_tests.tracked", 1, (number))

/// Numbers below 64 have a conversation and a cause of their own.
inline constexpr auto lineages = [] {
  std::array<weir::lineage, 64> all{};
  for (std::uint64_t i = 0; i < all.size(); ++i) all[i] = {{i + 1, 2}, {i + 1, 3}};
  return all;
}();

inline weir::envelope envelope_of(const weir::event_type& type, std::uint64_t number,
                                  std::string_view key = {}) {
  return {.id = {number + 1, 1},
          .time = weir::timestamp{weir::duration{number}},
          .key = key,
          .type = &type,
          .origin = &lineages[number % lineages.size()]};
}

/// Builds an event in a block or a ring; false if that has no room.
template <class Memory, class T>
bool build(Memory& into, T value, std::string_view key = {}, std::size_t heap = 0) {
  const auto place = into.reserve(sizeof(T), alignof(T), key.size());
  if (place.payload == nullptr) return false;
  std::copy(key.begin(), key.end(), place.key);
  const auto number = value.number;
  new (place.payload) T(std::move(value));
  into.push(envelope_of(weir::type_of<T>(), number, {place.key, key.size()}), place.payload, heap,
            !std::is_trivially_destructible_v<T>);
  return true;
}

/// The bytes that one such event takes, without padding.
template <class T>
std::size_t own_bytes(std::size_t key_bytes = 0, std::size_t heap = 0) {
  return sizeof(weir::event_slot) + sizeof(weir::envelope) + sizeof(T) + key_bytes + heap;
}

/// The bytes that such events are counted with, each: its own or its share of the block.
template <class T>
std::size_t counted_bytes(weir::block_limits limits = {}, std::size_t key_bytes = 0,
                          std::size_t heap = 0) {
  const auto share = weir::block::memory_bytes(limits) / limits.events;
  return std::max(own_bytes<T>(key_bytes, heap), share + heap);
}

/// A batch of these events, in a block of its own.
template <class T>
weir::batch batch_of(const std::vector<T>& values, std::uint64_t first_offset = 0) {
  const boost::intrusive_ptr<weir::block_pool> pool{new weir::block_pool{{}}};
  auto memory = pool->take();
  for (const auto& value : values) build(*memory, value);
  memory->commit();
  const auto bytes = memory->bytes();
  weir::batch events{memory, 0, memory->committed(), bytes};
  events.set_first_offset(first_offset);
  return events;
}

/// numbered{from}, numbered{from + 1}, ...
inline weir::batch batch_from(std::uint64_t from, std::uint32_t count,
                              std::uint64_t first_offset = 0) {
  std::vector<numbered> values(count);
  for (auto& value : values) value.number = from++;
  return batch_of(values, first_offset);
}

}  // namespace event_tests
