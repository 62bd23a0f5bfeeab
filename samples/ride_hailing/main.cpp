// SPDX-License-Identifier: BSD-3-Clause
// A city that hails rides. Drivers send where they are, riders ask for quotes and request rides,
// dispatchers find drivers by asking a router, drivers answer, too late, or never. Every ride ends,
// and the report proves it. On a terminal a dashboard shows the day as it passes.
#include <chrono>
#include <ostream>

#include "weir/actors/cli/cli.hpp"
#include "weir/actors/cli/dashboard.hpp"
#include "weir/samples/ride_hailing/report.hpp"
#include "weir/samples/ride_hailing/topology.hpp"
#include "weir/samples/ride_hailing/traffic.hpp"

namespace {

using namespace std::chrono_literals;
using namespace ride_hailing;
using weir::cli::interrupt;
using weir::cli::report_format;
using weir::cli::settings;
using steady = std::chrono::steady_clock;

/// Sleeps from rider to rider, in short naps, so that Ctrl-C is seen. 0 riders a second: no sleep.
std::function<void()> pauses(weir::node& node, std::uint64_t rate, const interrupt& stop) {
  if (rate == 0) return [] {};
  const std::chrono::nanoseconds between{1'000'000'000 / rate};
  return [&node, between, due = node.now(), &stop]() mutable {
    due = std::max(due + between, node.now() - 100ms);
    while (!stop.requested() && node.now() < due) {
      if (!node.sleep(std::min<weir::duration>(due - node.now(), 50ms))) return;
    }
  };
}

weir::result<void> run(weir::node& node, const entrances& into, city& town, const settings& chosen,
                       std::ostream& out, const interrupt& stop) {
  const auto began = steady::now();
  const day today{.rides = static_cast<std::int64_t>(*chosen.number("rides")),
                  .over = [&stop] { return stop.requested(); },
                  .pause = pauses(node, *chosen.number("rate"), stop)};
  traffic seen;
  weir::result<void> passed;
  weir::drain_report drained;
  {
    const weir::cli::dashboard live{
        node, chosen.node.simulated ? std::nullopt : weir::cli::terminal_of_process()};
    std::tie(seen, passed) = pass(today, node, into, town);
    drained = finish(node, town, 5min);
  }
  auto found = look(node, town, seen, std::move(drained));
  found.numbers.seconds = std::chrono::duration<double>(steady::now() - began).count();
  found.numbers.interrupted = stop.requested();
  out << (chosen.report == report_format::json ? json_report(found) : text_report(found));
  if (!passed) return passed;
  if (!all_is_well(found)) {
    return weir::fail(weir::errc::timeout, "not every ride, quote and position is accounted for");
  }
  return {};
}

weir::result<weir::cli::program> build(const settings& chosen) {
  auto options = chosen.node;
  // One ride has at most a timer, an answer and the end of its trip before it.
  options.scheduled.events_max = *chosen.number("rides") * 4 + 1000;
  pace times;
  times.patience = std::chrono::milliseconds{*chosen.number("patience")};
  times.at_once = static_cast<std::uint32_t>(*chosen.number("at-once"));
  const auto town = std::make_shared<city>(
      options.seed, static_cast<std::int64_t>(*chosen.number("drivers")), times);
  weir::cli::program made;
  made.node = std::make_unique<weir::node>(options);
  auto into = declare(*made.node, chosen.partitions.value_or(4), town);
  made.run = [node = made.node.get(), into = std::move(into), town, chosen](
                 std::ostream& out, const interrupt& stop) {
    return run(*node, into, *town, chosen, out, stop);
  };
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  using weir::cli::number;
  return weir::cli::main(
      argc, argv,
      {{.name = "ride_hailing",
        .summary = "riders, drivers and the dispatchers between them, with a live dashboard",
        .options = {{"rides", "how many riders want one",
                     number{.standard = 2000, .least = 1, .most = 100'000}},
                    {"drivers", "how many drivers there are",
                     number{.standard = 100, .least = 1, .most = 10'000}},
                    {"rate", "riders a second; 0: as fast as they come",
                     number{.standard = 400, .least = 0, .most = 1'000'000}},
                    {"patience", "how long a driver has for an answer",
                     number{.name = "MS", .standard = 100, .least = 1, .most = 60'000}},
                    {"at-once", "rides for which a driver is looked for at once",
                     number{.standard = 64, .least = 1, .most = 65'536}}},
        .node = {.seed = 1},
        .build = build}});
}
