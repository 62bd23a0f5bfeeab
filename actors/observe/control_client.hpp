// SPDX-License-Identifier: BSD-3-Clause
// Asks the node that runs on a data directory.
#pragma once

#include <string>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/observe/route.hpp"

namespace weir::actors {

/// The longest response taken.
inline constexpr std::size_t response_bytes_max = std::size_t{1} << 30U;

/// Asks, and waits at most `patience` for all of the response, which may be an error of the node
/// (see observe::body_of). Any thread. errc::not_found: no node runs there that listens;
/// errc::io_failed: it may not be asked, by this user for instance; errc::invalid_argument: the
/// path is too long; errc::timeout; errc::unavailable: it has ended meanwhile; errc::too_long.
result<observe::response> ask_node(const std::string& data_dir,
                                    const observe::request& asked,
                                    duration patience = std::chrono::seconds{60});

}  // namespace weir::actors
