// SPDX-License-Identifier: BSD-3-Clause
// How many bytes of heap a payload owns beyond its own size. Memory bounds are kept in bytes, so
// strings and containers inside an event must count; for plain structs this is a constant zero.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

namespace weir {

template <class T>
std::size_t heap_bytes(const T& value) noexcept;

namespace internal {

/// What the allocator and the node pointers of one map entry add, rounded up.
inline constexpr std::size_t map_node_bytes = 48;

inline std::size_t heap_of(const std::string& text) noexcept {
  return text.capacity() > 15 ? text.capacity() + 1 : 0;
}
template <class T>
std::size_t heap_of(const std::optional<T>& value) noexcept {
  return value ? heap_bytes(*value) : 0;
}
template <class T>
std::size_t heap_of(const std::vector<T>& values) noexcept {
  std::size_t total = values.capacity() * sizeof(T);
  if constexpr (!std::is_trivially_copyable_v<T>) {
    for (const auto& value : values) total += heap_bytes(value);
  }
  return total;
}
template <class T, std::size_t N>
std::size_t heap_of(const std::array<T, N>& values) noexcept {
  std::size_t total = 0;
  for (const auto& value : values) total += heap_bytes(value);
  return total;
}
template <class Map>
std::size_t heap_of_map(const Map& entries) noexcept {
  std::size_t total = 0;
  for (const auto& [key, value] : entries) {
    total += map_node_bytes + sizeof key + sizeof value + heap_bytes(key) + heap_bytes(value);
  }
  return total;
}
template <class K, class V, class... More>
std::size_t heap_of(const std::map<K, V, More...>& entries) noexcept {
  return heap_of_map(entries);
}
template <class K, class V, class... More>
std::size_t heap_of(const std::unordered_map<K, V, More...>& entries) noexcept {
  return heap_of_map(entries);
}
template <class T>
requires boost::describe::has_describe_members<T>::value std::size_t heap_of(const T& value)
noexcept {
  using members = boost::describe::describe_members<T, boost::describe::mod_any_access>;
  std::size_t total = 0;
  boost::mp11::mp_for_each<members>(
      [&](auto member) { total += heap_bytes(value.*member.pointer); });
  return total;
}

}  // namespace internal

/// Bytes of heap owned by `value`, as the standard library of this build lays containers out.
template <class T>
std::size_t heap_bytes(const T& value) noexcept {
  if constexpr (std::is_trivially_copyable_v<T>) {
    return 0;
  } else {
    return internal::heap_of(value);
  }
}

}  // namespace weir
