// SPDX-License-Identifier: BSD-3-Clause
// The way back of byte_writer: a cursor over bytes nobody vouches for. Every read says whether the
// bytes were there; none reads past the end, and one that fails moves nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "weir/runtime/codec/byte_writer.hpp"

namespace weir::codec {

/// Undoes zigzag().
constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1));
}

/// Reads what a byte_writer wrote. The bytes must outlive it. One thread.
class byte_reader {
 public:
  byte_reader() = default;
  explicit byte_reader(std::string_view bytes) noexcept
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  bool done() const noexcept { return at_ == end_; }

  bool byte(std::uint8_t& value) noexcept {
    if (at_ == end_) [[unlikely]] return false;
    value = static_cast<std::uint8_t>(*at_++);
    return true;
  }
  /// False for a varint that is cut short, too long for 64 bits, or longer than its value needs:
  /// one value has one form.
  bool varint(std::uint64_t& value) noexcept {
    if (at_ != end_ && static_cast<std::uint8_t>(*at_) < 0x80) [[likely]] {
      value = static_cast<std::uint8_t>(*at_++);
      return true;
    }
    return long_varint(value);
  }
  bool signed_varint(std::int64_t& value) noexcept {
    std::uint64_t folded = 0;
    if (!varint(folded)) return false;
    value = unzigzag(folded);
    return true;
  }
  template <class T>
  bool fixed(T& value) noexcept {
    static_assert(std::is_arithmetic_v<T>);
    if (left() < sizeof value) [[unlikely]] return false;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return true;
  }
  bool bytes(std::size_t count, std::string_view& value) noexcept {
    if (left() < count) [[unlikely]] return false;
    value = {at_, count};
    at_ += count;
    return true;
  }
  /// Length as a varint, then the bytes.
  bool text(std::string_view& value) noexcept {
    const char* const start = at_;
    std::uint64_t size = 0;
    if (varint(size) && bytes(size, value)) [[likely]] return true;
    at_ = start;
    return false;
  }

  /// Why varint() was false: the bytes end before the number does.
  bool ends_in_varint() const noexcept {
    const auto more = [](char byte) { return static_cast<std::uint8_t>(byte) >= 0x80; };
    return left() < varint_bytes_max && std::all_of(at_, end_, more);
  }

 private:
  bool long_varint(std::uint64_t& value) noexcept {
    std::uint64_t made = 0;
    const char* at = at_;
    for (unsigned shift = 0; at != end_ && shift < 64; shift += 7) {
      const std::uint64_t next = static_cast<std::uint8_t>(*at++);
      made |= (next & 0x7FU) << shift;
      if (next >= 0x80) continue;
      // The tenth byte holds one bit, and a last byte of zero says nothing.
      if ((shift == 63 && next > 1) || (shift > 0 && next == 0)) return false;
      value = made;
      at_ = at;
      return true;
    }
    return false;
  }

  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace weir::codec
