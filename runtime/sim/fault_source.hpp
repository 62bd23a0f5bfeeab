// SPDX-License-Identifier: BSD-3-Clause
// The faults of one run: whoever passes a point asks whether it strikes there. With a share, that
// is a function of the seed, the point and the place alone (see fault_plan.hpp), so that a question
// more moves no other fault. What has struck is kept as a script, which brings the run about again.
// One thread at a time.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "weir/runtime/core/random.hpp"
#include "weir/runtime/sim/fault_list.hpp"
#include "weir/runtime/sim/fault_plan.hpp"

namespace weir::sim {

class fault_source {
 public:
  fault_source(std::uint64_t seed, const fault_list& wanted);

  /// False: this point never strikes in this run, and need not be asked.
  bool armed(fault what) const noexcept { return armed_[static_cast<std::size_t>(what)]; }
  /// A passing of the point at `place`: if it strikes, how long it lasts (below zero: back; zero
  /// for what does not last).
  std::optional<duration> strikes(fault what, std::string_view place);
  /// The same at `who number`, or `number` if `who` is empty.
  std::optional<duration> strikes(fault what, std::string_view who, std::uint64_t number);
  /// Chance for what else is to be decided about a fault that struck there.
  random dice(fault what, std::string_view place) const noexcept;

  /// Called with each fault that strikes.
  std::function<void(const scripted_fault&)> heard{};
  /// What has struck, in order, each place once: at most so many.
  static constexpr std::size_t struck_max = 20'000;
  const std::vector<scripted_fault>& struck() const noexcept { return struck_; }
  /// False if more has struck than was kept.
  bool kept_all() const noexcept { return kept_all_; }

 private:
  duration length(fault what, std::string_view place) const noexcept;
  void keep(scripted_fault one);

  fault_plan shares_;
  std::array<bool, fault_count> armed_{};
  std::array<std::uint64_t, fault_count> passings_{};
  using lengths = std::unordered_map<std::string, duration>;
  std::array<lengths, fault_count> by_place_;
  std::array<std::unordered_map<std::uint64_t, duration>, fault_count> by_call_;
  std::vector<scripted_fault> struck_;
  std::set<std::string> known_;  // as text
  bool kept_all_ = true;
};

}  // namespace weir::sim
