// SPDX-License-Identifier: BSD-3-Clause
// JSON text to typed values. The whole text is checked first (json_document), then fields convert
// exactly or not at all: nothing is rounded, cut, guessed or taken from the wrong kind.
#pragma once

#include <array>
#include <bitset>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "weir/runtime/codec/json_document.hpp"
#include "weir/runtime/codec/decode_failure.hpp"
#include "weir/runtime/codec/json_kinds.hpp"
#include "weir/runtime/codec/rfc3339.hpp"
#include "weir/runtime/codec/type_text.hpp"
#include "weir/runtime/core/result.hpp"

namespace weir::codec {

/// Reads a T, any type that to_json writes except std::string_view; T must be default
/// constructible. Unknown fields are ignored, in any order of fields; a missing or null optional is
/// empty; every other field must be there. A name that comes twice in a struct or map is
/// errc::malformed. Errors say where, as in `order.items[3].price: 300 does not fit int8`:
/// errc::malformed, missing_field, wrong_type, out_of_range, invalid_utf8, too_deep, too_long. Any
/// thread.
template <class T>
result<T> from_json(std::string_view text, const json_limits& limits = {});

namespace internal {

template <class T>
bool read(const json_value& from, T& into, decode_failure& failure);

template <class T>
bool does_not_fit(std::string_view written, decode_failure& failure) {
  return failure.set(errc::out_of_range,
                     std::string{written}.append(" does not fit ").append(type_text<T>()));
}

template <json_integer T>
bool read_integer(const json_value& from, T& into, decode_failure& failure) {
  if (from.kind != json_kind::number) return failure.unexpected(type_text<T>(), from);
  const auto text = from.view();
  if (!from.whole) {
    return failure.set(errc::wrong_type, std::string{text} + " is not written as an integer");
  }
  const auto done = std::from_chars(text.data(), text.data() + text.size(), into);
  if (done.ec == std::errc{}) return true;
  // from_chars takes no sign for unsigned types, not even that of zero.
  if (text == "-0") {
    into = 0;
    return true;
  }
  return does_not_fit<T>(text, failure);
}

template <json_floating T>
bool read_floating(const json_value& from, T& into, decode_failure& failure) {
  if (from.kind != json_kind::number) return failure.unexpected(type_text<T>(), from);
  const auto text = from.view();
  const auto done = std::from_chars(text.data(), text.data() + text.size(), into);
  return done.ec == std::errc{} || does_not_fit<T>(text, failure);
}

template <json_enum T>
bool read_enum(const json_value& from, T& into, decode_failure& failure) {
  if (from.kind != json_kind::string) return failure.unexpected("the name of an enum value", from);
  bool found = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
    if (found || from.view() != enumerator.name) return;
    into = enumerator.value;
    found = true;
  });
  return found || failure.set(errc::out_of_range,
                              quoted(from.view()).append(" is none of ").append(enum_names<T>()));
}

template <class T>
bool read_time(const json_value& from, T& into, decode_failure& failure) {
  if (from.kind != json_kind::string) return failure.unexpected("an RFC 3339 time", from);
  const auto parts = parse_time(from.view());
  if (!parts) {
    return failure.set(errc::wrong_type, quoted(from.view()) + " is not an RFC 3339 time");
  }
  const auto since_epoch = join<typename T::duration>(*parts);
  if (!since_epoch) return does_not_fit<T>(quoted(from.view()), failure);
  into = T{*since_epoch};
  return true;
}

template <class T>
bool read_duration(const json_value& from, T& into, decode_failure& failure) {
  std::int64_t nanoseconds = 0;
  if (!read_integer(from, nanoseconds, failure)) return false;
  const auto length = from_nanoseconds<T>(nanoseconds);
  if (!length) return does_not_fit<T>(std::string{from.view()} + " ns", failure);
  into = *length;
  return true;
}

template <class T>
bool read_vector(const json_value& from, T& into, decode_failure& failure) {
  if (from.kind != json_kind::array) return failure.unexpected("an array", from);
  into.clear();
  into.reserve(from.size);
  const json_value* element = from.first();
  for (std::size_t i = 0; i < from.size; ++i, element = element->next()) {
    typename T::value_type value{};
    if (!read(*element, value, failure)) return failure.at_index(i);
    into.push_back(std::move(value));
  }
  return true;
}

template <class T>
bool read_array(const json_value& from, T& into, decode_failure& failure) {
  if (from.kind != json_kind::array) return failure.unexpected("an array", from);
  if (from.size != into.size()) {
    return failure.set(errc::out_of_range, "expected " + std::to_string(into.size()) +
                                               " elements, found " + std::to_string(from.size));
  }
  const json_value* element = from.first();
  for (std::size_t i = 0; i < into.size(); ++i, element = element->next()) {
    if (!read(*element, into[i], failure)) return failure.at_index(i);
  }
  return true;
}

template <json_map T>
bool read_map(const json_value& from, T& into, decode_failure& failure) {
  if (from.kind != json_kind::object) return failure.unexpected("an object", from);
  into.clear();
  const json_value* key = from.first();
  for (std::size_t i = 0; i < from.size; ++i) {
    const json_value* const value = key->next();
    const auto [place, fresh] = into.try_emplace(std::string{key->view()});
    if (!fresh) return failure.comes_twice() || failure.at_key(key->view());
    if (!read(*value, place->second, failure)) return failure.at_key(key->view());
    key = value->next();
  }
  return true;
}

/// One row per field: what a struct's reader needs without knowing the field's type.
template <class T>
struct field_reader {
  std::string_view name;
  bool optional;
  bool (*read)(const json_value& from, T& into, decode_failure& failure);
};

template <class T>
inline constexpr auto field_readers = [] {
  std::array<field_reader<T>, field_count<T>> readers{};
  [[maybe_unused]] std::size_t next = 0;
  boost::mp11::mp_for_each<fields_of<T>>([&](auto field) {
    using descriptor = decltype(field);
    readers[next++] = {
        descriptor::name, is_optional<member_type<T, descriptor>>,
        +[](const json_value& from, T& into, decode_failure& failure) {
          return internal::read(from, into.*descriptor::pointer, failure);
        }};
  });
  return readers;
}();

/// The index of the field called `name`, looked for at `hint` first: writers keep to one order.
template <class T>
std::size_t find_field(std::string_view name, std::size_t hint) noexcept {
  constexpr const auto& fields = field_readers<T>;
  if (hint < fields.size() && fields[hint].name == name) return hint;
  std::size_t index = 0;
  while (index < fields.size() && fields[index].name != name) ++index;
  return index;
}

template <json_struct T>
bool read_struct(const json_value& from, T& into, decode_failure& failure) {
  constexpr const auto& fields = field_readers<T>;
  if (from.kind != json_kind::object) return failure.unexpected("an object", from);
  std::bitset<field_count<T>> seen;
  std::size_t hint = 0;
  const json_value* key = from.first();
  for (std::size_t i = 0; i < from.size; ++i) {
    const json_value* const value = key->next();
    const std::size_t index = find_field<T>(key->view(), hint);
    if (index < fields.size()) {
      const auto& field = fields[index];
      if (seen[index]) return failure.comes_twice() || failure.at_field(field.name);
      if (!field.read(*value, into, failure)) return failure.at_field(field.name);
      seen[index] = true;
      hint = index + 1;
    }
    key = value->next();
  }
  if (seen.all()) return true;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (seen[i]) continue;
    if (!fields[i].optional) {
      failure.set(errc::missing_field, "is missing");
      return failure.at_field(fields[i].name);
    }
    static constexpr json_value absent{};  // null
    if (!fields[i].read(absent, into, failure)) return failure.at_field(fields[i].name);
  }
  return true;
}

template <class T>
bool read(const json_value& from, T& into, decode_failure& failure) {
  if constexpr (std::same_as<T, bool>) {
    if (from.kind != json_kind::boolean) return failure.unexpected("a bool", from);
    into = from.truth;
    return true;
  } else if constexpr (json_integer<T>) {
    return read_integer(from, into, failure);
  } else if constexpr (json_floating<T>) {
    return read_floating(from, into, failure);
  } else if constexpr (std::same_as<T, std::string>) {
    if (from.kind != json_kind::string) return failure.unexpected("a string", from);
    into.assign(from.view());
    return true;
  } else if constexpr (json_short_text<T>) {
    if (from.kind != json_kind::string) return failure.unexpected("a string", from);
    const auto made = T::from(from.view());
    if (!made) return does_not_fit<T>(from.view(), failure);
    into = *made;
    return true;
  } else if constexpr (json_enum<T>) {
    return read_enum(from, into, failure);
  } else if constexpr (is_optional<T>) {
    if (from.kind == json_kind::null) {
      into.reset();
      return true;
    }
    return read(from, into.emplace(), failure);
  } else if constexpr (is_vector<T>) {
    return read_vector(from, into, failure);
  } else if constexpr (is_array<T>) {
    return read_array(from, into, failure);
  } else if constexpr (json_map<T>) {
    return read_map(from, into, failure);
  } else if constexpr (is_time<T>) {
    return read_time(from, into, failure);
  } else if constexpr (is_duration<T>) {
    return read_duration(from, into, failure);
  } else if constexpr (json_struct<T>) {
    return read_struct(from, into, failure);
  } else {
    static_assert(has_json_form<T>,
                  "this type cannot be read from JSON: describe it with WEIR_FIELDS, "
                  "BOOST_DESCRIBE_ENUM, or use a type from json_writer.hpp");
    return false;
  }
}

/// Reads into an existing value; on failure `into` holds what was read before.
template <class T>
result<void> read_text(std::string_view text, T& into, const json_limits& limits) {
  decode_failure failure;
  json_document document;
  const json_value* const root = document.parse(text, limits, failure);
  if (root == nullptr || !read(*root, into, failure)) return fail(failure.to_error());
  return {};
}

}  // namespace internal

template <class T>
result<T> from_json(std::string_view text, const json_limits& limits) {
  static_assert(std::is_default_constructible_v<T>, "a value is made first and then filled in");
  result<T> value{T{}};
  if (auto read = internal::read_text(text, *value, limits); !read) {
    return fail(std::move(read.error()));
  }
  return value;
}

}  // namespace weir::codec
