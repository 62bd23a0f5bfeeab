// SPDX-License-Identifier: BSD-3-Clause
// Reading ids back.
#include "weir/runtime/event/id.hpp"

#include <cinttypes>
#include <cstdio>

namespace weir {

timestamp event_id::time() const noexcept {
  return timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(high >> 16U)}};
}

std::string to_string(event_id id) {
  char text[40];
  std::snprintf(text, sizeof text,
                "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
                id.high >> 32U, (id.high >> 16U) & 0xffffU, id.high & 0xffffU, id.low >> 48U,
                id.low & 0xffff'ffff'ffffU);
  return text;
}

}  // namespace weir
