// SPDX-License-Identifier: BSD-3-Clause
// What a run of the sample has to say, as tables for people and as one JSON object for programs.
#pragma once

#include <string>
#include <vector>

#include "weir/samples/flights/intake.hpp"

namespace flights {

struct summary {
  intake_counts intake;
  weir::drain_report drained;
  std::vector<weir::subscription_ledger> ledgers;
  std::vector<weir::delivery::dead_letter> dead_letters;
  double seconds = 0;
  double peak_rss_mb = 0;
};

bool is_balanced(const summary& run);

/// One line of JSON.
std::string json_report(const summary& run, const findings& found);
/// Tables of airports, days and disruptions, the ledger, and the dead letters grouped by cause.
std::string text_report(const summary& run, const findings& found);

}  // namespace flights
