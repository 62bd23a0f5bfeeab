// SPDX-License-Identifier: BSD-3-Clause
// Compact bytes to typed values: the way back of binary_writer.hpp, for bytes nobody vouches for.
// Nothing is read past their end, nothing is allocated for more elements than can still come, and
// what is left over is an error.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "weir/runtime/codec/binary_writer.hpp"
#include "weir/runtime/codec/byte_reader.hpp"
#include "weir/runtime/codec/decode_failure.hpp"
#include "weir/runtime/codec/type_text.hpp"
#include "weir/runtime/core/result.hpp"

namespace weir::codec {

/// What bytes may ask of us before they are refused.
struct binary_limits {
  /// More is errc::too_long.
  std::size_t size_max_bytes = 16U << 20U;
  /// Deepest nesting of structs, arrays and maps, the outermost being 1; deeper is errc::too_deep.
  std::size_t depth_max = 64;
};

/// Reads a T, any type that to_binary writes except std::string_view; T must be default
/// constructible. Errors say where, as in `order.items[3].price: ...`: errc::malformed (cut short,
/// trailing bytes, a count that cannot be, a map's name twice), wrong_type (a flag that is neither
/// 0 nor 1), out_of_range, invalid_utf8, too_deep, too_long. Bytes of another type may well decode:
/// compare fingerprints first. Any thread.
template <class T>
result<T> from_binary(std::string_view bytes, const binary_limits& limits = {});

namespace internal {

struct binary_source {
  byte_reader bytes;
  std::size_t depth_left;
  decode_failure failure;

  bool cut_short() { return failure.set(errc::malformed, "the bytes end too early"); }
  bool no_varint() {
    if (bytes.ends_in_varint()) return cut_short();
    return failure.set(errc::malformed, "a number is longer than it need be");
  }
};

template <class T>
bool read(binary_source& from, T& into);

template <class T>
bool read_integer(binary_source& from, T& into) {
  if constexpr (sizeof(T) == 1) {
    std::uint8_t byte = 0;
    if (!from.bytes.byte(byte)) return from.cut_short();
    into = static_cast<T>(byte);
    return true;
  } else {
    std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t> number = 0;
    if constexpr (std::is_signed_v<T>) {
      if (!from.bytes.signed_varint(number)) return from.no_varint();
    } else {
      if (!from.bytes.varint(number)) return from.no_varint();
    }
    if (!std::in_range<T>(number)) [[unlikely]] {
      return from.failure.set(errc::out_of_range, std::to_string(number).append(" does not fit ") +
                                                      type_text<T>());
    }
    into = static_cast<T>(number);
    return true;
  }
}

/// A byte that is 0 or 1.
inline bool read_flag(binary_source& from, bool& into) {
  std::uint8_t byte = 0;
  if (!from.bytes.byte(byte)) return from.cut_short();
  if (byte > 1) [[unlikely]] {
    return from.failure.set(errc::wrong_type,
                            "expected the byte 0 or 1, found " + std::to_string(byte));
  }
  into = byte == 1;
  return true;
}

inline bool read_text(binary_source& from, std::string_view& into) {
  std::uint64_t size = 0;
  if (!from.bytes.varint(size)) return from.no_varint();
  if (!from.bytes.bytes(size, into)) return from.cut_short();
  if (is_ascii(into)) [[likely]] return true;
  const auto valid = valid_utf8_prefix(into);
  return valid == into.size() ||
         from.failure.set(errc::invalid_utf8,
                          "byte " + std::to_string(valid) + " is not valid UTF-8");
}

template <class T>
bool read_string(binary_source& from, T& into) {
  std::string_view text;
  if (!read_text(from, text)) return false;
  if constexpr (std::same_as<T, std::string>) {
    into.assign(text);
  } else {
    const auto made = T::from(text);
    if (!made) {
      return from.failure.set(errc::out_of_range,
                              quoted(text).append(" does not fit ").append(type_text<T>()));
    }
    into = *made;
  }
  return true;
}

template <json_enum T>
bool read_enum(binary_source& from, T& into) {
  std::uint64_t wanted = 0;
  if (!from.bytes.varint(wanted)) return from.no_varint();
  std::uint64_t place = 0;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
    if (place++ == wanted) into = enumerator.value;
  });
  return wanted < place ||
         from.failure.set(errc::out_of_range, "number " + std::to_string(wanted) + " of " +
                                                  enum_names<T>() + " does not exist");
}

template <class Duration>
bool read_time(binary_source& from, Duration& into) {
  std::int64_t seconds = 0;
  std::uint64_t nanoseconds = 0;
  if (!from.bytes.signed_varint(seconds) || !from.bytes.varint(nanoseconds)) {
    return from.no_varint();
  }
  if (nanoseconds < nanoseconds_per_second) [[likely]] {
    if (const auto made = join<Duration>({seconds, static_cast<std::int64_t>(nanoseconds)})) {
      into = *made;
      return true;
    }
  }
  return from.failure.set(errc::out_of_range, std::to_string(seconds) + " s and " +
                                                  std::to_string(nanoseconds) +
                                                  " ns do not fit the field");
}

/// A count of elements, of which each takes a byte at least.
inline bool read_count(binary_source& from, std::size_t& into) {
  std::uint64_t count = 0;
  if (!from.bytes.varint(count)) return from.no_varint();
  if (count > from.bytes.left()) [[unlikely]] {
    return from.failure.set(errc::malformed, std::to_string(count) + " elements in " +
                                                 std::to_string(from.bytes.left()) + " bytes");
  }
  into = count;
  return true;
}

template <class T>
bool read_vector(binary_source& from, T& into) {
  using element = typename T::value_type;
  // A first guess that costs little whatever was announced; what really comes grows it.
  constexpr std::size_t reserved_max = 1 + (64U << 10U) / sizeof(element);
  std::size_t count = 0;
  if (!read_count(from, count)) return false;
  into.clear();
  into.reserve(std::min(count, reserved_max));
  for (std::size_t i = 0; i < count; ++i) {
    element value{};
    if (!read(from, value)) return from.failure.at_index(i);
    into.push_back(std::move(value));
  }
  return true;
}

template <class T>
bool read_array(binary_source& from, T& into) {
  for (std::size_t i = 0; i < into.size(); ++i) {
    if (!read(from, into[i])) return from.failure.at_index(i);
  }
  return true;
}

template <json_map T>
bool read_map(binary_source& from, T& into) {
  std::size_t count = 0;
  if (!read_count(from, count)) return false;
  into.clear();
  for (std::size_t i = 0; i < count; ++i) {
    std::string_view key;
    if (!read_text(from, key)) return from.failure.at_index(i);
    const auto [place, fresh] = into.try_emplace(std::string{key});
    if (!fresh) return from.failure.comes_twice() || from.failure.at_key(key);
    if (!read(from, place->second)) return from.failure.at_key(key);
  }
  return true;
}

template <class T, template <class...> class List, class... Fields>
bool read_fields(binary_source& from, T& into, List<Fields...>) {
  return ((read(from, into.*Fields::pointer) || from.failure.at_field(Fields::name)) && ...);
}

inline bool read_nothing(binary_source& from) {
  std::uint8_t byte = 0;
  if (!from.bytes.byte(byte)) return from.cut_short();
  return byte == 0 || from.failure.set(errc::wrong_type,
                                       "expected the byte 0, found " + std::to_string(byte));
}

/// What has parts, one level deeper.
template <class T>
bool read_parts(binary_source& from, T& into) {
  if (from.depth_left == 0) [[unlikely]] {
    return from.failure.set(errc::too_deep, "nested deeper than the limit");
  }
  --from.depth_left;
  bool done = false;
  if constexpr (has_no_parts<T>) {
    done = read_nothing(from);
  } else if constexpr (is_vector<T>) {
    done = read_vector(from, into);
  } else if constexpr (is_array<T>) {
    done = read_array(from, into);
  } else if constexpr (json_map<T>) {
    done = read_map(from, into);
  } else {
    done = read_fields(from, into, fields_of<T>{});
  }
  ++from.depth_left;
  return done;
}

template <class T>
bool read(binary_source& from, T& into) {
  if constexpr (std::same_as<T, bool>) {
    return read_flag(from, into);
  } else if constexpr (json_integer<T>) {
    return read_integer(from, into);
  } else if constexpr (json_floating<T>) {
    return from.bytes.fixed(into) || from.cut_short();
  } else if constexpr (std::same_as<T, std::string> || json_short_text<T>) {
    return read_string(from, into);
  } else if constexpr (json_enum<T>) {
    return read_enum(from, into);
  } else if constexpr (is_optional<T>) {
    bool present = false;
    if (!read_flag(from, present)) return false;
    if (present) return read(from, into.emplace());
    into.reset();
    return true;
  } else if constexpr (is_time<T>) {
    typename T::duration since{};
    if (!read_time(from, since)) return false;
    into = T{since};
    return true;
  } else if constexpr (is_duration<T>) {
    return read_time(from, into);
  } else if constexpr (is_vector<T> || is_array<T> || json_map<T> || json_struct<T>) {
    return read_parts(from, into);
  } else {
    static_assert(has_json_form<T>,
                  "this type cannot be read from binary: describe it with WEIR_FIELDS, "
                  "BOOST_DESCRIBE_ENUM, or use a type from json_writer.hpp");
    return false;
  }
}

/// Reads into an existing value; on failure `into` holds what was read before.
template <class T>
result<void> read_bytes(std::string_view bytes, T& into, const binary_limits& limits) {
  binary_source from{byte_reader{bytes}, limits.depth_max, {}};
  if (bytes.size() > limits.size_max_bytes) [[unlikely]] {
    from.failure.set(errc::too_long, std::to_string(bytes.size()) + " bytes, the limit is " +
                                         std::to_string(limits.size_max_bytes));
  } else if (read(from, into)) {
    if (from.bytes.done()) [[likely]] return {};
    from.failure.set(errc::malformed, std::to_string(from.bytes.left()) + " bytes follow it");
  }
  return fail(from.failure.to_error());
}

}  // namespace internal

template <class T>
result<T> from_binary(std::string_view bytes, const binary_limits& limits) {
  static_assert(std::is_default_constructible_v<T>, "a value is made first and then filled in");
  result<T> value{T{}};
  if (auto read = internal::read_bytes(bytes, *value, limits); !read) {
    return fail(std::move(read.error()));
  }
  return value;
}

}  // namespace weir::codec
