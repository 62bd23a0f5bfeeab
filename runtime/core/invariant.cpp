// SPDX-License-Identifier: BSD-3-Clause
// Aborting with the story. Uses stdio only: the logger may be what broke.
#include "weir/runtime/core/invariant.hpp"

#include <cstdio>
#include <cstdlib>

namespace weir {

void invariant_broken(const char* file, int line, const char* expression,
                      std::string_view story) noexcept {
  std::fprintf(stderr, "%s:%d: invariant broken: %s (%.*s)\n", file, line, expression,
               static_cast<int>(story.size()), story.data());
  std::abort();
}

}  // namespace weir
