// SPDX-License-Identifier: BSD-3-Clause
// Two threads that do one thing each at as nearly the same moment as possible, again and again:
// what each may see of the other is then checked by one of them. Finds missing barriers.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "weir/runtime/core/random.hpp"

namespace topic_tests {

namespace internal {
inline void wait_for(const std::atomic<std::uint64_t>& value, std::uint64_t wanted) {
  for (int looks = 0; value.load(std::memory_order_acquire) != wanted; ++looks) {
    if (looks > 200) std::this_thread::yield();
  }
}
/// A short and varying detour, so that every order of the two deeds is tried.
inline void dawdle(weir::random& chance) {
  for (std::atomic<std::uint64_t> steps{chance.below(20)}; steps.load() > 0; --steps) {
  }
}
}  // namespace internal

/// `one(round)` and `other(round)` run on two threads; then `check(round)` runs alone. Rounds are
/// counted from 1.
template <class One, class Other, class Check>
void rounds(std::uint64_t count, One one, Other other, Check check) {
  std::atomic<std::uint64_t> begun{0}, done{0};
  std::thread thread{[&] {
    weir::random chance{1};
    for (std::uint64_t round = 1; round <= count; ++round) {
      internal::wait_for(begun, round);
      internal::dawdle(chance);
      one(round);
      done.store(round, std::memory_order_release);
    }
  }};
  weir::random chance{2};
  for (std::uint64_t round = 1; round <= count; ++round) {
    begun.store(round, std::memory_order_release);
    internal::dawdle(chance);
    other(round);
    internal::wait_for(done, round);
    check(round);
  }
  thread.join();
}

}  // namespace topic_tests
