// SPDX-License-Identifier: BSD-3-Clause
// Which partition a key belongs to. Stable: the same key and count give the same partition on every
// machine and in every version, because order per key depends on it.
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/runtime/core/hash.hpp"

namespace weir::topic {

/// The partition, below `partitions` (>= 1), of a key's hash: multiply-shift over the upper bits.
inline std::uint32_t partition_of(std::uint64_t key_hash, std::uint32_t partitions) noexcept {
  return static_cast<std::uint32_t>(((key_hash >> 32U) * partitions) >> 32U);
}
inline std::uint32_t partition_of(std::string_view key, std::uint32_t partitions) noexcept {
  return partition_of(stable_hash(key), partitions);
}

}  // namespace weir::topic
