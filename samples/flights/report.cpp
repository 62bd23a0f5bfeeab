// SPDX-License-Identifier: BSD-3-Clause
// Printing.
#include "weir/samples/flights/report.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "weir/actors/cli/report.hpp"
#include "weir/runtime/codec/json_writer.hpp"

namespace flights {
namespace {

constexpr std::size_t worst_shown = 3;
constexpr std::int64_t worst_departures_min = 100;
constexpr std::size_t airports_shown = 12;

[[gnu::format(printf, 2, 3)]] void print(std::string& out, const char* format, ...) {
  char line[512];
  va_list values;
  va_start(values, format);
  std::vsnprintf(line, sizeof line, format, values);
  va_end(values);
  out += line;
}

std::string day_text(std::chrono::sys_days day) {
  return weir::to_string(weir::timestamp{day}).substr(0, 10);
}

std::string fixed(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::vector<std::string> row_of(const airport_statistics::row& airport) {
  const auto& [code, delays] = airport;
  return {std::string{code.view()}, weir::cli::grouped(static_cast<std::uint64_t>(delays.count)),
          fixed(delays.mean_minutes()), std::to_string(delays.max_minutes)};
}

std::string airport_table_text(const std::vector<airport_statistics::row>& airports) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& airport : airports) rows.push_back(row_of(airport));
  return weir::cli::table({"airport", "departures", "mean delay", "worst delay"}, rows);
}

void print_airports(std::string& out, const findings& found) {
  auto busiest = found.airports.by_code();
  std::stable_sort(busiest.begin(), busiest.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  const auto all = busiest.size();
  if (busiest.size() > airports_shown) busiest.resize(airports_shown);
  print(out, "\nBusiest of %zu airports (delays in minutes)\n", all);
  out += airport_table_text(busiest);
  print(out, "\nWorst mean delays, of airports with at least %lld departures\n",
        static_cast<long long>(worst_departures_min));
  out += airport_table_text(found.airports.worst(worst_shown, worst_departures_min));
}

void print_days(std::string& out, const findings& found) {
  const auto& days = found.days.days();
  if (days.empty()) return;
  const auto busiest = std::max_element(
      days.begin(), days.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  print(out, "\nDays with departures: %zu, from %s to %s; the busiest was %s with %llu\n",
        days.size(), day_text(days.begin()->first).c_str(), day_text(days.rbegin()->first).c_str(),
        day_text(busiest->first).c_str(), static_cast<unsigned long long>(busiest->second));
}

}  // namespace

bool is_balanced(const summary& run) {
  return run.drained.drained &&
         std::all_of(run.ledgers.begin(), run.ledgers.end(),
                     [](const auto& entry) { return entry.counts.settled(); });
}

std::string json_report(const summary& run, const findings& found) {
  std::string out;
  print(out, "{\"read\":%llu,\"published\":%llu,\"enriched\":%llu,\"dead_letters\":%zu,",
        static_cast<unsigned long long>(run.intake.read),
        static_cast<unsigned long long>(run.intake.published),
        static_cast<unsigned long long>(found.enriched), run.dead_letters.size());
  print(out, "\"airports\":%zu,\"days\":%zu,\"disrupted\":%llu,\"recovered\":%llu,\"worst\":[",
        found.airports.size(), found.days.size(), static_cast<unsigned long long>(found.disrupted),
        static_cast<unsigned long long>(found.recovered));
  const char* separator = "";
  for (const auto& [code, delays] : found.airports.worst(worst_shown, worst_departures_min)) {
    out += separator;
    out += '[';
    weir::codec::to_json(std::string{code.view()}, out);
    print(out, ",%.2f]", delays.mean_minutes());
    separator = ",";
  }
  print(out, "],\"ledger_balanced\":%s,\"seconds\":%.3f,\"events_per_second\":%.0f,",
        is_balanced(run) ? "true" : "false", run.seconds,
        run.seconds > 0 ? static_cast<double>(run.intake.read) / run.seconds : 0.0);
  print(out, "\"peak_rss_mb\":%.1f}\n", run.peak_rss_mb);
  return out;
}

std::string text_report(const summary& run, const findings& found) {
  std::string out;
  print(out,
        "%llu records read, %llu departures published, %llu enriched, in %.2f s (%.0f a second)\n",
        static_cast<unsigned long long>(run.intake.read),
        static_cast<unsigned long long>(run.intake.published),
        static_cast<unsigned long long>(found.enriched), run.seconds,
        run.seconds > 0 ? static_cast<double>(run.intake.read) / run.seconds : 0.0);
  print_airports(out, found);
  print_days(out, found);
  print(out, "\nDisruptions: %llu began, %llu ended\n",
        static_cast<unsigned long long>(found.disrupted),
        static_cast<unsigned long long>(found.recovered));
  out += "\nLedger\n" + weir::cli::ledger_table(run.ledgers);
  out += "\nDead letters\n" + weir::cli::dead_letter_table(run.dead_letters);
  if (!run.drained.drained) out += '\n' + to_string(run.drained);
  return out;
}

}  // namespace flights
