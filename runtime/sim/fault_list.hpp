// SPDX-License-Identifier: BSD-3-Clause
// What shall go wrong in a run, as a value: shares of passings that the seed draws from, and faults
// that are written down one by one. Its text form is that of plan files; see FORMAT.md.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/sim/fault_point.hpp"

namespace weir::sim {

/// One fault that is written down: it strikes whenever its place is passed, or, without a place, at
/// the n-th passing of its point in the run.
struct scripted_fault {
  fault what = fault::handler_fails;
  std::string place{};
  std::uint64_t call = 0;
  /// How long it lasts; zero: the seed decides, if it lasts at all.
  duration lasts{0};

  bool operator==(const scripted_fault&) const = default;
};
/// `handler-slow at billing order.created 0 @17 (1.1) for 250ms`.
std::string to_string(const scripted_fault& one);

struct fault_list {
  /// By fault, 0 to 1.
  std::array<double, fault_count> shares{};
  std::vector<scripted_fault> script{};

  double& share(fault what) noexcept { return shares[static_cast<std::size_t>(what)]; }
  double share(fault what) const noexcept { return shares[static_cast<std::size_t>(what)]; }
  bool empty() const noexcept;
  bool operator==(const fault_list&) const = default;
};
/// The standard shares.
fault_list standard_faults();
/// `handler-fails=0.02,handler-throws at billing order.created 0 @17 (1.1)`: read back by
/// read_faults; `none` if it is empty.
std::string to_string(const fault_list& all);
/// The same as a file, a line for each; empty if it is.
std::string plan_text(const fault_list& all);

/// Most lines of a plan.
inline constexpr std::size_t script_lines_max = 100'000;
/// Reads a plan: lines of a file, or, where there are commas between, of a command's words. Errors:
/// errc::invalid_argument, one line that begins with `name:` and, if there are several lines, the
/// number of the one that is wrong.
result<fault_list> read_faults(std::string_view text, std::string_view name);

}  // namespace weir::sim
