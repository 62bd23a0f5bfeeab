// SPDX-License-Identifier: BSD-3-Clause
// Event types to bytes and back without knowing the C++ type, and the table that finds the codec of
// an event type. Invariant: a codec once found stays valid for the life of the process.
#pragma once

#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/runtime/codec/json_reader.hpp"
#include "weir/runtime/codec/json_writer.hpp"
#include "weir/runtime/codec/type_text.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/event/event_type.hpp"

namespace weir::codec {

/// How one C++ type travels. All functions may be called from any thread.
struct event_codec {
  /// Appends the payload's JSON.
  void (*encode)(const void* payload, std::string& out);
  /// Constructs the payload in `storage`, which has the event type's size and alignment and holds
  /// no object; after an error it still holds none. Errors as of from_json, default limits.
  result<void> (*decode)(std::string_view text, void* storage);
  /// The fields in the order of their declaration.
  std::vector<field_description> (*fields)();
};

namespace internal {

template <class T>
result<void> decode_into(std::string_view text, void* storage) {
  static_assert(std::is_nothrow_destructible_v<T>);
  T* const value = ::new (storage) T{};
  auto done = read_text(text, *value, json_limits{});
  if (!done) value->~T();
  return done;
}

}  // namespace internal

/// The JSON codec of T, a described struct.
template <class T>
const event_codec& codec_of() noexcept {
  static_assert(internal::json_struct<T>, "describe the event with WEIR_EVENT");
  static constexpr event_codec codec{
      .encode = [](const void* payload, std::string& out) {
        to_json(*static_cast<const T*>(payload), out);
      },
      .decode = &internal::decode_into<T>,
      .fields = [] { return internal::describe_fields<T>(); }};
  return codec;
}

/// Enters `codec`, which must live as long as the process, for a type. Entering another for the
/// same type replaces it: a program may bring its own before it starts a node. Any thread.
void enroll(const event_type& type, const event_codec& codec);

/// Registers T if need be and enters its JSON codec; true, so that it can initialise a static.
template <class T>
bool enroll() {
  enroll(type_of<T>(), codec_of<T>());
  return true;
}

/// The codec of the type with this index, or nullptr if none was entered. Any thread, lock-free.
const event_codec* find_codec(std::uint32_t type_index) noexcept;

}  // namespace weir::codec
