// SPDX-License-Identifier: BSD-3-Clause
// Logging without the logger's headers: a stable kebab-case id an operator can alert on, then
// prose. Lines go to stderr; the default level is `warn`, so an embedding program stays quiet.
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/runtime/core/result.hpp"

namespace weir {

enum class log_level : std::uint8_t { trace, debug, info, warn, error, off };

/// Writes `level [id] prose` unless `level` is below the threshold. Any thread. Never throws.
void log(log_level level, std::string_view id, std::string_view prose) noexcept;
/// Sets the process-wide threshold. Any thread.
void set_log_level(log_level threshold) noexcept;
/// True if a line of this level would be written: ask before building expensive prose.
bool log_enabled(log_level level) noexcept;
/// `trace`, `debug`, `info`, `warn`, `error` or `off`; anything else is errc::invalid_argument.
result<log_level> parse_log_level(std::string_view text);

}  // namespace weir
