// SPDX-License-Identifier: BSD-3-Clause
// Escapes (RFC 8259, section 7) and scalars (sections 3 and 6).
#include "weir/samples/flights/json_string.hpp"

#include <cstdint>

namespace flights {
namespace {

std::optional<std::uint32_t> read_hex4(std::string_view text, std::size_t at) {
  if (text.size() < at + 4) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char digit = text[i];
    value <<= 4U;
    if (digit >= '0' && digit <= '9') {
      value += static_cast<std::uint32_t>(digit - '0');
    } else if (digit >= 'a' && digit <= 'f') {
      value += static_cast<std::uint32_t>(digit - 'a' + 10);
    } else if (digit >= 'A' && digit <= 'F') {
      value += static_cast<std::uint32_t>(digit - 'A' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

void append_utf8(std::string& into, std::uint32_t point) {
  const auto tail = [&](unsigned shift) {
    into += static_cast<char>(0x80U | ((point >> shift) & 0x3fU));
  };
  if (point < 0x80) {
    into += static_cast<char>(point);
  } else if (point < 0x800) {
    into += static_cast<char>(0xc0U | (point >> 6U));
    tail(0);
  } else if (point < 0x10000) {
    into += static_cast<char>(0xe0U | (point >> 12U));
    tail(6), tail(0);
  } else {
    into += static_cast<char>(0xf0U | (point >> 18U));
    tail(12), tail(6), tail(0);
  }
}

// `at` stands behind `\u` and is moved behind the digits, of both halves of a pair.
bool append_code_point(std::string& into, std::string_view raw, std::size_t& at) {
  auto point = read_hex4(raw, at);
  if (!point || (*point >= 0xdc00 && *point <= 0xdfff)) return false;
  at += 4;
  if (*point >= 0xd800 && *point <= 0xdbff) {
    if (raw.substr(at, 2) != "\\u") return false;
    const auto low = read_hex4(raw, at + 2);
    if (!low || *low < 0xdc00 || *low > 0xdfff) return false;
    at += 6;
    point = 0x10000 + ((*point - 0xd800) << 10U) + (*low - 0xdc00);
  }
  append_utf8(into, *point);
  return true;
}

char simple_escape(char name) noexcept {
  switch (name) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case '"':
    case '\\':
    case '/': return name;
    default: return '\0';
  }
}

std::size_t skip_digits(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

// The length of the integer part that `token` starts with, 0 if it starts with none.
std::size_t integer_size(std::string_view token) noexcept {
  const std::size_t first = token.starts_with('-') ? 1 : 0;
  const auto end = skip_digits(token, first);
  if (end == first || (token[first] == '0' && end > first + 1)) return 0;
  return end;
}

}  // namespace

std::optional<std::string> unescape_json(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] != '\\') {
      text += raw[at++];
      continue;
    }
    if (at + 1 == raw.size()) return std::nullopt;
    const char name = raw[at + 1];
    at += 2;
    if (name == 'u') {
      if (!append_code_point(text, raw, at)) return std::nullopt;
    } else if (const char byte = simple_escape(name); byte != '\0') {
      text += byte;
    } else {
      return std::nullopt;
    }
  }
  return text;
}

bool is_json_integer(std::string_view token) noexcept {
  return !token.empty() && integer_size(token) == token.size();
}

bool is_json_scalar(std::string_view token) noexcept {
  if (token == "true" || token == "false" || token == "null") return true;
  auto at = integer_size(token);
  if (at == 0) return false;
  if (at < token.size() && token[at] == '.') {
    const auto end = skip_digits(token, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    const auto end = skip_digits(token, at);
    if (end == at) return false;
    at = end;
  }
  return at == token.size();
}

}  // namespace flights
