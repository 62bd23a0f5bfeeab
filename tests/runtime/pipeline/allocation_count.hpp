// SPDX-License-Identifier: BSD-3-Clause
// Counts heap allocations of the calling thread, for claims that a path makes none. Linking this
// replaces the program's operator new, so it lives in one test program once.
#pragma once

#include <cstdint>

namespace weir::tests {

/// Allocations through operator new on this thread since it started.
std::uint64_t allocations() noexcept;

}  // namespace weir::tests
