// SPDX-License-Identifier: BSD-3-Clause
// Event types to bytes and back without knowing the C++ type, and the table that finds the codec of
// an event type. Invariant: a codec once found stays valid for the life of the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/runtime/codec/binary_reader.hpp"
#include "weir/runtime/codec/binary_writer.hpp"
#include "weir/runtime/codec/fingerprint.hpp"
#include "weir/runtime/codec/json_reader.hpp"
#include "weir/runtime/codec/json_writer.hpp"
#include "weir/runtime/codec/type_text.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/event/event_type.hpp"
#include "weir/runtime/event/footprint.hpp"
#include "weir/runtime/event/payload_format.hpp"

namespace weir::codec {

using weir::payload_format;

/// How one C++ type travels. All functions may be called from any thread. A program's own codec may
/// leave out the binary form: its events then cannot be stored in it.
struct event_codec {
  /// Appends the payload's JSON.
  void (*encode)(const void* payload, std::string& out) = nullptr;
  /// Constructs the payload in `storage`, which has the event type's size and alignment and holds
  /// no object; after an error it still holds none. Errors as of from_json, default limits.
  result<void> (*decode)(std::string_view text, void* storage) = nullptr;
  /// The fields in the order of their declaration.
  std::vector<field_description> (*fields)() = nullptr;

  /// Appends the payload's binary form.
  void (*encode_binary)(const void* payload, byte_writer& out) = nullptr;
  /// As decode; errors as of from_binary, default limits.
  result<void> (*decode_binary)(std::string_view bytes, void* storage) = nullptr;
  /// Tells layouts apart that binary bytes cannot: see fingerprint.hpp.
  std::uint64_t (*fingerprint)() = nullptr;
  /// Heap that a payload owns, as of heap_bytes; null if that is always nothing.
  std::size_t (*heap)(const void* payload) noexcept = nullptr;
};

namespace internal {

/// `read(value)` fills in a T that has just been constructed in `storage`.
template <class T, class Read>
result<void> decode_into(void* storage, Read&& read) {
  static_assert(std::is_nothrow_destructible_v<T>);
  T* const value = ::new (storage) T{};
  auto done = read(*value);
  if (!done) [[unlikely]] value->~T();
  return done;
}

}  // namespace internal

/// The codec of T, a described struct.
template <class T>
const event_codec& codec_of() noexcept {
  static_assert(internal::json_struct<T>, "describe the event with WEIR_EVENT");
  static constexpr event_codec codec{
      .encode = [](const void* payload, std::string& out) {
        to_json(*static_cast<const T*>(payload), out);
      },
      .decode = [](std::string_view text, void* storage) {
        return internal::decode_into<T>(
            storage, [text](T& value) { return internal::read_text(text, value, json_limits{}); });
      },
      .fields = [] { return internal::describe_fields<T>(); },
      .encode_binary = [](const void* payload, byte_writer& out) {
        to_binary(*static_cast<const T*>(payload), out);
      },
      .decode_binary = [](std::string_view bytes, void* storage) {
        return internal::decode_into<T>(storage, [bytes](T& value) {
          return internal::read_bytes(bytes, value, binary_limits{});
        });
      },
      .fingerprint = &fingerprint_of<T>,
      .heap = std::is_trivially_copyable_v<T>
                  ? nullptr
                  : +[](const void* payload) noexcept {
                      return heap_bytes(*static_cast<const T*>(payload));
                    }};
  return codec;
}

/// Enters `codec`, which must live as long as the process, for a type. Entering another for the
/// same type replaces it: a program may bring its own before it starts a node. Any thread.
void enroll(const event_type& type, const event_codec& codec);

/// Registers T if need be and enters its codec; true, so that it can initialise a static.
template <class T>
bool enroll() {
  enroll(type_of<T>(), codec_of<T>());
  return true;
}

namespace internal {
template <class T>
inline const bool enrolled = codec::enroll<T>();
}  // namespace internal

/// Has T's codec entered before the program begins, and does nothing when it is called: for code
/// through which events pass that may have to be stored.
template <class T>
[[gnu::always_inline]] inline void ensure_enrolled() noexcept {
  // Naming the variable's address is what makes it exist.
  static_cast<void>(&internal::enrolled<std::remove_cvref_t<T>>);
}

/// The codec of the type with this index, or nullptr if none was entered. Any thread, lock-free.
const event_codec* find_codec(std::uint32_t type_index) noexcept;

}  // namespace weir::codec
