// SPDX-License-Identifier: BSD-3-Clause
// The five fields of a departure: their names and how a text becomes their value. Parsing answers
// with a verdict, a number, so that the good path builds no string; a sentence is made on demand.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/samples/flights/departure.hpp"

namespace flights {

enum class field : std::uint8_t { date, delay, distance, origin, destination };

inline constexpr std::size_t field_count = 5;
inline constexpr std::array<std::string_view, field_count> field_names = {
    "date", "delay", "distance", "origin", "destination"};

inline std::string_view name_of(field which) noexcept {
  return field_names[static_cast<std::size_t>(which)];
}
inline std::optional<field> find_field(std::string_view name) noexcept {
  for (std::size_t i = 0; i < field_count; ++i) {
    if (field_names[i] == name) return static_cast<field>(i);
  }
  return std::nullopt;
}

enum class verdict : std::uint8_t {
  fine,
  empty,
  not_a_whole_number,
  number_out_of_range,
  not_a_date,
  no_such_day,
  year_out_of_range,
  code_too_long,
  not_a_code,
};

/// Parses `text` into field `which` of `into`, which is untouched unless the answer is `fine`.
/// Dates are `2001-01-31 23:59` or `2001/01/31 23:59`, years 1678 to 2261 (what a timestamp in
/// nanoseconds holds whole); numbers are 32-bit and signed; codes as `iata`.
verdict set_field(departure& into, field which, std::string_view text) noexcept;

/// What is wrong with a record: field (empty: the whole record), code and sentence.
struct defect {
  std::string field;
  weir::errc code = weir::errc::malformed;
  std::string reason;
};

/// The defect behind a verdict other than `fine`, with the text that was found.
defect explain(field which, verdict why, std::string_view found);

/// `text` in quotes for a message: at most 32 bytes, control and non-ASCII bytes as `?`.
std::string quoted(std::string_view text);

/// The dead letter's view of a defect in record number `record`.
malformed to_malformed(std::uint64_t record, defect why, std::string_view raw);

}  // namespace flights
