// SPDX-License-Identifier: BSD-3-Clause
// Two remembered sequences per subscription and key: the last one and the highest one.
#include "weir/runtime/sim/order_checker.hpp"

#include <algorithm>

namespace weir::sim {

void order_checker::seen(std::string_view subscription, std::string_view key,
                         std::uint64_t sequence, unsigned delivery) {
  ++events_;
  auto keys = progress_.find(subscription);
  if (keys == progress_.end()) keys = progress_.emplace(subscription, progress_by_key{}).first;
  const auto entry = keys->second.find(key);
  if (entry == keys->second.end()) {
    keys->second.emplace(key, progress{sequence, delivery, sequence});
    return;
  }
  const auto before = entry->second;
  entry->second = {sequence, delivery, std::max(before.highest, sequence)};
  // Earlier events of a tail were delivered at least as often as later ones, so whatever goes back
  // to repeat a tail has a higher count than what was seen last.
  const bool rises = sequence > before.last;
  if (rises ? sequence > before.highest || delivery > 1 : delivery > before.delivery) return;
  ++violations_;
  if (!violation_.empty()) return;
  violation_ = "subscription " + std::string{subscription} + ", key " + std::string{key} +
               ": sequence " + std::to_string(sequence) + " after " +
               std::to_string(rises ? before.highest : before.last);
}

}  // namespace weir::sim
