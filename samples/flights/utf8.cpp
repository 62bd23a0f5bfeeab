// SPDX-License-Identifier: BSD-3-Clause
// The table of well-formed byte sequences (Unicode 15, table 3-7) as code.
#include "weir/samples/flights/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace flights {
namespace {

struct sequence {
  std::size_t size;
  unsigned char low, high;  // the range of the second byte
};

sequence sequence_of(unsigned char lead) noexcept {
  if (lead >= 0xc2 && lead <= 0xdf) return {2, 0x80, 0xbf};
  if (lead == 0xe0) return {3, 0xa0, 0xbf};
  if (lead == 0xed) return {3, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return {3, 0x80, 0xbf};
  if (lead == 0xf0) return {4, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3) return {4, 0x80, 0xbf};
  if (lead == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

bool is_continuation(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

}  // namespace

std::size_t find_invalid_utf8(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t block = 0;
    if (text.size() - at >= sizeof block) {
      std::memcpy(&block, text.data() + at, sizeof block);
      if ((block & 0x8080808080808080U) == 0) {
        at += sizeof block;
        continue;
      }
    }
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    const auto [size, low, high] = sequence_of(lead);
    if (size == 0 || text.size() - at < size) return at;
    const auto second = static_cast<unsigned char>(text[at + 1]);
    if (second < low || second > high) return at;
    for (std::size_t i = 2; i < size; ++i) {
      if (!is_continuation(text[at + i])) return at;
    }
    at += size;
  }
  return std::string_view::npos;
}

std::string_view cut_utf8(std::string_view text, std::size_t limit) noexcept {
  if (text.size() <= limit) return text;
  auto size = limit;
  for (int i = 0; i < 3 && size > 0 && is_continuation(text[size]); ++i) --size;
  return text.substr(0, is_continuation(text[size]) ? limit : size);
}

}  // namespace flights
