// SPDX-License-Identifier: BSD-3-Clause
// What a day has to say for itself, as tables or as one line of JSON.
#pragma once

#include <string>
#include <vector>

#include "weir/actors/node/options.hpp"
#include "weir/runtime/event/describe.hpp"
#include "weir/samples/ride_hailing/city.hpp"
#include "weir/samples/ride_hailing/traffic.hpp"

namespace ride_hailing {

/// The JSON object; the field names are what scripts read.
struct summary {
  std::uint64_t quotes = 0;
  std::uint64_t quotes_answered = 0;
  std::uint64_t declined = 0;
  std::uint64_t requested = 0;
  std::uint64_t completed = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t expired = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t unaccounted = 0;
  std::uint64_t offers = 0;
  std::uint64_t accepted = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t too_late = 0;
  std::uint64_t nobody_free = 0;
  std::uint64_t timers_cancelled = 0;
  std::uint64_t drivers_busy = 0;
  std::uint64_t positions = 0;
  std::uint64_t positions_shown = 0;
  std::uint64_t positions_expired = 0;
  std::uint64_t positions_dropped = 0;
  std::uint64_t positions_unaccounted = 0;
  std::uint64_t metres_driven = 0;
  bool ledger_balanced = false;
  bool interrupted = false;
  double seconds = 0;
};
WEIR_FIELDS(summary, (quotes, quotes_answered, declined, requested, completed, cancelled, expired,
                      dead_letters, unaccounted, offers, accepted, timed_out, too_late, nobody_free,
                      timers_cancelled, drivers_busy, positions, positions_shown, positions_expired,
                      positions_dropped, positions_unaccounted, metres_driven, ledger_balanced,
                      interrupted, seconds))

/// Everything a report is made of.
struct findings {
  summary numbers;
  audit_result audit;
  weir::drain_report drained;
  std::vector<weir::subscription_ledger> ledgers;
  std::vector<weir::delivery::dead_letter> letters;
};

/// Everything there is to know after the day, from the node and from the books.
findings look(weir::node& node, const city& town, const traffic& seen, weir::drain_report drained);

std::string text_report(const findings& found);
std::string json_report(const findings& found);

/// Drained, balanced, every ride has its one end, every quote its answer, no driver is forgotten.
bool all_is_well(const findings& found);

}  // namespace ride_hailing
