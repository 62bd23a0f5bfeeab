// SPDX-License-Identifier: BSD-3-Clause
// Fields to bytes that sort alike, and back.
#include "weir/runtime/store/key.hpp"

namespace weir::store {
namespace {

constexpr char escape = '\x00';       // stands before each of the two below
constexpr char zero = '\xff';         // 00 FF: a zero byte of the text
constexpr char end_of_text = '\x01';  // 00 01: sorts before all a longer text may have here

constexpr std::uint64_t sign = std::uint64_t{1} << 63;

void append_number(std::string& to, std::uint64_t value, std::size_t width) {
  for (std::size_t left = width; left > 0; --left) {
    to.push_back(static_cast<char>(value >> (8 * (left - 1))));
  }
}

}  // namespace

key_writer& key_writer::u8(std::uint8_t value) {
  append_number(bytes_, value, 1);
  return *this;
}

key_writer& key_writer::u32(std::uint32_t value) {
  append_number(bytes_, value, 4);
  return *this;
}

key_writer& key_writer::u64(std::uint64_t value) {
  append_number(bytes_, value, 8);
  return *this;
}

key_writer& key_writer::i64(std::int64_t value) {
  return u64(static_cast<std::uint64_t>(value) ^ sign);
}

key_writer& key_writer::text(std::string_view value) {
  for (const char c : value) {
    bytes_.push_back(c);
    if (c == escape) bytes_.push_back(zero);
  }
  bytes_.push_back(escape);
  bytes_.push_back(end_of_text);
  return *this;
}

key_writer& key_writer::rest(std::string_view value) {
  bytes_.append(value);
  return *this;
}

key_writer& key_writer::clear() noexcept {
  bytes_.clear();
  return *this;
}

void key_reader::give_up() noexcept {
  ok_ = false;
  rest_ = {};
}

std::uint64_t key_reader::number(std::size_t width) noexcept {
  if (rest_.size() < width) {
    give_up();
    return 0;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    value = value << 8 | static_cast<unsigned char>(rest_[i]);
  }
  rest_.remove_prefix(width);
  return value;
}

std::int64_t key_reader::i64() noexcept {
  const auto value = u64();
  return ok_ ? static_cast<std::int64_t>(value ^ sign) : 0;
}

std::string key_reader::text() {
  std::string found;
  for (std::size_t i = 0; i + 1 < rest_.size(); ++i) {
    if (rest_[i] != escape) {
      found.push_back(rest_[i]);
    } else if (rest_[++i] == zero) {
      found.push_back(escape);
    } else if (rest_[i] == end_of_text) {
      rest_.remove_prefix(i + 1);
      return found;
    } else {
      break;
    }
  }
  give_up();
  return {};
}

std::string_view key_reader::rest() noexcept {
  const auto left = rest_;
  rest_ = {};
  return left;
}

std::string prefix_end(std::string_view prefix) {
  std::string end{prefix};
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

std::string printable(std::string_view key) {
  constexpr std::size_t shown_max = 64;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : key.substr(0, shown_max)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '\\') {
      text.push_back(c);
    } else {
      text.append("\\x").push_back(digits[byte >> 4]);
      text.push_back(digits[byte & 15]);
    }
  }
  if (key.size() > shown_max) text.append("...");
  return text;
}

}  // namespace weir::store
