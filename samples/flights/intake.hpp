// SPDX-License-Identifier: BSD-3-Clause
// The publishing side of the sample: reads records until the input ends, fails, or the user has had
// enough, and publishes each of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "weir/samples/flights/reader.hpp"
#include "weir/samples/flights/way_in.hpp"

namespace flights {

struct intake_counts {
  std::uint64_t read = 0;
  std::uint64_t published = 0;  // now, or by an earlier run
  std::uint64_t malformed = 0;
  /// Why reading ended early, if it did: nothing read before is lost.
  std::optional<weir::error> failure;
  bool interrupted = false;
};

/// `progress(bytes_read, total_bytes, records)` is called now and then; `stop` ends the reading.
intake_counts take_in(
    reader& input, way_in& out, const stop_request& stop,
    const std::function<void(std::uint64_t, std::uint64_t, std::uint64_t)>& progress);

}  // namespace flights
