// SPDX-License-Identifier: BSD-3-Clause
// Ctrl-C as a flag that a run looks at between two steps, so that what has begun is drained and
// reported. Invariant: a signal handler does nothing but set it; the second signal ends the
// process.
#pragma once

#include <atomic>

namespace weir::cli {

/// Whether the run is to end. Any thread.
class interrupt {
 public:
  bool requested() const noexcept { return signal() != 0; }
  /// The signal that asked, or 0.
  int signal() const noexcept { return signal_.load(std::memory_order_relaxed); }
  /// Asks; false if somebody had asked before. Safe in a signal handler.
  bool request(int signal) noexcept { return signal_.exchange(signal) == 0; }

 private:
  std::atomic<int> signal_{0};
  static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may not lock");
};

/// As long as it lives, SIGINT and SIGTERM request `target`; the second of them ends the process at
/// once, exit code 128 + signal. One at a time in a process; it restores what was before.
class signal_watch {
 public:
  explicit signal_watch(interrupt& target) noexcept;
  ~signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;
};

}  // namespace weir::cli
