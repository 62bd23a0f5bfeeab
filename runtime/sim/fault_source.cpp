// SPDX-License-Identifier: BSD-3-Clause
// Asking the script first, then the share.
#include "weir/runtime/sim/fault_source.hpp"

#include "weir/runtime/core/hash.hpp"

namespace weir::sim {

fault_source::fault_source(std::uint64_t seed, const fault_list& wanted) : shares_(seed) {
  for (const auto& point : fault_points()) {
    const auto share = wanted.share(point.what);
    if (share == 0) continue;
    shares_.set(std::string{point.name}, share);
    armed_[static_cast<std::size_t>(point.what)] = true;
  }
  for (const auto& one : wanted.script) {
    const auto point = static_cast<std::size_t>(one.what);
    armed_[point] = true;
    if (one.place.empty()) {
      by_call_[point].emplace(one.call, one.lasts);
    } else {
      by_place_[point].emplace(one.place, one.lasts);
    }
  }
}

std::optional<duration> fault_source::strikes(fault what, std::string_view place) {
  const auto point = static_cast<std::size_t>(what);
  if (!armed_[point]) return std::nullopt;
  const auto call = ++passings_[point];
  std::optional<duration> lasts;
  if (!by_call_[point].empty() || !by_place_[point].empty()) {
    if (const auto found = by_call_[point].find(call); found != by_call_[point].end()) {
      lasts = found->second;
    }
    const auto found = by_place_[point].find(std::string{place});
    if (found != by_place_[point].end()) lasts = found->second;
  }
  if (!lasts && shares_.fires(point_of(what).name, stable_hash(place))) lasts = duration::zero();
  if (!lasts) return std::nullopt;
  if (*lasts == duration::zero()) lasts = length(what, place);
  keep({what, std::string{place}, 0, *lasts});
  return lasts;
}

std::optional<duration> fault_source::strikes(fault what, std::string_view who,
                                              std::uint64_t number) {
  if (!armed(what)) return std::nullopt;
  std::string place{who};
  if (!place.empty()) place += ' ';
  return strikes(what, place += std::to_string(number));
}

random fault_source::dice(fault what, std::string_view place) const noexcept {
  return shares_.dice(point_of(what).name, stable_hash(place));
}

duration fault_source::length(fault what, std::string_view place) const noexcept {
  const auto longest = static_cast<std::uint64_t>(point_of(what).longest.count());
  if (longest == 0) return duration::zero();
  auto chance = dice(what, place);
  const duration lasts{static_cast<std::int64_t>(1 + chance.below(longest))};
  return what == fault::clock_jumps && chance.chance(0.5) ? -lasts : lasts;
}

void fault_source::keep(scripted_fault one) {
  if (heard) heard(one);
  if (!known_.insert(to_string(one)).second) return;
  kept_all_ = struck_.size() < struck_max;
  if (kept_all_) struck_.push_back(std::move(one));
}

}  // namespace weir::sim
