// SPDX-License-Identifier: BSD-3-Clause
// The fewest faults that a failure takes, by delta debugging: ddmin of Zeller and Hildebrandt,
// "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002. What is left is minimal
// in the sense that the failure goes away without any one of them, unless the runs were used up.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "weir/runtime/sim/fault_list.hpp"

namespace weir::sim {

using fault_script = std::vector<scripted_fault>;

struct shrunk_script {
  fault_script script;
  /// Runs that it took.
  std::uint64_t runs = 0;
  /// No single fault can be left out.
  bool minimal = false;
};

/// `fails(script)` runs it: true if it fails in the same way; `script` is known to. At most
/// `runs_max` runs.
shrunk_script shrink(fault_script script, const std::function<bool(const fault_script&)>& fails,
                     std::uint64_t runs_max);

}  // namespace weir::sim
