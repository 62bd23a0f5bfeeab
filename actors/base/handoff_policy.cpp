// SPDX-License-Identifier: BSD-3-Clause
// The common queue and the sleep of workers.
#include "weir/actors/base/handoff_policy.hpp"

#include <thread>
#include <utility>

namespace weir::actors {

handoff_policy::~handoff_policy() = default;

void handoff_policy::push(coordinator_data& common, caf::resumable* job, std::size_t workers) {
  std::condition_variable* wake = nullptr;
  {
    const std::lock_guard lock{common.access};
    common.queue.push_back(job);
    common.queued.store(common.queue.size(), std::memory_order_relaxed);
    // One wake-up per sleeper: whoever is on its way will find this job too.
    const auto asleep = common.sleeping - common.waking;
    const auto awake = workers > asleep ? workers - asleep : 0;
    const bool seen = common.queue.size() == 1 && common.looking.load(std::memory_order_relaxed);
    if (!seen && common.rule.needs_another(common.queue.size(), awake, asleep,
                                           machine_clock().now())) {
      ++common.waking;
      const bool others = asleep > 1 || common.watch == nullptr;
      wake = others ? &common.for_work : &common.for_watch;
      if (!others) common.watch = nullptr;
    }
  }
  if (wake != nullptr) wake->notify_one();
}

bool handoff_policy::look_now(coordinator_data& common) {
  {
    const std::lock_guard lock{common.access};
    if (common.watch == nullptr) return false;
    common.look_now = true;
  }
  common.for_watch.notify_one();
  return true;
}

namespace {

caf::resumable* pop_front(handoff_policy::coordinator_data& common) {
  if (common.queue.empty()) return nullptr;
  auto* job = common.queue.front();
  common.queue.pop_front();
  common.queued.store(common.queue.size(), std::memory_order_relaxed);
  return job;
}

}  // namespace

caf::resumable* handoff_policy::pop(coordinator_data& common) {
  if (common.queued.load(std::memory_order_relaxed) == 0) return nullptr;
  const std::lock_guard lock{common.access};
  return pop_front(common);
}

caf::resumable* handoff_policy::pop_if_needed(coordinator_data& common, std::size_t workers,
                                              timestamp now) {
  if (common.queued.load(std::memory_order_relaxed) == 0) return nullptr;
  const std::lock_guard lock{common.access};
  return others_will_do(common, workers, now) ? nullptr : pop_front(common);
}

bool handoff_policy::others_will_do(const coordinator_data& common, std::size_t workers,
                                    timestamp now) {
  return common.sleeping == 0 && workers > 1 &&
         !common.rule.needs_another(common.queue.size(), workers - 1, 1, now);
}

bool handoff_policy::look(coordinator_data& common) {
  const auto until = machine_clock().now() + common.rule.look_time();
  common.looking.store(true, std::memory_order_relaxed);
  bool found = false;
  while (!found && machine_clock().now() < until) {
    for (int pauses = 0; pauses < pauses_per_look && !found; ++pauses) {
      __builtin_ia32_pause();
      found = common.queued.load(std::memory_order_relaxed) > 0;
    }
    // Where threads outnumber cores, the one that adds the job may be waiting for this core.
    if (!found) std::this_thread::yield();
  }
  // Lowered before sleep() takes the lock: whoever adds a job later sees that nobody looks.
  common.looking.store(false, std::memory_order_release);
  return found;
}

void handoff_policy::pass_watch_on(coordinator_data& common) {
  {
    const std::lock_guard lock{common.access};
    // One that is waking keeps watch if it finds nothing else to do.
    if (common.watch != nullptr || common.sleeping <= common.waking) return;
  }
  common.for_work.notify_one();
}

bool handoff_policy::sleep(coordinator_data& common, std::size_t workers) {
  std::unique_lock lock{common.access};
  if (!common.queue.empty() && !others_will_do(common, workers, machine_clock().now())) {
    return true;
  }
  ++common.sleeping;
  const char self = 0;
  bool told = true;
  do {
    if (common.watch == nullptr) common.watch = &self;
    if (common.watch == &self) {
      const auto longest = common.sleeping == workers ? idle_patience : patience;
      told = common.for_watch.wait_for(lock, longest) == std::cv_status::no_timeout;
      if (std::exchange(common.look_now, false)) told = false;
    } else {
      common.for_work.wait(lock);
    }
    // Also if another worker was faster: the next job must wake somebody again.
    if (common.waking > 0) --common.waking;
  } while (told && common.queue.empty());
  if (common.watch == &self) common.watch = nullptr;
  --common.sleeping;
  return told;
}

}  // namespace weir::actors
