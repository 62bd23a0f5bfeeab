// SPDX-License-Identifier: BSD-3-Clause
// Counting.
#include "weir/runtime/sim/effects_checker.hpp"

namespace weir::sim {

void effects_checker::attempted(std::string_view event, bool succeeded) {
  const auto found = events_.find(event);
  if (found == events_.end()) {
    events_.emplace(event, story{.succeeded = succeeded});
  } else {
    found->second.succeeded = succeeded;
  }
}

void effects_checker::found(std::string_view event, std::uint64_t times) {
  const auto known = events_.find(event);
  if (known == events_.end()) return violated(event, "are there, and nobody has handled it");
  known->second.times += times;
}

void effects_checker::finish(bool may_lack) {
  for (const auto& [event, known] : events_) {
    if (known.times > 1) {
      violated(event, "are there " + std::to_string(known.times) + " times");
    } else if (known.times == 1 && !known.succeeded) {
      violated(event, "are there, and its last attempt failed");
    } else if (known.times == 0 && known.succeeded && !may_lack) {
      violated(event, "are missing");
    }
  }
}

void effects_checker::violated(std::string_view event, const std::string& what) {
  if (violation_.empty()) violation_ = "the effects of " + std::string{event} + " " + what;
}

void outside_effects::happened(std::string_view what, std::string_view whom) {
  ++counts_[std::string{what}][std::string{whom}].times;
}

void outside_effects::expect(std::string_view what, std::string_view whom) {
  counts_[std::string{what}][std::string{whom}].expected = true;
}

std::uint64_t outside_effects::times(std::string_view what, std::string_view whom) const {
  const auto kind = counts_.find(what);
  if (kind == counts_.end()) return 0;
  const auto found = kind->second.find(whom);
  return found == kind->second.end() ? 0 : found->second.times;
}

std::string outside_effects::violation() const {
  for (const auto& [what, all] : counts_) {
    for (const auto& [whom, seen] : all) {
      const auto text = "'" + what + "' of " + whom;
      if (seen.times > 1) return text + " happened " + std::to_string(seen.times) + " times";
      if (seen.times == 0 && seen.expected) return text + " has not happened";
    }
  }
  return {};
}

}  // namespace weir::sim
