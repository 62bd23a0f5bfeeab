// SPDX-License-Identifier: BSD-3-Clause
// The sliding buffer between a byte source and a scanner. Scanners see a contiguous view, drop what
// they have understood and ask for more when a record is cut. It grows only while one record needs
// it and never beyond `max_bytes`, whatever the input is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "weir/samples/flights/byte_source.hpp"

namespace flights {

/// A longer record (or line) is refused as malformed and skipped unbuffered.
inline constexpr std::size_t max_record_bytes = std::size_t{1} << 20;

/// One thread at a time.
class window {
 public:
  static constexpr std::size_t read_bytes = std::size_t{256} << 10;
  /// A whole record, its line end, and room for one read behind it.
  static constexpr std::size_t max_bytes = max_record_bytes + 2 + read_bytes;

  explicit window(std::unique_ptr<byte_source> source);

  /// What has been read and not yet dropped; valid until the next `more`.
  std::string_view held() const noexcept { return {buffer_.data() + begin_, end_ - begin_}; }
  /// Forgets the first `count` <= held().size() bytes.
  void drop(std::size_t count) noexcept {
    begin_ += count;
    dropped_ += count;
  }
  /// Reads once. False at the end of the source, then and ever after. The caller holds at most
  /// max_record_bytes + 2 bytes. Errors: the source's.
  weir::result<bool> more();

  std::uint64_t bytes_dropped() const noexcept { return dropped_; }
  std::uint64_t total_bytes() const { return source_->total_bytes(); }

 private:
  std::unique_ptr<byte_source> source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t dropped_ = 0;
  bool ended_ = false;
};

}  // namespace flights
