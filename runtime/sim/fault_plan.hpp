// SPDX-License-Identifier: BSD-3-Clause
// Faults by a seeded plan: whether the n-th passing of a named point fails is a function of the
// seed, the point and n alone. Invariant: asking changes nothing, so the answers do not depend on
// who asks first, on threads, or on which other points exist.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "weir/runtime/core/random.hpp"

namespace weir::sim {

/// Set up once, then asked from any thread.
class fault_plan {
 public:
  /// No point fires until a probability is set.
  explicit fault_plan(std::uint64_t seed) noexcept : seed_(seed) {}

  /// `point` fires with `probability`; below 0 and NaN count as 0, above 1 as 1.
  fault_plan& set(std::string point, double probability);

  /// Whether passing number `n` of `point` fails. Allocates nothing.
  bool fires(std::string_view point, std::uint64_t n) const noexcept;
  /// The generator of that passing, for faults that have a size (a delay, a torn write): its first
  /// draw decided `fires`, so draw on from what this returns.
  random dice(std::string_view point, std::uint64_t n) const noexcept;

  double probability(std::string_view point) const noexcept;
  std::uint64_t seed() const noexcept { return seed_; }
  /// `seed 7: handler-throws 10%, subscriber-dies 1%`.
  std::string text() const;

 private:
  std::uint64_t seed_;
  std::map<std::string, double, std::less<>> probabilities_;
};

}  // namespace weir::sim
