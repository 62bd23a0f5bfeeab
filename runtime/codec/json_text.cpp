// SPDX-License-Identifier: BSD-3-Clause
// Escaping in runs: bytes that need nothing are appended together, the others one at a time.
#include "weir/runtime/codec/json_text.hpp"

#include <array>
#include <cstdint>

namespace weir::codec::internal {
namespace {

constexpr std::array<bool, 256> plain_table = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

std::uint8_t byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(text[at]);
}

// How many bytes the sequence at `at` has, and whether they are a character. A broken sequence is
// as long as its maximal valid beginning, and at least one byte. Unicode 15, table 3-7.
struct sequence {
  std::size_t size;
  bool valid;
};

sequence sequence_at(std::string_view text, std::size_t at) noexcept {
  const std::uint8_t lead = byte_at(text, at);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead == 0xE0) low = 0xA0;   // shorter form exists
  if (lead == 0xED) high = 0x9F;  // surrogates
  if (lead == 0xF0) low = 0x90;   // shorter form exists
  if (lead == 0xF4) high = 0x8F;  // beyond U+10FFFF
  for (std::size_t i = 1; i < size; ++i) {
    if (at + i >= text.size()) return {i, false};
    const std::uint8_t next = byte_at(text, at + i);
    if (next < low || next > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {size, true};
}

constexpr std::string_view replacement = "\xEF\xBF\xBD";

void append_escaped(std::uint8_t byte, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (byte) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += digits[byte >> 4U];
      out += digits[byte & 0xFU];
  }
}

}  // namespace

void append_text(std::string_view text, std::string& out) {
  out += '"';
  std::size_t run = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::uint8_t byte = byte_at(text, at);
    if (plain_table[byte]) {
      ++at;
      continue;
    }
    const auto [size, valid] = sequence_at(text, at);
    if (byte >= 0x80 && valid) {
      at += size;
      continue;
    }
    out.append(text, run, at - run);
    if (byte < 0x80) {
      append_escaped(byte, out);
    } else {
      out += replacement;
    }
    at += size;
    run = at;
  }
  out.append(text, run, at - run);
  out += '"';
}

void append_repaired(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const auto valid = valid_utf8_prefix(text);
    out.append(text, 0, valid);
    text.remove_prefix(valid);
    if (text.empty()) return;
    out += replacement;
    text.remove_prefix(sequence_at(text, 0).size);
  }
}

std::size_t valid_utf8_prefix(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto [size, valid] = sequence_at(text, at);
    if (!valid) return at;
    at += size;
  }
  return at;
}

}  // namespace weir::codec::internal
