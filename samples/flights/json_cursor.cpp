// SPDX-License-Identifier: BSD-3-Clause
// Strings, scalars and nested values (RFC 8259), without building any of them.
#include "weir/samples/flights/json_cursor.hpp"

#include "weir/samples/flights/json_string.hpp"

namespace flights {
namespace {

bool ends_scalar(char byte) noexcept {
  switch (byte) {
    case ',':
    case ':':
    case '"':
    case '[':
    case ']':
    case '{':
    case '}': return true;
    default: return is_json_space(byte);
  }
}

}  // namespace

json_cursor::step json_cursor::read_string(json_string& into) {
  last_string_ = at_;
  const auto start = ++at_;
  into.escaped = false;
  while (at_ < text_.size()) {
    const char byte = text_[at_];
    if (byte == '"') {
      into.raw = text_.substr(start, at_ - start);
      if (into.escaped && !unescape_json(into.raw)) return broken("a wrong escape in a string");
      ++at_;
      return step::ok;
    }
    if (byte == '\\') {
      into.escaped = true;
      ++at_;
    } else if (static_cast<unsigned char>(byte) < 0x20) {
      return broken("a control character in a string");
    }
    ++at_;
  }
  return step::cut;
}

json_cursor::step json_cursor::read_scalar(std::string_view& token) noexcept {
  const auto start = at_;
  while (at_ < text_.size() && !ends_scalar(text_[at_])) ++at_;
  if (at_ == text_.size()) return step::cut;
  token = text_.substr(start, at_ - start);
  return step::ok;
}

json_cursor::step json_cursor::skip_value(int depth) {
  if (depth > max_json_depth) return broken("nested deeper than 64");
  if (skip_space() == step::cut) return step::cut;
  if (peek() == '"') {
    json_string ignored;
    return read_string(ignored);
  }
  if (peek() == '{') return skip_members(depth);
  if (peek() == '[') return skip_elements(depth);
  std::string_view token;
  if (const auto done = read_scalar(token); done != step::ok) return done;
  return is_json_scalar(token) ? step::ok : broken("not a JSON value");
}

json_cursor::step json_cursor::skip_members(int depth) {
  advance();
  if (skip_space() == step::cut) return step::cut;
  if (peek() == '}') return advance(), step::ok;
  for (;;) {
    if (skip_space() == step::cut) return step::cut;
    if (peek() != '"') return broken("expected a field name");
    json_string name;
    if (const auto done = read_string(name); done != step::ok) return done;
    if (const auto done = expect(':', "expected ':'"); done != step::ok) return done;
    if (const auto done = skip_value(depth + 1); done != step::ok) return done;
    if (skip_space() == step::cut) return step::cut;
    if (peek() == '}') return advance(), step::ok;
    if (const auto done = expect(',', "expected ',' or '}'"); done != step::ok) return done;
  }
}

json_cursor::step json_cursor::skip_elements(int depth) {
  advance();
  if (skip_space() == step::cut) return step::cut;
  if (peek() == ']') return advance(), step::ok;
  for (;;) {
    if (const auto done = skip_value(depth + 1); done != step::ok) return done;
    if (skip_space() == step::cut) return step::cut;
    if (peek() == ']') return advance(), step::ok;
    if (const auto done = expect(',', "expected ',' or ']'"); done != step::ok) return done;
  }
}

}  // namespace flights
