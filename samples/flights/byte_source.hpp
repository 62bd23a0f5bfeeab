// SPDX-License-Identifier: BSD-3-Clause
// Where a reader's bytes come from: a file, standard input, or whatever a test invents. A source
// knows nothing of records and names no file in its errors; the reader does.
#pragma once

#include <functional>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "weir/runtime/core/result.hpp"

namespace flights {

/// Asked now and then whether a read that waits should end; empty: never.
using stop_request = std::function<bool()>;

/// A stream of bytes that is read once, forwards, by one thread.
class byte_source {
 public:
  virtual ~byte_source() = default;
  /// Fills 1 to `into.size()` bytes and says how many; 0 is the end. Errors: io_failed, cancelled.
  virtual weir::result<std::size_t> read(std::span<char> into) = 0;
  /// The length of the whole stream, 0 if nobody knows.
  virtual std::uint64_t total_bytes() const { return 0; }
};

/// Opens `path`, or standard input for `-`. Once `*stop` is true a read that waits gives up with
/// errc::cancelled within a tenth of a second. Errors: not_found, io_failed.
weir::result<std::unique_ptr<byte_source>> open_source(const std::string& path,
                                                       const stop_request& stop = {});

}  // namespace flights
