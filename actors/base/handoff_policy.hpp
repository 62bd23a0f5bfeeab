// SPDX-License-Identifier: BSD-3-Clause
// How worker threads share jobs: a job that an actor makes ready is handed to the same worker,
// which runs it next; only what piles up beyond that goes into the common queue and wakes another
// worker. A chain of actors (partition, subscriber, partition) so stays on one core and makes no
// system call. The idea of the slot is that of Go's and Tokio's schedulers.
//
// CAF 0.17's own policies miss what Weir needs: `sharing` signals a condition variable for every
// message, `stealing` polls with sleeps of up to 10 ms and burns the cores that publishers need.
//
// Invariants: a job is in exactly one slot or in the queue; a worker sleeps only if the queue is
// empty; while another worker sleeps a job waits for a busy one as a rule not longer than a wake-up
// takes (wake_rule.hpp), and at most `patience`, or `idle_patience` when all slept just before.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <caf/logger.hpp>
#include <caf/policy/unprofiled.hpp>
#include <caf/resumable.hpp>
// CAF's worker notes for its own log which actor runs, which costs a dynamic_cast, a lock and a map
// lookup for each turn. Weir's log is another, and nothing else asks.
#undef CAF_PUSH_AID_FROM_PTR
#define CAF_PUSH_AID_FROM_PTR(job) static_cast<void>(job)
#include <caf/scheduler/coordinator.hpp>

#include "weir/actors/base/wake_rule.hpp"
#include "weir/runtime/core/cache_line.hpp"

namespace weir::actors {

/// A scheduling policy for CAF 0.17's scheduler::coordinator; its functions are called by it.
class handoff_policy : public caf::policy::unprofiled {
 public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}
    wake_rule rule;
    std::mutex access;
    // The last worker awake keeps looking for a moment before it sleeps: whoever adds a job then
    // needs no system call. Not more than one: the other cores may be the publishers'.
    std::atomic<bool> looking{false};
    std::deque<caf::resumable*> queue;
    std::atomic<std::size_t> queued{0};
    // One sleeper keeps watch: it wakes by itself and looks whether a job waits too long. It is
    // woken for work only when all others have been.
    std::condition_variable for_work;
    std::condition_variable for_watch;
    bool look_now = false;        // the watch is to look before its time
    const void* watch = nullptr;  // who keeps it; nobody once that one has been told to wake up
    std::atomic<std::size_t> sleeping{0};  // written under the lock
    std::size_t waking = 0;  // of those asleep, told to wake up but not yet awake
  };
  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
    worker_data(const worker_data&) {}
    alignas(apart) std::atomic<caf::resumable*> slot{nullptr};
    int handed_in_a_row = 0;
    std::atomic<timestamp> began{timestamp{}};  // its job; read by the watch
  };

  ~handoff_policy() override;

  /// If a job waits behind a worker stuck in another, has the watch take it now. Any thread.
  template <class Coordinator>
  static bool help(Coordinator* self) {
    return overdue(self, machine_clock().now()) && look_now(d(self));
  }

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    push(d(self), job, self->num_workers());
  }
  /// CAF's stop sends each worker home with this. Those that are home do not count as awake.
  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    push(d(self->parent()), job, nobody_else);
  }
  /// From a job that runs on this worker: the newest goes into the slot, the one before it on.
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    auto* before = d(self).slot.exchange(job, std::memory_order_acq_rel);
    if (before != nullptr) push(d(self->parent()), before, self->parent()->num_workers());
  }
  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    push(d(self->parent()), job, self->parent()->num_workers());
  }
  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    auto& own = d(self);
    const auto ended = machine_clock().now();
    const auto began = own.began.load(std::memory_order_relaxed);
    const auto before = began == timestamp{} ? duration{} : ended - began;
    bool slept = false;
    auto* job = next_job(self, ended, slept);
    const auto now = slept ? machine_clock().now() : ended;
    own.began.store(now, std::memory_order_relaxed);
    d(self->parent()).rule.job_begins(now, before);
    return job;
  }

  template <class Worker, class Function>
  void foreach_resumable(Worker* self, Function each) {
    if (auto* job = take_slot(d(self))) each(job);
  }
  template <class Coordinator, class Function>
  void foreach_central_resumable(Coordinator* self, Function each) {
    while (auto* job = pop(d(self))) each(job);
  }

 private:
  static constexpr int handed_in_a_row_max = 16;
  static constexpr std::size_t nobody_else = 0;
  static constexpr int pauses_per_look = 32;
  /// How long a job may wait for a busy worker while another sleeps; and at most, when all slept
  /// just before.
  static constexpr std::chrono::milliseconds patience{1};
  static constexpr std::chrono::milliseconds idle_patience{50};

  template <class Worker>
  static caf::resumable* next_job(Worker* self, timestamp idle_since, bool& slept) {
    auto& own = d(self);
    auto& common = d(self->parent());
    // Now and then the queue goes first, lest a chain that never ends starves it.
    const bool queue_first = own.handed_in_a_row >= handed_in_a_row_max &&
                             common.queued.load(std::memory_order_relaxed) > 0;
    if (!queue_first) {
      if (auto* job = take_slot(own)) {
        ++own.handed_in_a_row;
        return job;
      }
    }
    own.handed_in_a_row = 0;
    const auto workers = self->parent()->num_workers();
    if (auto* job = pop_if_needed(common, workers, idle_since)) return job;
    if (auto* job = take_slot(own)) return job;
    slept = true;
    // On one core looking would only keep away whoever adds the job.
    static const bool several_cores = std::thread::hardware_concurrency() > 1;
    const bool last = several_cores &&
                      common.sleeping.load(std::memory_order_relaxed) + 1 >= workers;
    auto* job = last && look(common) ? pop(common) : nullptr;
    while (job == nullptr) {
      if (sleep(common, workers)) {
        job = pop(common);
      } else if (job = take_overdue(self); job != nullptr) {
        pass_watch_on(common);
      }
    }
    if (last) common.rule.idle_ended(machine_clock().now() - idle_since);
    return job;
  }
  static caf::resumable* take_slot(worker_data& worker) noexcept {
    if (worker.slot.load(std::memory_order_relaxed) == nullptr) return nullptr;
    return worker.slot.exchange(nullptr, std::memory_order_acq_rel);
  }
  /// The watch has woken by itself: does a job wait behind one that takes long?
  template <class Worker>
  static caf::resumable* take_overdue(Worker* self) {
    auto* all = self->parent();
    const auto now = machine_clock().now();
    if (auto* job = pop_if_needed(d(all), all->num_workers(), now)) return job;
    auto* other = stuck(all, now);
    return other != nullptr ? take_slot(*other) : nullptr;
  }
  template <class Coordinator>
  static bool overdue(Coordinator* all, timestamp now) {
    const auto queued = d(all).queued.load(std::memory_order_relaxed);
    const auto workers = all->num_workers();
    if (queued > 0 && d(all).rule.needs_another(queued, workers - 1, 1, now)) return true;
    return stuck(all, now) != nullptr;
  }
  /// A worker whose slot has waited longer than it takes to wake another; null if there is none.
  template <class Coordinator>
  static worker_data* stuck(Coordinator* all, timestamp now) {
    for (std::size_t id = 0; id < all->num_workers(); ++id) {
      auto& one = d(all->worker_by_id(id));
      const auto busy = now - one.began.load(std::memory_order_relaxed);
      const bool waits = one.slot.load(std::memory_order_relaxed) != nullptr;
      if (waits && busy >= wake_rule::wake_up_cost) return &one;
    }
    return nullptr;
  }
  /// False if nobody keeps watch.
  static bool look_now(coordinator_data& common);

  /// `workers` of which some may be awake to run the job; `nobody_else`: wake one in any case.
  static void push(coordinator_data& common, caf::resumable* job, std::size_t workers);
  static caf::resumable* pop(coordinator_data& common);
  /// Nothing if the other workers, all awake, will do: this one then sleeps as it was woken late.
  static caf::resumable* pop_if_needed(coordinator_data& common, std::size_t workers,
                                       timestamp now);
  static bool others_will_do(const coordinator_data& common, std::size_t workers, timestamp now);
  /// Looks for a moment; true if something is in the queue.
  static bool look(coordinator_data& common);
  /// Whoever kept watch has a job now, and may be long with it: another sleeper keeps watch.
  static void pass_watch_on(coordinator_data& common);
  /// Sleeps until it is told of a job; false if it keeps watch and should look for itself.
  static bool sleep(coordinator_data& common, std::size_t workers);
};

}  // namespace weir::actors
