// SPDX-License-Identifier: BSD-3-Clause
// The forms in which payloads leave the process. A topic chooses one for what it stores.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

/// The numbers are stored: see runtime/codec/FORMAT.md.
enum class payload_format : std::uint8_t {
  json = 0,   ///< readable by anything; twice to four times the bytes and the time
  binary = 1  ///< compact; readable only with the event type it was written with
};

constexpr std::string_view to_string(payload_format format) noexcept {
  return format == payload_format::json ? "json" : "binary";
}

}  // namespace weir
