// SPDX-License-Identifier: BSD-3-Clause
// Sums and prose of the ledger.
#include "weir/runtime/observe/ledger.hpp"

#include <numeric>

namespace weir::observe {

static_assert(static_cast<std::size_t>(drop_reason::retention) + 1 == drop_reason_count);

std::string_view to_string(drop_reason reason) noexcept {
  switch (reason) {
    case drop_reason::skipped: return "skipped";
    case drop_reason::overflow_oldest: return "overflow_oldest";
    case drop_reason::overflow_newest: return "overflow_newest";
    case drop_reason::overflow_failed: return "overflow_failed";
    case drop_reason::unsubscribed: return "unsubscribed";
    case drop_reason::retention: return "retention";
  }
  return "unknown";
}

std::uint64_t ledger::dropped_total() const noexcept {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

std::uint64_t ledger::accounted() const noexcept {
  return delivered + filtered + in_flight + expired + dropped_total() + dead_lettered;
}

std::int64_t ledger::missing() const noexcept {
  // Modular subtraction gives the signed difference as long as it fits, which 2^63 events do not
  // test.
  return static_cast<std::int64_t>(published - accounted());
}

ledger& ledger::operator+=(const ledger& other) noexcept {
  published += other.published;
  delivered += other.delivered;
  filtered += other.filtered;
  in_flight += other.in_flight;
  expired += other.expired;
  for (std::size_t reason = 0; reason < drop_reason_count; ++reason) {
    dropped[reason] += other.dropped[reason];
  }
  dead_lettered += other.dead_lettered;
  return *this;
}

std::string to_string(const ledger& counts) {
  std::string text = "published " + std::to_string(counts.published);
  text += " = delivered " + std::to_string(counts.delivered);
  text += " + filtered " + std::to_string(counts.filtered);
  text += " + in flight " + std::to_string(counts.in_flight);
  text += " + expired " + std::to_string(counts.expired);
  text += " + dropped " + std::to_string(counts.dropped_total());
  std::string reasons;
  for (std::size_t index = 0; index < drop_reason_count; ++index) {
    if (counts.dropped[index] == 0) continue;
    reasons.append(reasons.empty() ? " (" : ", ");
    reasons.append(to_string(static_cast<drop_reason>(index))).append(" ");
    reasons.append(std::to_string(counts.dropped[index]));
  }
  if (!reasons.empty()) text += reasons + ")";
  text += " + dead-lettered " + std::to_string(counts.dead_lettered);
  const auto missing = counts.missing();
  if (missing > 0) text += "; missing " + std::to_string(missing);
  if (missing < 0) text += "; surplus " + std::to_string(counts.accounted() - counts.published);
  return text;
}

}  // namespace weir::observe
