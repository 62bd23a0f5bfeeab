// SPDX-License-Identifier: BSD-3-Clause
// Standard output that may be closed or go away: a failed write is an error that is told, never a
// signal that kills the process and never text in somebody else's file.
#pragma once

#include <ostream>

#include "weir/runtime/core/result.hpp"

namespace weir::cli {

/// Makes writes to a closed pipe fail instead of raising SIGPIPE, and occupies closed standard
/// descriptors with ones that refuse, so that no file opened later is taken for standard output.
/// Call first in a program.
void guard_standard_streams() noexcept;

/// Flushes `out`. errc::io_failed if this or any earlier write failed.
result<void> finish(std::ostream& out);

}  // namespace weir::cli
