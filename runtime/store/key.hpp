// SPDX-License-Identifier: BSD-3-Clause
// Keys of several fields whose bytes sort as the fields do, the first field first. Numbers are
// big-endian; a text ends in a mark that no text contains, so that no text runs into the field
// after it. (The escape of a zero byte by 00 FF is the one of FoundationDB's tuple layer.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace weir::store {

/// Builds a key field by field: `key_writer{}.text("orders").u32(3).u64(offset).take()`. Two keys
/// with the same kinds of fields compare as their fields do. One thread at a time.
class key_writer {
 public:
  key_writer& u8(std::uint8_t value);
  key_writer& u32(std::uint32_t value);
  key_writer& u64(std::uint64_t value);
  /// Negative numbers sort before positive ones.
  key_writer& i64(std::int64_t value);
  /// Any bytes; costs two more, and one for each zero byte.
  key_writer& text(std::string_view value);
  /// Bytes as they are, for a last field: nothing tells where they end.
  key_writer& rest(std::string_view value);

  /// Valid until the writer changes or dies.
  std::string_view bytes() const noexcept { return bytes_; }
  /// The key, out of the writer.
  std::string take() noexcept { return std::move(bytes_); }
  /// Empty again; the memory is kept.
  key_writer& clear() noexcept;

 private:
  std::string bytes_;
};

/// Reads what key_writer wrote, field by field. A field that is not there reads as zero or empty
/// and turns `ok()` false for good: ask once, at the end.
class key_reader {
 public:
  /// `bytes` must outlive the reader.
  explicit key_reader(std::string_view bytes) noexcept : rest_(bytes) {}

  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
  std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() noexcept { return number(8); }
  std::int64_t i64() noexcept;
  std::string text();
  /// All that is left.
  std::string_view rest() noexcept;

  /// Whether every field so far was there.
  bool ok() const noexcept { return ok_; }
  /// Whether every field was there and nothing is left.
  bool done() const noexcept { return ok_ && rest_.empty(); }

 private:
  std::uint64_t number(std::size_t width) noexcept;
  void give_up() noexcept;

  std::string_view rest_;
  bool ok_ = true;
};

/// The first key after all that begin with `prefix`; "" (no bound) if there is none.
std::string prefix_end(std::string_view prefix);

/// A key for people: printable ASCII as it is, other bytes as \xNN, cut after 64 bytes.
std::string printable(std::string_view key);

}  // namespace weir::store
