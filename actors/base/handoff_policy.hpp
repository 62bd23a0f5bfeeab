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
// empty; a handed-over job waits for its worker at most `slot_patience` while another worker idles.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include <caf/policy/unprofiled.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/coordinator.hpp>

namespace weir::actors {

/// A scheduling policy for CAF 0.17's scheduler::coordinator; its functions are called by it.
class handoff_policy : public caf::policy::unprofiled {
 public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}
    std::mutex access;
    std::condition_variable added;
    std::deque<caf::resumable*> queue;
    std::atomic<std::size_t> queued{0};
    std::size_t sleeping = 0;
    std::size_t waking = 0;
  };
  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
    worker_data(const worker_data&) {}
    alignas(64) std::atomic<caf::resumable*> slot{nullptr};
    int handed_in_a_row = 0;
  };

  ~handoff_policy() override;

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    push(d(self), job);
  }
  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    push(d(self->parent()), job);
  }
  /// From a job that runs on this worker: the newest goes into the slot, the one before it on.
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    auto* before = d(self).slot.exchange(job, std::memory_order_acq_rel);
    if (before != nullptr) push(d(self->parent()), before);
  }
  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    push(d(self->parent()), job);
  }
  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
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
    for (;;) {
      if (auto* job = pop(common)) return job;
      if (auto* job = take_slot(own)) return job;
      if (sleep(common, self->parent()->num_workers())) continue;
      if (auto* job = take_any_slot(self)) return job;
    }
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
  /// How long a job may sit in the slot of a busy worker while this one has nothing to do.
  static constexpr std::chrono::milliseconds slot_patience{1};

  static caf::resumable* take_slot(worker_data& worker) noexcept {
    if (worker.slot.load(std::memory_order_relaxed) == nullptr) return nullptr;
    return worker.slot.exchange(nullptr, std::memory_order_acq_rel);
  }
  template <class Worker>
  static caf::resumable* take_any_slot(Worker* self) {
    for (std::size_t id = 0; id < self->parent()->num_workers(); ++id) {
      if (auto* job = take_slot(d(self->parent()->worker_by_id(id)))) return job;
    }
    return nullptr;
  }

  static void push(coordinator_data& common, caf::resumable* job);
  static caf::resumable* pop(coordinator_data& common);
  /// Sleeps until something is in the queue; false if `slot_patience` passed first.
  static bool sleep(coordinator_data& common, std::size_t workers);
};

}  // namespace weir::actors
