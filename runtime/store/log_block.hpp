// SPDX-License-Identifier: BSD-3-Clause
// Blocks of a log in RocksDB's format (LevelDB's, which it kept: 32 KiB, in them records of
// checksum, length, type and bytes). RocksDB verifies the checksums, but some damage it takes for
// the end of the log, as a kill leaves it, and forgets all that follows: a last record that is too
// long for the file, a record of a kind that only reused files have, a gap of zeros.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::store {

inline constexpr std::size_t log_block_size = 32768;

/// Whether `block` (`last`: of its log) has damage that RocksDB takes for an end, in a log that is
/// never written over an older one. False for what a kill or a loss of power leaves.
bool hides_damage(std::string_view block, bool last);

}  // namespace weir::store
