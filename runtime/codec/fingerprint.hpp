// SPDX-License-Identifier: BSD-3-Clause
// What the layout of a type is told by, since binary bytes say nothing about themselves: a program
// that has changed a type without giving it a new version would read garbage.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/runtime/codec/type_text.hpp"
#include "weir/runtime/core/hash.hpp"
#include "weir/runtime/event/describe.hpp"

namespace weir::codec {

/// What is hashed: `order.created@1{order_id: string, cents: int64, note?: string}`, the type as
/// field_description has it; no name and version if T is no event.
template <class T>
std::string layout_text() {
  std::string text;
  if constexpr (event_payload<T>) {
    constexpr event_signature signature = weir_event_signature(static_cast<const T*>(nullptr));
    text.append(signature.name).append("@").append(std::to_string(signature.version));
  }
  return text + internal::struct_text<T>();
}

/// XXH3-64 of layout_text(). Two types of different fields, field kinds, order of fields or
/// enumerators, name or version have different ones, up to a chance of 2^-64. The unit of a time or
/// duration and the numbers of an enum do not count: the bytes do not depend on them. Any thread.
template <class T>
std::uint64_t fingerprint_of() {
  static const std::uint64_t made = stable_hash(layout_text<T>());
  return made;
}

}  // namespace weir::codec
