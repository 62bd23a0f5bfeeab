// SPDX-License-Identifier: BSD-3-Clause
// Reading and leaving out digits.
#include "weir/runtime/core/digits.hpp"

#include <charconv>

namespace weir {

std::optional<std::uint64_t> number_in(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [read_to, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || read_to != end) return std::nullopt;
  return number;
}

std::string without_digits(std::string text) {
  std::erase_if(text, [](char letter) { return letter >= '0' && letter <= '9'; });
  return text;
}

}  // namespace weir
