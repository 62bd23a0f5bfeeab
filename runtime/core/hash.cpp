// SPDX-License-Identifier: BSD-3-Clause
// The only file that includes xxHash.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "weir/runtime/core/hash.hpp"

namespace weir {

std::uint64_t stable_hash(std::string_view bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace weir
