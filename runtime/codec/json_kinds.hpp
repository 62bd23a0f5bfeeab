// SPDX-License-Identifier: BSD-3-Clause
// Which C++ types have a JSON form, as concepts. Writer, reader and type texts all branch on these
// and on nothing else, so that a type is either in all three or refused at compile time.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <boost/mp11/algorithm.hpp>

namespace weir::codec::internal {

template <class T>
concept character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;

template <class T>
concept json_integer =
    std::integral<T> && !character<T> && !std::same_as<T, bool> && sizeof(T) <= 8;

template <class T>
concept json_floating = std::same_as<T, float> || std::same_as<T, double>;

template <class T>
concept json_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class T>
concept json_struct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

/// A string of bounded size that is no std::string: inline_string, or a program's own code type
/// with `capacity`, `view()` and a static `from(std::string_view)` that gives an optional.
template <class T>
concept json_short_text = requires(const T& value, std::string_view text) {
  { value.view() } -> std::same_as<std::string_view>;
  { T::from(text) } -> std::same_as<std::optional<T>>;
  { T::capacity } -> std::convertible_to<std::size_t>;
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
/// Null would be two different values.
template <class T>
inline constexpr bool is_optional<std::optional<std::optional<T>>> = false;

template <class T>
inline constexpr bool is_vector = false;
template <class T, class A>
inline constexpr bool is_vector<std::vector<T, A>> = true;

template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t N>
inline constexpr bool is_array<std::array<T, N>> = true;

template <class T>
inline constexpr bool is_sorted_map = false;
template <class V, class C, class A>
inline constexpr bool is_sorted_map<std::map<std::string, V, C, A>> = true;

template <class T>
inline constexpr bool is_hashed_map = false;
template <class V, class H, class E, class A>
inline constexpr bool is_hashed_map<std::unordered_map<std::string, V, H, E, A>> = true;

template <class T>
concept json_map = is_sorted_map<T> || is_hashed_map<T>;

template <class T>
inline constexpr bool is_duration = false;
template <json_integer R, class P>
inline constexpr bool is_duration<std::chrono::duration<R, P>> = true;

template <class T>
inline constexpr bool is_time = false;
template <class D>
inline constexpr bool is_time<std::chrono::time_point<std::chrono::system_clock, D>> =
    is_duration<D>;

/// False for every type: the condition of the static_assert that refuses one.
template <class T>
inline constexpr bool has_json_form = false;

template <class T>
using fields_of = boost::describe::describe_members<T, boost::describe::mod_public |
                                                           boost::describe::mod_inherited>;

template <class T>
inline constexpr std::size_t field_count = boost::mp11::mp_size<fields_of<T>>::value;

/// The type of the member that a descriptor of T points to.
template <class T, class Field>
using member_type = std::remove_cvref_t<decltype(std::declval<T&>().*Field::pointer)>;

/// The described name of `value`, or nullptr if it has none.
template <json_enum E>
constexpr const char* enum_name(E value) noexcept {
  const char* found = nullptr;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto enumerator) {
    if (found == nullptr && enumerator.value == value) found = enumerator.name;
  });
  return found;
}

}  // namespace weir::codec::internal
