// SPDX-License-Identifier: BSD-3-Clause
// What a subscription wants when it lags a whole ring behind.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

/// `block`: publishers wait for it. The others are lossy: nobody waits for them, and whole batches
/// are dropped and counted. `drop_oldest`: the oldest batches it was never sent. `drop_newest`: the
/// batches that come while it lags. `fail`: the same, and it halts.
enum class overflow : std::uint8_t { block, drop_oldest, drop_newest, fail };

constexpr bool is_lossy(overflow policy) noexcept { return policy != overflow::block; }

constexpr std::string_view to_string(overflow policy) noexcept {
  switch (policy) {
    case overflow::block: return "block";
    case overflow::drop_oldest: return "drop_oldest";
    case overflow::drop_newest: return "drop_newest";
    case overflow::fail: return "fail";
  }
  return "unknown";
}

}  // namespace weir
