// SPDX-License-Identifier: BSD-3-Clause
// Typed values to JSON text, appended to a string without a tree in between. The text is always
// valid JSON in valid UTF-8, fields come in declaration order and hashed maps in key order, so that
// equal values give equal bytes.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "weir/runtime/codec/json_kinds.hpp"
#include "weir/runtime/codec/json_text.hpp"
#include "weir/runtime/codec/key_order.hpp"
#include "weir/runtime/codec/rfc3339.hpp"

namespace weir::codec {

/// Appends `value` as JSON. Takes integers, float, double, bool, std::string, std::string_view,
/// described enums (by name), structs (WEIR_EVENT, WEIR_FIELDS), std::optional, std::vector,
/// std::array, maps from std::string, time points of the system clock (RFC 3339, UTC) and durations
/// (whole nanoseconds). A value without JSON form becomes null: NaN and infinities, an enum value
/// without name, a time outside the years 0 to 9999, a duration beyond 292 years. Any thread.
template <class T>
void to_json(const T& value, std::string& out);

/// The same, as a new string.
template <class T>
std::string to_json(const T& value) {
  std::string out;
  to_json(value, out);
  return out;
}

namespace internal {

template <class T>
void append_number(T value, std::string& out) {
  std::array<char, 32> text;  // the longest double has 24 characters
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

template <class T>
void append_enum(T value, std::string& out) {
  if (const char* name = enum_name(value)) {
    out.append(1, '"').append(name).append(1, '"');
  } else {
    out += "null";
  }
}

template <class T>
void append_duration(T value, std::string& out) {
  if (const auto nanoseconds = to_nanoseconds(value)) {
    append_number(*nanoseconds, out);
  } else {
    out += "null";
  }
}

template <class T>
void append_time_point(const T& value, std::string& out) {
  const auto parts = split(value.time_since_epoch());
  if (!parts || !append_time(*parts, out)) out += "null";
}

template <class T>
void append_elements(const T& values, std::string& out) {
  out += '[';
  bool first = true;
  for (const typename T::value_type& element : values) {
    if (!std::exchange(first, false)) out += ',';
    to_json(element, out);
  }
  out += ']';
}

template <class Pair>
void append_pair(const Pair& pair, bool first, std::string& out) {
  if (!first) out += ',';
  append_text(pair.first, out);
  out += ':';
  to_json(pair.second, out);
}

template <class T>
void append_map(const T& map, std::string& out) {
  out += '{';
  bool first = true;
  if constexpr (is_sorted_map<T>) {
    for (const auto& pair : map) append_pair(pair, std::exchange(first, false), out);
  } else {
    for (const auto* pair : in_key_order(map)) {
      append_pair(*pair, std::exchange(first, false), out);
    }
  }
  out += '}';
}

/// `,"name":` put together at compile time; the first field leaves out the comma.
template <class Field>
inline constexpr auto field_prefix = [] {
  constexpr std::string_view name{Field::name};
  std::array<char, name.size() + 4> text{};
  text[0] = ',';
  text[1] = '"';
  std::copy(name.begin(), name.end(), text.begin() + 2);
  text[name.size() + 2] = '"';
  text[name.size() + 3] = ':';
  return text;
}();

template <class T>
void append_struct(const T& value, std::string& out) {
  out += '{';
  [[maybe_unused]] std::size_t skip = 1;
  boost::mp11::mp_for_each<fields_of<T>>([&](auto field) {
    constexpr const auto& prefix = field_prefix<decltype(field)>;
    out.append(prefix.data() + skip, prefix.size() - skip);
    skip = 0;
    to_json(value.*field.pointer, out);
  });
  out += '}';
}

}  // namespace internal

template <class T>
void to_json(const T& value, std::string& out) {
  if constexpr (std::same_as<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (internal::json_integer<T>) {
    internal::append_number(value, out);
  } else if constexpr (internal::json_floating<T>) {
    if (std::isfinite(value)) {
      internal::append_number(value, out);
    } else {
      out += "null";
    }
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
    internal::append_text(value, out);
  } else if constexpr (internal::json_short_text<T>) {
    internal::append_text(value.view(), out);
  } else if constexpr (internal::json_enum<T>) {
    internal::append_enum(value, out);
  } else if constexpr (internal::is_optional<T>) {
    if (value) {
      to_json(*value, out);
    } else {
      out += "null";
    }
  } else if constexpr (internal::is_vector<T> || internal::is_array<T>) {
    internal::append_elements(value, out);
  } else if constexpr (internal::json_map<T>) {
    internal::append_map(value, out);
  } else if constexpr (internal::is_time<T>) {
    internal::append_time_point(value, out);
  } else if constexpr (internal::is_duration<T>) {
    internal::append_duration(value, out);
  } else if constexpr (internal::json_struct<T>) {
    internal::append_struct(value, out);
  } else {
    static_assert(internal::has_json_form<T>,
                  "this type has no JSON form: describe it with WEIR_FIELDS, "
                  "BOOST_DESCRIBE_ENUM, or use a type from json_writer.hpp");
  }
}

}  // namespace weir::codec
