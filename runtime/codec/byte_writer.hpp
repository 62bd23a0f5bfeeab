// SPDX-License-Identifier: BSD-3-Clause
// Bytes appended to a string by a cursor. The string is kept larger than what is written and cut in
// the end, so that a number costs one comparison and not an append. FORMAT.md has the encodings.
//
// Invariant: data() <= at_ <= end_ == data() + size() of the string, which nobody else touches
// meanwhile.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir::codec {

static_assert(std::endian::native == std::endian::little, "fixed numbers are copied as they are");

/// Bytes of the longest varint.
inline constexpr std::size_t varint_bytes_max = 10;

/// Bytes that `value` takes as a varint, 1 to 10.
constexpr std::size_t varint_bytes(std::uint64_t value) noexcept {
  return (static_cast<std::size_t>(std::bit_width(value | 1U)) + 6) / 7;
}

/// Small numbers of either sign as small unsigned ones: 0, -1, 1, -2 become 0, 1, 2, 3.
constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}

/// Appends to `out`, which holds exactly what was written once the writer is destroyed. One thread.
class byte_writer {
 public:
  explicit byte_writer(std::string& out) noexcept
      : out_(out), at_(out.data() + out.size()), end_(at_) {}
  ~byte_writer() { out_.resize(size()); }  // never larger than it is: no allocation
  byte_writer(const byte_writer&) = delete;
  byte_writer& operator=(const byte_writer&) = delete;

  /// Bytes in the string so far, those that were there before included.
  std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - out_.data()); }

  void byte(std::uint8_t value) {
    need(1);
    *at_++ = static_cast<char>(value);
  }
  /// Seven bits a byte, the lowest first, the top bit of each but the last set.
  void varint(std::uint64_t value) {
    need(varint_bytes_max);
    at_ = put_varint(at_, value);
  }
  void signed_varint(std::int64_t value) { varint(zigzag(value)); }
  /// The object's bytes, lowest first.
  template <class T>
  void fixed(T value) {
    static_assert(std::is_arithmetic_v<T>);
    need(sizeof value);
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }
  /// Length as a varint, then the bytes.
  void text(std::string_view value) {
    need(varint_bytes_max + value.size());
    at_ = put_varint(at_, value.size());
    if (!value.empty()) std::memcpy(at_, value.data(), value.size());
    at_ += value.size();
  }

  /// Runs `write` and puts the length of what it wrote, as a varint, in front of it. `guess` is the
  /// last such length: if the new one takes as many bytes, nothing has to be moved.
  template <class Write>
  std::size_t measured(std::size_t guess, Write&& write) {
    const auto expected = varint_bytes(guess);
    need(varint_bytes_max);
    const auto start = size();
    at_ += expected;
    write(*this);
    const auto length = size() - start - expected;
    const auto needed = varint_bytes(length);
    if (needed != expected) [[unlikely]] {
      need(varint_bytes_max);
      char* const from = out_.data() + start + expected;
      std::memmove(out_.data() + start + needed, from, length);
      at_ = at_ - expected + needed;
    }
    put_varint(out_.data() + start, length);
    return length;
  }

  /// `append(std::string&)` appends to the string itself.
  template <class Append>
  void append(Append&& append) {
    out_.resize(size());
    append(out_);
    at_ = end_ = out_.data() + out_.size();
  }

 private:
  static char* put_varint(char* at, std::uint64_t value) noexcept {
    for (; value >= 0x80; value >>= 7U) *at++ = static_cast<char>(value | 0x80U);
    *at++ = static_cast<char>(value);
    return at;
  }
  void need(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) [[unlikely]] grow(bytes);
  }
  [[gnu::noinline]] void grow(std::size_t bytes) {
    constexpr std::size_t step = 256;
    const auto used = size();
    out_.resize(used + std::max(bytes, step));  // its capacity doubles
    at_ = out_.data() + used;
    end_ = out_.data() + out_.size();
  }

  std::string& out_;
  char* at_;
  char* end_;
};

}  // namespace weir::codec
