// SPDX-License-Identifier: BSD-3-Clause
// Two threads that each do one thing to the same slot at as nearly the same moment as possible,
// slot after slot; what each saw of the other is checked when both are done. Finds missing
// barriers.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "weir/runtime/core/random.hpp"

namespace topic_tests {

namespace internal {

template <class Slot, class Deed>
void visit(std::vector<Slot>& slots, std::atomic<std::size_t>& mine,
           const std::atomic<std::size_t>& theirs, weir::random chance, Deed deed) {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    mine.store(i + 1);
    // Not for ever: on a busy machine the other thread may be waiting for this one's core.
    for (int looks = 0; theirs.load() <= i && looks < 1000; ++looks) {
    }
    // A detour of varying length, so that every order of the two deeds is tried.
    for (std::atomic<std::uint64_t> steps{chance.below(16)}; steps.load() > 0; --steps) {
    }
    deed(slots[i]);
  }
}

}  // namespace internal

/// `one` and `other` visit all slots, each on a thread of its own; returns when both are done.
template <class Slot, class One, class Other>
void race(std::vector<Slot>& slots, std::uint64_t seed, One one, Other other) {
  std::atomic<std::size_t> one_at{0}, other_at{0};
  const weir::random chance{seed};
  std::thread thread{[&] { internal::visit(slots, one_at, other_at, chance.split(1), one); }};
  internal::visit(slots, other_at, one_at, chance.split(2), other);
  thread.join();
}

}  // namespace topic_tests
