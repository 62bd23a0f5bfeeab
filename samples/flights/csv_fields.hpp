// SPDX-License-Identifier: BSD-3-Clause
// One CSV line with quotes (RFC 4180) to its columns. A quoted column ends within its line: a line
// break inside quotes is refused, so one lost quote costs one record and not the rest of the file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/runtime/core/result.hpp"

namespace flights {

/// Replaces `columns` by those of `line`. On errc::malformed (a quote is not closed, or stands
/// where none may) `columns` holds those before the one at fault.
weir::result<void> split_quoted(std::string_view line, std::vector<std::string>& columns);

}  // namespace flights
