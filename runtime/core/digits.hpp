// SPDX-License-Identifier: BSD-3-Clause
// Digits in text: a number that is all of a text, and texts that differ in their numbers only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// The number that `text` is, decimal, without sign or blanks; nothing if it is none or above 64
/// bits.
std::optional<std::uint64_t> number_in(std::string_view text) noexcept;

/// Equal for messages that differ in their numbers only: what failures are grouped by.
std::string without_digits(std::string text);

}  // namespace weir
