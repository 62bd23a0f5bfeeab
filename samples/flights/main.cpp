// SPDX-License-Identifier: BSD-3-Clause
// Real flights through a node: departures are read, enriched by an airport service, counted per
// airport and day, and watched for disruptions. See README.md for the rules of the answer.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ostream>

#include "weir/actors/cli/cli.hpp"
#include "weir/samples/flights/report.hpp"

namespace {

using steady = std::chrono::steady_clock;

constexpr std::uint32_t partitions = 4;
const std::string data_dir = WEIR_SAMPLE_DATA_DIR;

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

/// A progress bar on a terminal, nothing elsewhere.
void show_progress(std::uint64_t bytes, std::uint64_t total, std::uint64_t records) {
  static const bool terminal = isatty(STDERR_FILENO) == 1;
  static steady::time_point shown{};
  const auto now = steady::now();
  const bool last = total != 0 && bytes >= total;
  if (!terminal || (!last && now - shown < std::chrono::milliseconds{100})) return;
  shown = now;
  constexpr int width = 40;
  const int filled = total == 0 ? 0 : static_cast<int>(width * std::min(bytes, total) / total);
  std::fprintf(stderr, "\r[%-*s] %llu records%s", width,
               std::string(static_cast<std::size_t>(filled), '#').c_str(),
               static_cast<unsigned long long>(records), last ? "\n" : "");
}

weir::result<void> run(weir::node& node, const flights::topology& topics,
                       const weir::cli::settings& chosen, std::ostream& out,
                       const weir::cli::interrupt& stop) {
  const auto stopped = [&stop] { return stop.requested(); };
  auto input = flights::reader::open(*chosen.text("input"), stopped);
  // Asked to end before there was anything to read: an interruption as any other, with its report.
  const bool cut_short = !input && input.error().code == weir::errc::cancelled;
  if (!input && !cut_short) return weir::fail(std::move(input.error()));

  const auto began = steady::now();
  flights::summary summary;
  if (input) {
    auto way = flights::way_in::open(node, topics, chosen.text("data").has_value());
    if (!way) return weir::fail(std::move(way.error()));
    const auto unseen = [](auto...) {};
    summary.intake = chosen.node.simulated
                         ? flights::take_in(*input, **way, stopped, unseen)
                         : flights::take_in(*input, **way, stopped, show_progress);
  }
  summary.drained = node.drain(std::chrono::hours{1});
  summary.seconds = std::chrono::duration<double>(steady::now() - began).count();
  summary.ledgers = node.ledgers();
  summary.dead_letters = node.dead_letters();
  const auto found = flights::collect(node, *topics.counted);
  if (!found) return weir::fail(found.error());
  summary.peak_rss_mb = peak_rss_mb();

  out << (chosen.report == weir::cli::report_format::json
              ? flights::json_report(summary, *found)
              : flights::text_report(summary, *found));
  if (summary.intake.failure) return weir::fail(std::move(*summary.intake.failure));
  if (!flights::is_balanced(summary)) {
    return weir::fail(weir::errc::timeout,
                      "not everything was settled: " + to_string(summary.drained));
  }
  return {};
}

weir::result<weir::cli::program> build(const weir::cli::settings& chosen) {
  auto airports = flights::airport_table::load(*chosen.text("airports"));
  if (!airports) return weir::fail(std::move(airports.error()));
  weir::cli::program program;
  auto options = chosen.node;
  options.data_dir = chosen.text("data").value_or("");
  program.node = std::make_unique<weir::node>(options);
  auto topics = flights::declare(
      *program.node, std::make_shared<const flights::airport_table>(std::move(*airports)),
      chosen.partitions.value_or(partitions), !options.data_dir.empty());
  program.run = [node = program.node.get(), topics, chosen](std::ostream& out,
                                                            const weir::cli::interrupt& stop) {
    return run(*node, topics, chosen, out, stop);
  };
  return program;
}

}  // namespace

int main(int argc, char** argv) {
  using weir::cli::text;
  return weir::cli::main(
      argc, argv,
      {{.name = "flights",
        .summary = "real departures: enrichment, statistics, disruptions",
        .options = {{"input", "JSON array or CSV with header; - reads standard input",
                     text{.name = "FILE", .standard = data_dir + "/flights-20k.json"}},
                    {"airports", "the table of known airports",
                     text{.name = "FILE", .standard = data_dir + "/airports.csv"}},
                    {"data", "keeps everything there, and goes on where an earlier run was",
                     text{.name = "DIR"}}},
        .build = build}});
}
