// SPDX-License-Identifier: BSD-3-Clause
// Counting and tables.
#include "weir/samples/ride_hailing/report.hpp"

#include <cstdio>

#include "weir/actors/cli/report.hpp"
#include "weir/runtime/codec/json_writer.hpp"

namespace ride_hailing {
namespace {

using weir::cli::grouped;

void count_positions(const findings& found, summary& numbers) {
  for (const auto& [subscription, topic, counts] : found.ledgers) {
    if (subscription != "map") continue;
    numbers.positions_shown = counts.delivered;
    numbers.positions_expired = counts.expired;
    numbers.positions_dropped = counts.dropped_total();
  }
  const auto known =
      numbers.positions_shown + numbers.positions_expired + numbers.positions_dropped;
  numbers.positions_unaccounted =
      numbers.positions > known ? numbers.positions - known : known - numbers.positions;
}

}  // namespace

findings look(weir::node& node, const city& town, const traffic& seen, weir::drain_report drained) {
  findings found;
  found.drained = std::move(drained);
  found.ledgers = node.ledgers();
  found.letters = node.dead_letters(1, town.done.requested() + 1);
  found.audit = audit(town.done, found.letters);
  auto& numbers = found.numbers;
  numbers.quotes = seen.quotes;
  numbers.quotes_answered = seen.quotes_answered;
  numbers.declined = seen.declined;
  numbers.requested = town.done.requested();
  numbers.completed = town.done.ended(fate::completed);
  numbers.cancelled = town.done.ended(fate::cancelled);
  numbers.expired = town.done.ended(fate::expired);
  numbers.dead_letters = found.letters.size();
  numbers.unaccounted = found.audit.unaccounted;
  numbers.offers = town.counts.offers;
  numbers.accepted = town.counts.accepted;
  numbers.timed_out = town.counts.timed_out;
  numbers.too_late = town.counts.too_late;
  numbers.nobody_free = town.counts.nobody_free;
  numbers.timers_cancelled = town.counts.timers_cancelled;
  numbers.drivers_busy = town.drivers.busy();
  numbers.positions = seen.positions;
  count_positions(found, numbers);
  numbers.metres_driven = town.counts.metres_driven;
  numbers.ledger_balanced = weir::cli::balanced(found.ledgers);
  return found;
}

std::string text_report(const findings& found) {
  const auto& day = found.numbers;
  char took[64];
  std::snprintf(took, sizeof took, " riders in %.3f s%s\n", day.seconds,
                day.interrupted ? ", interrupted" : "");
  std::string text = grouped(day.quotes) + took;
  text += weir::cli::table(
      {"rides", "", "drivers", "", "positions", ""},
      {{"quotes answered", grouped(day.quotes_answered), "offers", grouped(day.offers), "sent",
        grouped(day.positions)},
       {"declined", grouped(day.declined), "accepted", grouped(day.accepted), "shown on the map",
        grouped(day.positions_shown)},
       {"requested", grouped(day.requested), "timed out", grouped(day.timed_out), "expired",
        grouped(day.positions_expired)},
       {"completed", grouped(day.completed), "answered too late", grouped(day.too_late), "dropped",
        grouped(day.positions_dropped)},
       {"cancelled", grouped(day.cancelled), "nobody was free", grouped(day.nobody_free),
        "unaccounted", grouped(day.positions_unaccounted)},
       {"expired", grouped(day.expired), "timers cancelled", grouped(day.timers_cancelled)},
       {"dead letters", grouped(day.dead_letters), "still busy", grouped(day.drivers_busy)}});
  text += "\nledger\n" + weir::cli::ledger_table(found.ledgers);
  text += "\ndead letters\n" + weir::cli::dead_letter_table(found.letters);
  text += "\naccounting by ride, without the ledger\n  " + grouped(day.completed) +
          " completed + " + grouped(day.cancelled) + " cancelled + " + grouped(day.expired) +
          " expired + " + grouped(day.dead_letters) + " dead letters of " +
          grouped(day.requested) + " requested; " + grouped(day.unaccounted) + " unaccounted\n";
  for (const auto& example : found.audit.examples) text += "  " + example + "\n";
  if (!found.drained.drained) text += "\n" + to_string(found.drained);
  return text;
}

std::string json_report(const findings& found) {
  return weir::codec::to_json(found.numbers) + "\n";
}

bool all_is_well(const findings& found) {
  const auto& day = found.numbers;
  return found.drained.drained && day.ledger_balanced && day.unaccounted == 0 &&
         day.positions_unaccounted == 0 && day.quotes_answered == day.quotes &&
         day.drivers_busy == 0;
}

}  // namespace ride_hailing
