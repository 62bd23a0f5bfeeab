// SPDX-License-Identifier: BSD-3-Clause
// Tables.
#include "weir/samples/orders/report.hpp"

#include <cstdio>

#include "weir/actors/cli/report.hpp"
#include "weir/runtime/codec/json_writer.hpp"

namespace orders {
namespace {

using weir::cli::grouped;

// How far orders came: what arrives at a stage is done there or dies there.
std::string stages_text(const findings& found) {
  const auto& numbers = found.numbers;
  const std::uint64_t in_books[] = {numbers.billed, numbers.shipped, numbers.notified};
  std::vector<std::vector<std::string>> rows;
  auto arrived = numbers.orders;
  for (std::size_t i = 0; i < std::size(stages); ++i) {
    const auto dead = found.audit.dead[i];
    const auto done = i < 2 ? arrived - dead : in_books[i - 2];
    rows.push_back({stages[i], grouped(arrived), grouped(done), grouped(dead)});
    arrived = done;
  }
  return weir::cli::table({"stage", "orders", "done", "dead"}, rows);
}

std::string trouble_text(const findings& found) {
  const auto& numbers = found.numbers;
  return "  " + found.plan + "\n  " + grouped(numbers.retries) + " retries, " +
         grouped(numbers.restarts) + " subscribers restarted, " + grouped(numbers.fallbacks) +
         " orders with plain metadata\n";
}

}  // namespace

std::string text_report(const findings& found) {
  const auto& numbers = found.numbers;
  char took[64];
  std::snprintf(took, sizeof took, " orders in %.3f s%s\n", numbers.seconds,
                numbers.interrupted ? ", interrupted" : "");
  std::string text = grouped(numbers.orders) + took + stages_text(found);
  if (!found.plan.empty()) text += "\nchaos\n" + trouble_text(found);
  text += "\nledger\n" + weir::cli::ledger_table(found.ledgers);
  text += "\ndead letters\n" + weir::cli::dead_letter_table(found.letters);
  text += "\naccounting by order, without the ledger\n  " + grouped(numbers.notified) +
          " notified + " + grouped(numbers.dead_letters) + " dead letters of " +
          grouped(numbers.orders) + " orders; " + grouped(numbers.unaccounted) + " unaccounted\n";
  for (const auto& example : found.audit.examples) text += "  " + example + "\n";
  if (!found.drained.drained) text += "\n" + to_string(found.drained);
  return text;
}

std::string json_report(const findings& found) {
  return weir::codec::to_json(found.numbers) + "\n";
}

bool all_is_well(const findings& found) {
  return found.drained.drained && found.numbers.ledger_balanced && found.numbers.unaccounted == 0;
}

}  // namespace orders
