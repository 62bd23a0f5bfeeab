// SPDX-License-Identifier: BSD-3-Clause
// One JSON object to one departure, from a text that may be cut anywhere or go on behind it. Strict
// JSON; fields in any order, unknown ones ignored whatever they hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "weir/samples/flights/fields.hpp"

namespace flights {

struct object_scan {
  enum class extent : std::uint8_t {
    complete,    ///< the object is well-formed; `size` bytes
    incomplete,  ///< the text ends first, without a mistake so far
    broken,      ///< no object can start like this; look for the next one from offset `size`
  };
  extent how = extent::incomplete;
  std::size_t size = 0;
  std::optional<defect> wrong;  ///< set when broken; when complete: why it is no departure
  bool next_object = false;     ///< broken because another object starts where a field should
};

/// Scans `text`, which starts with `{`, into `into` (half-filled unless complete and not wrong).
object_scan scan_object(std::string_view text, departure& into);

}  // namespace flights
