// SPDX-License-Identifier: BSD-3-Clause
// The words of the flights sample: an airport code that fits in a register, one departure, and a
// record that could not be read. A departure is a trivially copyable value: three million of them
// go by without an allocation.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/error.hpp"

namespace flights {

/// An airport code: 1 to 4 printable ASCII characters without spaces; a default one is empty.
class iata {
 public:
  static constexpr std::size_t capacity = 4;

  constexpr iata() noexcept = default;
  /// Nothing if `text` is empty, longer than `capacity` or holds anything but printable ASCII.
  static constexpr std::optional<iata> from(std::string_view text) noexcept {
    if (text.empty() || text.size() > capacity) return std::nullopt;
    iata code;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] <= ' ' || text[i] > '~') return std::nullopt;
      code.letters_[i] = text[i];
    }
    return code;
  }

  constexpr std::string_view view() const noexcept {
    std::size_t size = 0;
    while (size < capacity && letters_[size] != '\0') ++size;
    return {letters_.data(), size};
  }
  std::uint32_t bits() const noexcept {
    std::uint32_t packed;
    std::memcpy(&packed, letters_.data(), sizeof packed);
    return packed;
  }
  /// The code whose bits() these are.
  static iata of(std::uint32_t bits) noexcept {
    iata code;
    std::memcpy(code.letters_.data(), &bits, sizeof bits);
    return code;
  }
  friend constexpr auto operator<=>(const iata&, const iata&) noexcept = default;

 private:
  std::array<char, capacity> letters_{};
};

/// One flight leaving its origin. `at` is a whole minute, taken as UTC.
struct departure {
  weir::timestamp at{};
  std::int32_t delay_minutes = 0;
  std::int32_t distance_miles = 0;
  iata origin;
  iata destination;
  friend bool operator==(const departure&, const departure&) noexcept = default;
};

/// A record that is not a departure. `record` counts from 1 and counts malformed ones too.
struct malformed {
  std::uint64_t record = 0;
  std::string field;  ///< the field or column at fault; empty if it is the record as a whole
  weir::errc code = weir::errc::malformed;
  std::string reason;  ///< one sentence
  std::string raw;     ///< the record as it stood, at most `max_raw_bytes`; may be invalid UTF-8
};

/// How much of a malformed record is kept for its dead letter.
inline constexpr std::size_t max_raw_bytes = 1024;

}  // namespace flights

template <>
struct std::hash<flights::iata> {
  std::size_t operator()(const flights::iata& code) const noexcept {
    return (code.bits() * 0x9e3779b97f4a7c15U) >> 20;
  }
};
