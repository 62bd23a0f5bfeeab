// SPDX-License-Identifier: BSD-3-Clause
// When a queued job is worth waking another worker. A wake-up costs a system call, a cold cache
// and, where publishers keep the other cores busy, one of their time slices: more than many jobs
// take. So the awake workers are left to it while the newest job is expected to start within the
// time a wake-up takes; the expectation is the mean of recent jobs. A mean says nothing about the
// job that runs just now, so a queue that has not moved for that long wakes a worker too.
//
// And how long the last worker awake looks for a job before it sleeps: as long as jobs have lately
// come, else not at all. (As the Linux kernel's haltpoll governor polls before it halts a core.)
//
// The numbers are guesses that several threads write without a lock: a lost update makes a worker
// wake early or late, never a job be forgotten.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

#include "weir/runtime/core/clock.hpp"

namespace weir::actors {

class wake_rule {
 public:
  /// About what a sleeping worker needs to begin.
  static constexpr duration wake_up_cost = std::chrono::microseconds{25};
  /// The last sleeper's core is most likely a publisher's, who loses a time slice.
  static constexpr duration last_wake_up_cost = std::chrono::microseconds{100};

  /// A worker took a job from anywhere, after it had spent `before` on the one before it.
  void job_begins(timestamp now, duration before) noexcept {
    moved_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    const auto mean = mean_.load(std::memory_order_relaxed);
    mean_.store(mean + (before.count() - mean) / 8, std::memory_order_relaxed);
  }
  /// True if `queued` jobs should not wait for the `awake` workers alone while `asleep` sleep.
  bool needs_another(std::size_t queued, std::size_t awake, std::size_t asleep,
                     timestamp now) const noexcept {
    if (asleep == 0 || awake == 0) return asleep > 0;
    const auto worth = (asleep == 1 ? last_wake_up_cost : wake_up_cost).count();
    const auto still = now.time_since_epoch().count() - moved_.load(std::memory_order_relaxed);
    if (still > worth || still < 0) return true;
    const auto wait = static_cast<std::int64_t>(queued) * mean_.load(std::memory_order_relaxed);
    return wait > worth * static_cast<std::int64_t>(awake);
  }

  /// How long to look before sleeping; zero where jobs come rarely.
  duration look_time() const noexcept { return duration{look_.load(std::memory_order_relaxed)}; }
  /// The last worker awake has found a job after being idle for `gap`.
  void idle_ended(duration gap) noexcept {
    const auto look = look_.load(std::memory_order_relaxed);
    look_.store(gap <= look_max ? look_max.count() : look / 4, std::memory_order_relaxed);
  }

 private:
  /// Twice what a wake-up can cost: who looks longer pays more than he can save.
  static constexpr duration look_max = 2 * last_wake_up_cost;

  std::atomic<std::int64_t> look_{0};
  std::atomic<std::int64_t> mean_{0};   // nanoseconds a job took, the recent ones weigh most
  std::atomic<std::int64_t> moved_{0};  // when a job was taken last
};

}  // namespace weir::actors
