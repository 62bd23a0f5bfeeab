// SPDX-License-Identifier: BSD-3-Clause
// Two ways past an array element that is no record, byte by byte and with a few bytes of memory, so
// that its length does not matter: to its own end, or, when its syntax is broken and has no end, to
// where the next record seems to start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flights {

/// The end of an element: brackets count outside strings, a scalar ends at a delimiter.
class element_end {
 public:
  /// Takes the next bytes; answers how many of them belong to the element.
  std::size_t take(std::string_view bytes) noexcept;
  bool found() const noexcept { return found_; }

 private:
  bool take_byte(char byte) noexcept;  // true if the byte belongs to the element

  enum class kind : std::uint8_t { unknown, scalar, string, container };
  kind is_ = kind::unknown;
  bool in_string_ = false;
  bool escaped_ = false;
  bool found_ = false;
  std::uint64_t depth_ = 0;
};

/// The next record behind broken syntax: `}`, comma, `{`, whatever strings say, for after a lost
/// quote nothing knows what is inside one.
class next_record {
 public:
  /// Takes the next bytes; answers how many of them stand before the next record's `{`.
  std::size_t take(std::string_view bytes) noexcept;
  bool found() const noexcept { return seen_ == seen::object; }
  /// To be asked at the end of input: the last thing seen was `}` and the array's `]`.
  bool array_closed() const noexcept { return seen_ == seen::bracket; }

 private:
  enum class seen : std::uint8_t { nothing, brace, comma, bracket, object };
  seen seen_ = seen::nothing;
};

}  // namespace flights
