// SPDX-License-Identifier: BSD-3-Clause
// The numbers a child may have.
#include "weir/runtime/supervision/child_choice.hpp"

namespace weir::supervision {

result<void> child_choice::check() const {
  if (shutdown < duration::zero() || shutdown > shutdown_max) {
    return fail(errc::invalid_argument,
                "supervise: the shutdown of " + duration_text(shutdown) + " is not in 0..1h");
  }
  if (auto sound = backoff.check(); !sound) {
    return fail(errc::invalid_argument, "supervise: " + sound.error().message);
  }
  return {};
}

}  // namespace weir::supervision
