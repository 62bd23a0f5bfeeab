// SPDX-License-Identifier: BSD-3-Clause
// The latest snapshot per subscription is all that is kept.
#include "weir/runtime/sim/ledger_checker.hpp"

namespace weir::sim {
namespace {

// The name of the first count that is lower in `now`; empty if none is.
std::string_view run_backwards(const observe::ledger& before, const observe::ledger& now) noexcept {
  if (now.published < before.published) return "published ran backwards";
  if (now.delivered < before.delivered) return "delivered ran backwards";
  if (now.filtered < before.filtered) return "filtered ran backwards";
  if (now.expired < before.expired) return "expired ran backwards";
  if (now.dead_lettered < before.dead_lettered) return "dead-lettered ran backwards";
  for (std::size_t reason = 0; reason < observe::drop_reason_count; ++reason) {
    if (now.dropped[reason] < before.dropped[reason]) return "dropped ran backwards";
  }
  return {};
}

}  // namespace

void ledger_checker::seen(std::string_view subscription, const observe::ledger& counts) {
  if (!counts.balanced()) violated(subscription, "the ledger does not balance", counts);
  const auto entry = latest_.find(subscription);
  if (entry == latest_.end()) {
    latest_.emplace(subscription, counts);
    return;
  }
  if (const auto why = run_backwards(entry->second, counts); !why.empty()) {
    violated(subscription, why, counts);
  }
  entry->second = counts;
}

void ledger_checker::finish() {
  for (const auto& [subscription, counts] : latest_) {
    if (counts.in_flight > 0) violated(subscription, "events are still in flight", counts);
  }
}

observe::ledger ledger_checker::total() const noexcept {
  observe::ledger sum;
  for (const auto& entry : latest_) sum += entry.second;
  return sum;
}

void ledger_checker::violated(std::string_view subscription, std::string_view why,
                              const observe::ledger& counts) {
  if (!violation_.empty()) return;
  violation_ = "subscription " + std::string{subscription} + ": " + std::string{why} + ": " +
               to_string(counts);
}

}  // namespace weir::sim
