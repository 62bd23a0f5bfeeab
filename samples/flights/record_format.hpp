// SPDX-License-Identifier: BSD-3-Clause
// What the two formats have in common: records out of a window, one call each. Errors name the
// record; the reader puts the name of the input before them.
#pragma once

#include <memory>

#include "weir/samples/flights/departure.hpp"
#include "weir/samples/flights/window.hpp"

namespace flights {

enum class outcome : std::uint8_t { departure, malformed, end };

class record_format {
 public:
  virtual ~record_format() = default;
  /// Fills `record` or `problem`, as the outcome says. After `end` or an error: not called again.
  virtual weir::result<outcome> next(departure& record, malformed& problem) = 0;
};

/// CSV with a header line that names the five columns in any order. Reads the header; `input`
/// stands at its first byte and outlives the format. Errors: malformed (naming the column), the
/// source's.
weir::result<std::unique_ptr<record_format>> csv_format(window& input);

/// A JSON array of objects. `input` stands behind the opening bracket and outlives the format.
std::unique_ptr<record_format> json_format(window& input);

}  // namespace flights
