// SPDX-License-Identifier: BSD-3-Clause
// C++ types in the words of a schema, for error messages and field descriptions. The words are part
// of Weir's face: they do not depend on the compiler.
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "weir/runtime/codec/json_kinds.hpp"

namespace weir::codec {

/// A field of an event, for people and schemas. `type` is `bool`, `int8` to `uint64`, `float`,
/// `double`, `string`, `time`, `duration`, `enum(red|green)`, `array<T>`, `array<T,3>`, `map<T>` or
/// `{name: T, other?: T}`; a struct inside itself is `object`. `optional` is not part of it.
struct field_description {
  std::string name;
  std::string type;
  bool optional = false;

  bool operator==(const field_description&) const = default;
};

namespace internal {

/// `red, green, blue`
template <json_enum T>
std::string enum_names(const char* between = ", ") {
  std::string names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
    if (!names.empty()) names += between;
    names += enumerator.name;
  });
  return names;
}

template <class T>
struct unwrapped {
  using type = T;
};
template <class T>
struct unwrapped<std::optional<T>> {
  using type = T;
};

template <class T, class... Outer>
std::string type_text();

template <class T, class... Outer>
std::vector<field_description> describe_fields() {
  std::vector<field_description> fields;
  fields.reserve(field_count<T>);
  boost::mp11::mp_for_each<fields_of<T>>([&](auto field) {
    using member = member_type<T, decltype(field)>;
    fields.push_back({field.name, type_text<typename unwrapped<member>::type, T, Outer...>(),
                      is_optional<member>});
  });
  return fields;
}

template <class T, class... Outer>
std::string struct_text() {
  std::string text = "{";
  for (const auto& field : describe_fields<T, Outer...>()) {
    if (text.size() > 1) text += ", ";
    text.append(field.name).append(field.optional ? "?: " : ": ").append(field.type);
  }
  return text + "}";
}

template <json_integer T>
std::string integer_text() {
  return (std::numeric_limits<T>::is_signed ? "int" : "uint") + std::to_string(sizeof(T) * 8);
}

/// Outer: the structs around T, so that a type that contains itself has an end.
template <class T, class... Outer>
std::string type_text() {
  if constexpr (std::same_as<T, bool>) {
    return "bool";
  } else if constexpr (json_integer<T>) {
    return integer_text<T>();
  } else if constexpr (json_floating<T>) {
    return std::same_as<T, float> ? "float" : "double";
  } else if constexpr (std::same_as<T, std::string>) {
    return "string";
  } else if constexpr (json_short_text<T>) {
    return "string(" + std::to_string(T::capacity) + ")";
  } else if constexpr (json_enum<T>) {
    return "enum(" + enum_names<T>("|") + ")";
  } else if constexpr (is_optional<T>) {
    return type_text<typename T::value_type, Outer...>() + "?";
  } else if constexpr (is_vector<T>) {
    return "array<" + type_text<typename T::value_type, Outer...>() + ">";
  } else if constexpr (is_array<T>) {
    return "array<" + type_text<typename T::value_type, Outer...>() + "," +
           std::to_string(std::tuple_size_v<T>) + ">";
  } else if constexpr (json_map<T>) {
    return "map<" + type_text<typename T::mapped_type, Outer...>() + ">";
  } else if constexpr (is_time<T>) {
    return "time";
  } else if constexpr (is_duration<T>) {
    return "duration";
  } else if constexpr ((std::same_as<T, Outer> || ...)) {
    return "object";
  } else if constexpr (json_struct<T>) {
    return struct_text<T, Outer...>();
  } else {
    static_assert(has_json_form<T>, "this type has no JSON form");
  }
}

}  // namespace internal
}  // namespace weir::codec
