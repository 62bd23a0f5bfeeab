// SPDX-License-Identifier: BSD-3-Clause
// Integers as decimal text, for keys: on the event path once per event. Written from the last digit
// to the first, two at a time, which needs no count of the digits; std::to_chars counts them and
// costs three times as much for the short numbers that keys are.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

namespace weir {

/// Enough for any 64-bit integer and its sign.
inline constexpr std::size_t decimal_bytes_max = 24;

namespace internal {
inline constexpr auto digit_pairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();
}  // namespace internal

/// `number` in decimal, at the end of `scratch`, which has room for decimal_bytes_max.
template <std::integral Number>
std::string_view decimal(Number number, std::span<char> scratch) noexcept {
  char* const end = scratch.data() + scratch.size();
  char* first = end;
  // Negated as unsigned: the most negative number has no positive one.
  auto rest = static_cast<std::uint64_t>(number);
  bool negative = false;
  if constexpr (std::is_signed_v<Number>) negative = number < 0;
  if (negative) rest = 0 - rest;
  while (rest >= 100) {
    first -= 2;
    std::memcpy(first, &internal::digit_pairs[rest % 100 * 2], 2);
    rest /= 100;
  }
  if (rest >= 10) {
    first -= 2;
    std::memcpy(first, &internal::digit_pairs[rest * 2], 2);
  } else {
    *--first = static_cast<char>('0' + rest);
  }
  if (negative) *--first = '-';
  return {first, static_cast<std::size_t>(end - first)};
}

}  // namespace weir
