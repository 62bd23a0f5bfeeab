// SPDX-License-Identifier: BSD-3-Clause
// The tool for our own bugs. A broken invariant is never an outcome a caller can handle: it prints
// where, what and the values, then aborts, in every build. User input and disk bytes must never
// reach it.
#pragma once

#include <string_view>

namespace weir {

/// Prints `file:line: invariant broken: expression (story)` on stderr and aborts. Any thread.
[[noreturn]] void invariant_broken(const char* file, int line, const char* expression,
                                   std::string_view story) noexcept;

}  // namespace weir

/// Aborts unless `condition` holds; `story` (anything convertible to string_view) is evaluated only
/// then. On in every build.
#define WEIR_INVARIANT(condition, story)             \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? static_cast<void>(0)                        \
       : ::weir::invariant_broken(__FILE__, __LINE__, #condition, (story)))
