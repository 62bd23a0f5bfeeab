// SPDX-License-Identifier: BSD-3-Clause
// START HERE for the input side. A stream of flight records from a file or standard input, JSON
// array or CSV by its content, never loaded whole: memory stays below window::max_bytes and a
// kilobyte or two, whatever the input is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "weir/samples/flights/record_format.hpp"

namespace flights {

/// One thread at a time.
class reader {
 public:
  /// Opens `path`, or standard input for `-`, and recognises its format, reading the first bytes.
  /// Once `stop` says so, a read that waits ends with errc::cancelled. Errors name the file:
  /// not_found, io_failed, malformed and missing_field (empty, compressed, wrong column).
  static weir::result<reader> open(const std::string& path,
                                   const stop_request& stop = {});
  /// The same over any bytes; `name` stands for the file in errors.
  static weir::result<reader> over(std::unique_ptr<byte_source> source, std::string name);

  /// The next record: fills `record` (outcome::departure) or `problem` (outcome::malformed, which
  /// is a record too and the reading goes on) or neither (outcome::end). An error is final, names
  /// file and record number and is repeated by later calls: io_failed, cancelled, malformed
  /// (truncated, or text behind the array).
  weir::result<outcome> next(departure& record, malformed& problem);

  /// Bytes understood so far, and all there are (0 if unknown): for a progress bar.
  std::uint64_t bytes_read() const noexcept { return input_->bytes_dropped(); }
  std::uint64_t total_bytes() const { return input_->total_bytes(); }
  const std::string& name() const noexcept { return name_; }

 private:
  reader(std::string name, std::unique_ptr<window> input) noexcept
      : name_(std::move(name)), input_(std::move(input)) {}
  weir::result<void> recognise();

  std::string name_;
  std::unique_ptr<window> input_;
  std::unique_ptr<record_format> format_;
  std::optional<weir::error> failure_;
  bool ended_ = false;
};

}  // namespace flights
