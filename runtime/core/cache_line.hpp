// SPDX-License-Identifier: BSD-3-Clause
// How far apart two things must lie so that one core's writes to the first do not slow another
// core's use of the second.
#pragma once

#include <cstddef>

namespace weir {

/// Two cache lines of x86: its prefetcher fetches lines in aligned pairs, so a neighbour that is
/// only read still takes the line beside it away from whoever writes there.
inline constexpr std::size_t apart = 128;

}  // namespace weir
