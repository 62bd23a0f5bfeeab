// SPDX-License-Identifier: BSD-3-Clause
// What a run has to say for itself, as tables or as one line of JSON.
#pragma once

#include <string>
#include <vector>

#include "weir/actors/node/options.hpp"
#include "weir/runtime/event/describe.hpp"
#include "weir/samples/orders/books.hpp"

namespace orders {

/// The JSON object; the field names are what scripts read.
struct summary {
  std::uint64_t orders = 0;
  std::uint64_t billed = 0;
  std::uint64_t shipped = 0;
  std::uint64_t notified = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t fallbacks = 0;
  std::uint64_t retries = 0;
  std::uint64_t restarts = 0;
  std::uint64_t unaccounted = 0;
  bool ledger_balanced = false;
  bool interrupted = false;
  double seconds = 0;
};
WEIR_FIELDS(summary, (orders, billed, shipped, notified, dead_letters, fallbacks, retries, restarts,
                      unaccounted, ledger_balanced, interrupted, seconds))

/// Everything a report is made of.
struct findings {
  summary numbers;
  audit_result audit;
  weir::drain_report drained;
  std::vector<weir::subscription_ledger> ledgers;
  std::vector<weir::delivery::dead_letter> letters;
  std::string plan;
};

std::string text_report(const findings& found);
std::string json_report(const findings& found);

/// Drained, balanced, and every order has its one fate.
bool all_is_well(const findings& found);

}  // namespace orders
