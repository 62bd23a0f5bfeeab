// SPDX-License-Identifier: BSD-3-Clause
// The expensive half of the doorbell's barrier.
#include "weir/runtime/topic/doorbell.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "weir/runtime/core/invariant.hpp"

namespace weir::topic::internal {

const bool barrier_reaches_all =
    syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;

void barrier_for_all() noexcept {
  if (!barrier_reaches_all) return;
  const auto done = syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
  WEIR_INVARIANT(done == 0, "membarrier failed after it was registered");
}

}  // namespace weir::topic::internal
