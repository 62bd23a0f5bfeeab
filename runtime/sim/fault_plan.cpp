// SPDX-License-Identifier: BSD-3-Clause
// A generator per (seed, point, n): the three are mixed into its seed, which its constructor
// spreads.
#include "weir/runtime/sim/fault_plan.hpp"

#include <algorithm>
#include <cstdio>

#include "weir/runtime/core/hash.hpp"

namespace weir::sim {
namespace {

random generator(std::uint64_t seed, std::string_view point, std::uint64_t n) noexcept {
  return random{seed}.split(stable_hash(point)).split(n);
}

}  // namespace

fault_plan& fault_plan::set(std::string point, double probability) {
  // Written so that NaN, which compares false with everything, becomes 0.
  const double kept = probability > 0.0 ? std::min(probability, 1.0) : 0.0;
  probabilities_.insert_or_assign(std::move(point), kept);
  return *this;
}

bool fault_plan::fires(std::string_view point, std::uint64_t n) const noexcept {
  const double chance = probability(point);
  return chance > 0.0 && generator(seed_, point, n).chance(chance);
}

random fault_plan::dice(std::string_view point, std::uint64_t n) const noexcept {
  auto drawn = generator(seed_, point, n);
  static_cast<void>(drawn());
  return drawn;
}

double fault_plan::probability(std::string_view point) const noexcept {
  const auto entry = probabilities_.find(point);
  return entry == probabilities_.end() ? 0.0 : entry->second;
}

std::string fault_plan::text() const {
  std::string text = "seed " + std::to_string(seed_);
  char separator = ':';
  for (const auto& [point, chance] : probabilities_) {
    char percent[32];
    std::snprintf(percent, sizeof percent, " %.6g%%", chance * 100);
    text.append(1, separator).append(" ").append(point).append(percent);
    separator = ',';
  }
  return text;
}

}  // namespace weir::sim
