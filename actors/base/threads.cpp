// SPDX-License-Identifier: BSD-3-Clause
// Choosing the scheduler.
#include "weir/actors/base/caf.hpp"
#include "weir/actors/base/handoff_policy.hpp"

namespace weir::actors {

void use_threads(caf::actor_system_config& config, std::size_t threads) {
  config.set("scheduler.max-threads", threads);
  // Few messages at a turn: a partition takes several settlements together, and a job in the slot
  // does not wait for a whole mailbox.
  config.set("scheduler.max-throughput", std::size_t{4});
  config.load<caf::scheduler::coordinator<handoff_policy>>();
}

bool offer_core(caf::actor_system& system) {
  using coordinator = caf::scheduler::coordinator<handoff_policy>;
  auto* workers = dynamic_cast<coordinator*>(&system.scheduler());
  return workers != nullptr && handoff_policy::help(workers);
}

}  // namespace weir::actors
