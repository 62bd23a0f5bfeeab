// SPDX-License-Identifier: BSD-3-Clause
// The only place that makes randomness. Everything random in Weir draws from a seeded generator, so
// one seed names one run. xoshiro256** (Blackman and Vigna, 2018), seeded through splitmix64.
#pragma once

#include <array>
#include <cstdint>

namespace weir {

/// A seeded generator; the same seed gives the same numbers on every machine. One thread at a time.
/// Satisfies UniformRandomBitGenerator, but std distributions differ between libraries: use below()
/// and chance() where a run must repeat elsewhere.
class random {
 public:
  using result_type = std::uint64_t;
  explicit random(std::uint64_t seed) noexcept;

  std::uint64_t operator()() noexcept;
  /// Uniform in [0, bound). `bound` 0 gives 0.
  std::uint64_t below(std::uint64_t bound) noexcept;
  /// Uniform in [0, 1).
  double fraction() noexcept;
  /// True with the given probability; <= 0 never, >= 1 always.
  bool chance(double probability) noexcept { return fraction() < probability; }
  /// An independent generator for a named part of the run; does not disturb this one's sequence.
  random split(std::uint64_t stream) const noexcept;

  static constexpr std::uint64_t min() noexcept { return 0; }
  static constexpr std::uint64_t max() noexcept { return ~std::uint64_t{0}; }

 private:
  std::array<std::uint64_t, 4> state_;
};

/// A seed from the operating system, for runs that need not repeat.
std::uint64_t entropy_seed();

}  // namespace weir
