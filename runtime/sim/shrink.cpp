// SPDX-License-Identifier: BSD-3-Clause
// ddmin: leave out ever smaller parts, as long as what is left still fails.
#include "weir/runtime/sim/shrink.hpp"

#include <algorithm>

namespace weir::sim {
namespace {

/// `script` without the part of `size` faults that begins at `from`.
fault_script without(const fault_script& script, std::size_t from, std::size_t size) {
  fault_script left;
  left.reserve(script.size() - size);
  const auto first = script.begin() + static_cast<std::ptrdiff_t>(from);
  left.insert(left.end(), script.begin(), first);
  left.insert(left.end(), first + static_cast<std::ptrdiff_t>(size), script.end());
  return left;
}

fault_script part_of(const fault_script& script, std::size_t from, std::size_t size) {
  const auto first = script.begin() + static_cast<std::ptrdiff_t>(from);
  return {first, first + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace

shrunk_script shrink(fault_script script, const std::function<bool(const fault_script&)>& fails,
                     std::uint64_t runs_max) {
  shrunk_script best{.script = std::move(script)};
  const auto becomes = [&](fault_script smaller) {
    if (best.runs >= runs_max) return false;
    ++best.runs;
    if (!fails(smaller)) return false;
    best.script = std::move(smaller);
    return true;
  };
  if (best.script.empty() || becomes({})) {
    best.minimal = true;
    return best;
  }
  std::size_t parts = 2;
  while (best.script.size() > 1 && best.runs < runs_max) {
    const auto size = best.script.size();
    const auto step = (size + parts - 1) / parts;
    bool smaller = false;
    // A part alone; with two parts, the one is what is left without the other.
    for (std::size_t from = 0; parts > 2 && from < size && !smaller; from += step) {
      smaller = becomes(part_of(best.script, from, std::min(step, size - from)));
      if (smaller) parts = 2;
    }
    for (std::size_t from = 0; from < size && !smaller; from += step) {
      smaller = becomes(without(best.script, from, std::min(step, size - from)));
      if (smaller) parts = std::max<std::size_t>(parts - 1, 2);
    }
    if (smaller) continue;
    if (step == 1) break;
    parts = std::min(parts * 2, size);
  }
  best.minimal = best.runs < runs_max;
  return best;
}

}  // namespace weir::sim
