// SPDX-License-Identifier: BSD-3-Clause
// Typed values to compact bytes: fields in the order of their declaration, without names or kinds,
// as FORMAT.md says. Only a program that has the same layout of the type can read them, which is
// what fingerprint.hpp is for. Equal values give equal bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/runtime/codec/byte_writer.hpp"
#include "weir/runtime/codec/json_kinds.hpp"
#include "weir/runtime/codec/json_text.hpp"
#include "weir/runtime/codec/key_order.hpp"
#include "weir/runtime/codec/rfc3339.hpp"

namespace weir::codec {

/// Appends `value` in binary. Takes the types that to_json takes. Numbers are kept bit for bit, NaN
/// included, and times whatever their year. Bytes of a string that are not UTF-8 become U+FFFD, and
/// an enum value without a name, or a time or duration of more than 2^63 seconds, is written as a
/// mark that reading refuses. Any thread.
template <class T>
void to_binary(const T& value, byte_writer& out);

/// The same, appended to a string.
template <class T>
void to_binary(const T& value, std::string& out) {
  byte_writer writer{out};
  to_binary(value, writer);
}

namespace internal {

/// Nanoseconds of a time that has no binary form: one more than there can be.
inline constexpr std::int64_t no_nanoseconds = nanoseconds_per_second;

/// Where `value` stands among the described names, or their number if it has none.
template <json_enum E>
constexpr std::uint64_t enum_place(E value) noexcept {
  std::uint64_t place = 0;
  bool found = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto enumerator) {
    found = found || enumerator.value == value;
    if (!found) ++place;
  });
  return place;
}

inline void write_text(std::string_view value, byte_writer& out) {
  if (is_ascii(value) || valid_utf8_prefix(value) == value.size()) [[likely]] {
    out.text(value);
  } else {
    std::string repaired;
    append_repaired(value, repaired);
    out.text(repaired);
  }
}

template <class Duration>
void write_time(Duration since, byte_writer& out) {
  const auto parts = split(since).value_or(split_time{0, no_nanoseconds});
  out.signed_varint(parts.seconds);
  out.varint(static_cast<std::uint64_t>(parts.nanoseconds));
}

template <class T>
void write_map(const T& map, byte_writer& out) {
  out.varint(map.size());
  const auto write_pair = [&out](const typename T::value_type& pair) {
    write_text(pair.first, out);
    to_binary(pair.second, out);
  };
  if constexpr (is_sorted_map<T>) {
    for (const auto& pair : map) write_pair(pair);
  } else {
    for (const auto* pair : in_key_order(map)) write_pair(*pair);
  }
}

template <class T>
void write_integer(T value, byte_writer& out) {
  if constexpr (sizeof value == 1) {
    out.byte(static_cast<std::uint8_t>(value));
  } else if constexpr (std::is_signed_v<T>) {
    out.signed_varint(value);
  } else {
    out.varint(value);
  }
}

/// Every value takes a byte at least: a count can then be held against the bytes that are left.
template <class T>
inline constexpr bool has_no_parts = false;
template <json_struct T>
inline constexpr bool has_no_parts<T> = field_count<T> == 0;
template <class T>
inline constexpr bool has_no_parts<std::array<T, 0>> = true;

}  // namespace internal

template <class T>
void to_binary(const T& value, byte_writer& out) {
  if constexpr (std::same_as<T, bool>) {
    out.byte(value ? 1 : 0);
  } else if constexpr (internal::json_integer<T>) {
    internal::write_integer(value, out);
  } else if constexpr (internal::json_floating<T>) {
    out.fixed(value);
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
    internal::write_text(value, out);
  } else if constexpr (internal::json_short_text<T>) {
    internal::write_text(value.view(), out);
  } else if constexpr (internal::json_enum<T>) {
    out.varint(internal::enum_place(value));
  } else if constexpr (internal::is_optional<T>) {
    out.byte(value ? 1 : 0);
    if (value) to_binary(*value, out);
  } else if constexpr (internal::has_no_parts<T>) {
    out.byte(0);
  } else if constexpr (internal::is_vector<T> || internal::is_array<T>) {
    if constexpr (internal::is_vector<T>) out.varint(value.size());
    for (const typename T::value_type& element : value) to_binary(element, out);
  } else if constexpr (internal::json_map<T>) {
    internal::write_map(value, out);
  } else if constexpr (internal::is_time<T>) {
    internal::write_time(value.time_since_epoch(), out);
  } else if constexpr (internal::is_duration<T>) {
    internal::write_time(value, out);
  } else if constexpr (internal::json_struct<T>) {
    boost::mp11::mp_for_each<internal::fields_of<T>>(
        [&](auto field) { to_binary(value.*field.pointer, out); });
  } else {
    static_assert(internal::has_json_form<T>,
                  "this type has no binary form: describe it with WEIR_FIELDS, "
                  "BOOST_DESCRIBE_ENUM, or use a type from json_writer.hpp");
  }
}

}  // namespace weir::codec
