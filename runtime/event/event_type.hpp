// SPDX-License-Identifier: BSD-3-Clause
// The registry of event types: each gets a small dense index, so that dispatch is an array access
// and never a lookup by name. Invariant: one index, one C++ type, one (name, version).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/runtime/event/describe.hpp"

namespace weir {

/// One slot of a batch: which type the payload has, and where it is.
struct event_slot {
  const struct event_type* type;
  void* payload;
};

/// Blocks align their payloads to cache lines; no event may ask for more.
inline constexpr std::size_t event_alignment_max = 64;

/// What the runtime knows about a type of event. Lives as long as the process.
struct event_type {
  std::uint32_t index;
  std::uint32_t version;
  std::string_view name;
  std::size_t size;
  std::size_t alignment;
  /// Destroys the payloads of `count` slots, all of this type; null if there is nothing to destroy.
  void (*destroy)(const event_slot* slots, std::size_t count) noexcept;
};

/// `order.created@1`
std::string to_string(const event_type& type);

namespace internal {
/// Adds a type. Two C++ types with the same name and version are our user's mistake that no caller
/// could handle at this point (static initialisation): it is an invariant.
const event_type& register_event_type(event_type type);
}  // namespace internal

/// How many types are registered; indexes are below it. Any thread.
std::uint32_t event_type_count() noexcept;
/// The type with this index, or null. Any thread.
const event_type* find_event_type(std::uint32_t index) noexcept;
/// The type with this name and version, or null. Any thread; linear, not for the hot path.
const event_type* find_event_type(std::string_view name, std::uint32_t version) noexcept;

namespace internal {
template <event_payload T>
[[gnu::noinline]] const event_type& describe_type() {
  static_assert(alignof(T) <= event_alignment_max, "an event is aligned to a cache line at most");
  return register_event_type(
      {.index = 0,
       .version = weir_event_signature(static_cast<const T*>(nullptr)).version,
       .name = weir_event_signature(static_cast<const T*>(nullptr)).name,
       .size = sizeof(T),
       .alignment = alignof(T),
       .destroy = std::is_trivially_destructible_v<T>
                      ? nullptr
                      : +[](const event_slot* slots, std::size_t count) noexcept {
                          for (std::size_t i = 0; i < count; ++i) {
                            static_cast<T*>(slots[i].payload)->~T();
                          }
                        }});
}
}  // namespace internal

/// The one description of T; registers it on first use. Any thread.
template <event_payload T>
[[gnu::always_inline]] inline const event_type& type_of() {
  static const event_type& type = internal::describe_type<T>();
  return type;
}

}  // namespace weir
