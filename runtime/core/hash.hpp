// SPDX-License-Identifier: BSD-3-Clause
// One stable hash (XXH3, 64 bits): the same bytes give the same number on every machine and in
// every version of Weir, because partitions are chosen by it.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

/// XXH3-64 of the bytes, seed 0. Frozen: keys would move between partitions if it changed.
std::uint64_t stable_hash(std::string_view bytes) noexcept;

}  // namespace weir
