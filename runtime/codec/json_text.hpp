// SPDX-License-Identifier: BSD-3-Clause
// Text to JSON string literals, and the check that text is UTF-8. Whatever bytes come in, what goes
// out is valid JSON in valid UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir::codec::internal {

/// Appends `text` as a JSON string literal with its quotes. Bytes that are not UTF-8 become U+FFFD,
/// one for each maximal broken part (as the Unicode standard recommends). Any thread.
void append_text(std::string_view text, std::string& out);

/// Appends `text` itself, broken parts replaced in the same way.
void append_repaired(std::string_view text, std::string& out);

/// True if no byte has its top bit set: most text, and then it is UTF-8. Eight bytes at a time.
inline bool is_ascii(std::string_view text) noexcept {
  constexpr std::uint64_t top_bits = 0x8080808080808080U;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t seen = 0;
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    seen |= word;
  }
  for (; left > 0; ++at, --left) seen |= static_cast<std::uint8_t>(*at);
  return (seen & top_bits) == 0;
}

/// Length of the longest prefix that is valid UTF-8; `text.size()` if all of it is.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

}  // namespace weir::codec::internal
