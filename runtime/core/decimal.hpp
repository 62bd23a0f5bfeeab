// SPDX-License-Identifier: BSD-3-Clause
// Integers as decimal text, for keys: on the event path once per event. Short numbers are put
// together in a register and stored in one piece: text that is written byte by byte and then copied
// by words makes the processor wait until all its earlier stores have left the core.
#pragma once

#include <array>
#include <bit>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace weir {

/// Enough for any 64-bit integer and its sign.
inline constexpr std::size_t decimal_bytes_max = 24;

namespace internal {
/// The two digits of each number below 100, the first in the lower byte.
inline constexpr auto digit_pairs = [] {
  std::array<std::uint16_t, 100> pairs{};
  for (unsigned i = 0; i < 100; ++i) {
    pairs[i] = static_cast<std::uint16_t>(('0' + i / 10) | ('0' + i % 10) << 8U);
  }
  return pairs;
}();
/// The four digits of a number below 10^4, the first in the lowest byte.
constexpr std::uint32_t four_digits(std::uint32_t number) noexcept {
  return digit_pairs[number / 100] | std::uint32_t{digit_pairs[number % 100]} << 16U;
}
/// Stores digits without the zeros in front, but never without the last digit; returns how many.
template <std::unsigned_integral Word>
std::size_t store_digits(Word digits, char* to) noexcept {
  constexpr auto last = Word{1} << (8 * (sizeof(Word) - 1));
  const auto values = static_cast<Word>(digits & (static_cast<Word>(~Word{0}) / 255 * 15));
  const auto zeros = static_cast<unsigned>(std::countr_zero(values | last)) / 8;
  digits >>= 8 * zeros;
  std::memcpy(to, &digits, sizeof digits);
  return sizeof digits - zeros;
}
}  // namespace internal

/// `number` in decimal, at the start of `scratch`, which has room for decimal_bytes_max.
template <std::integral Number>
std::string_view decimal(Number number, std::span<char> scratch) noexcept {
  auto* const to = scratch.data();
  // A negative number becomes one too large for the short ways.
  const auto plain = static_cast<std::uint64_t>(number);
  if (std::endian::native == std::endian::little && plain < 100'000'000) [[likely]] {
    const auto small = static_cast<std::uint32_t>(plain);
    if (small < 10'000) return {to, internal::store_digits(internal::four_digits(small), to)};
    return {to, internal::store_digits(
                    internal::four_digits(small / 10'000) |
                        std::uint64_t{internal::four_digits(small % 10'000)} << 32U, to)};
  }
  const auto end = std::to_chars(to, to + scratch.size(), number).ptr;
  return {to, static_cast<std::size_t>(end - to)};
}

}  // namespace weir
