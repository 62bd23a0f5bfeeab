// SPDX-License-Identifier: BSD-3-Clause
// The common queue and the sleep of workers.
#include "weir/actors/base/handoff_policy.hpp"

namespace weir::actors {

handoff_policy::~handoff_policy() = default;

void handoff_policy::push(coordinator_data& common, caf::resumable* job) {
  bool wake = false;
  {
    const std::lock_guard lock{common.access};
    common.queue.push_back(job);
    common.queued.store(common.queue.size(), std::memory_order_relaxed);
    // One wake-up per sleeper: whoever is on its way will find this job too.
    wake = common.sleeping > common.waking;
    if (wake) ++common.waking;
  }
  if (wake) common.added.notify_one();
}

caf::resumable* handoff_policy::pop(coordinator_data& common) {
  if (common.queued.load(std::memory_order_relaxed) == 0) return nullptr;
  const std::lock_guard lock{common.access};
  if (common.queue.empty()) return nullptr;
  auto* job = common.queue.front();
  common.queue.pop_front();
  common.queued.store(common.queue.size(), std::memory_order_relaxed);
  return job;
}

bool handoff_policy::sleep(coordinator_data& common, std::size_t workers) {
  std::unique_lock lock{common.access};
  if (!common.queue.empty()) return true;
  ++common.sleeping;
  bool found = true;
  while (found && common.queue.empty()) {
    // When all sleep no slot holds a job: a worker empties its own before it sleeps.
    if (common.sleeping == workers) {
      common.added.wait(lock);
    } else {
      found = common.added.wait_for(lock, slot_patience) == std::cv_status::no_timeout;
    }
    // Also if another worker was faster: the next job must wake somebody again.
    if (common.waking > 0) --common.waking;
  }
  --common.sleeping;
  return found;
}

}  // namespace weir::actors
