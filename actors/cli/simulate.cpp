// SPDX-License-Identifier: BSD-3-Clause
// Words to a simulation, and what it found to lines and files.
#include "weir/actors/cli/simulate.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "weir/actors/cli/progress_bar.hpp"
#include "weir/actors/cli/report.hpp"
#include "weir/runtime/codec/json_writer.hpp"

namespace weir::cli {
namespace {

constexpr std::size_t plan_bytes_max = std::size_t{16} << 20;

std::string hex(std::uint64_t value) {
  std::ostringstream text;
  text << std::hex << value;
  return text.str();
}

double seconds(duration time) { return std::chrono::duration<double>(time).count(); }

result<void> write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream to{file, std::ios::binary};
  to << text;
  if (to.flush()) return {};
  return fail(errc::io_failed, file.string() + ": cannot be written");
}

/// The topology's own options as they were given, each with a blank in front.
std::string given_options(const topology& target, const settings& chosen) {
  std::string text;
  for (const auto& one : target.options) {
    const auto given = chosen.own.find(one.name);
    if (given == chosen.own.end() || standard_of(one) == given->second) continue;
    text += " --" + one.name;
    if (const auto* number = std::get_if<std::uint64_t>(&given->second)) {
      text += " " + std::to_string(*number);
    } else if (const auto* words = std::get_if<std::string>(&given->second)) {
      text += " '" + *words + "'";
    }
  }
  if (chosen.partitions) text += " --partitions " + std::to_string(*chosen.partitions);
  return text;
}

/// The files of one failure; the plan's name.
result<std::string> write_failure(const std::filesystem::path& directory, const topology& target,
                                  const testkit::found_failure& one) {
  const auto base = target.name + "-" + std::to_string(one.first);
  const auto plan = directory / (base + ".faults");
  auto written =
      write_file(plan, "# " + target.name + ", seed " + std::to_string(one.first) + ": " +
                           one_line(one.message) + "\n" + sim::plan_text(one.faults));
  if (written) written = write_file(directory / (base + ".transcript"), one.transcript);
  if (written) written = write_file(directory / (base + ".trace.json"), one.trace);
  if (!written) return fail(std::move(written.error()));
  return plan.string();
}

/// More nobody reads; the plan's file has them all.
constexpr std::size_t faults_told_max = 20;

/// The lines of a campaign: those of the machine are objects.
class teller {
 public:
  teller(const std::string& program, const topology& target, const settings& chosen,
         std::ostream& out)
      : program_(program), target_(target), chosen_(chosen), out_(out) {}

  void seeds(const sim::campaign& all, const std::string& faults) {
    if (chosen_.report == report_format::json) {
      out_ << R"({"topology":)" << codec::to_json(target_.name) << R"(,"seeds":)" << all.seeds()
           << R"(,"failed":)" << all.failed() << R"(,"calls":)" << all.calls() << R"(,"faults":)"
           << all.faults() << R"(,"virtual_seconds":)" << seconds(all.virtual_time())
           << R"(,"digest":")" << hex(all.digest()) << "\"}\n";
      return;
    }
    out_ << target_.name << ": " << grouped(all.seeds()) << " seeds, " << grouped(all.calls())
         << " calls of handlers in "
         << grouped(static_cast<std::uint64_t>(seconds(all.virtual_time())))
         << " virtual seconds, " << grouped(all.faults()) << " faults of " << faults << ", digest "
         << hex(all.digest()) << '\n'
         << grouped(all.seeds() - all.failed()) << " passed, " << grouped(all.failed())
         << " failed\n";
  }

  result<void> failure(const testkit::found_failure& one) {
    const auto directory = chosen_.text("failures");
    const auto faults = to_string(one.faults);
    std::string given = "'" + faults + "'";
    if (faults.find(' ') == std::string::npos) given = faults;
    if (directory) {
      auto written = write_failure(*directory, target_, one);
      if (!written) return fail(std::move(written.error()));
      given = *written;
    }
    const auto again = program_ + " simulate " + target_.name + given_options(target_, chosen_) +
                       " --seeds " + std::to_string(one.first) + " --faults " + given;
    if (chosen_.report == report_format::json) {
      out_ << R"({"failure":)" << codec::to_json(one.message) << R"(,"seeds":)" << one.seeds
           << R"(,"first":)" << one.first << R"(,"faults":)" << codec::to_json(faults)
           << R"(,"minimal":)" << (one.minimal ? "true" : "false") << R"(,"repeat":)"
           << codec::to_json(again) << "}\n";
      return {};
    }
    out_ << grouped(one.seeds) << " seeds, the first " << one.first << ": "
         << one_line(one.message) << "\n  " << (one.minimal ? "it takes: " : "with: ");
    const auto scripted = one.faults.script.size();
    if (scripted > faults_told_max) {
      out_ << grouped(scripted) << " faults";
    } else {
      out_ << faults;
    }
    out_ << "\n  again: " << again << '\n';
    return {};
  }

 private:
  const std::string& program_;
  const topology& target_;
  const settings& chosen_;
  std::ostream& out_;
};

/// Transcript and trace of the first seed, if they are wanted.
result<void> write_first(const testkit::simulation& all, const settings& chosen,
                         std::uint64_t first) {
  const auto lines = chosen.text("transcript"), picture = chosen.text("trace");
  if (!lines && !picture) return {};
  const auto found = all.run_one(first);
  if (lines) {
    if (auto written = write_file(*lines, found.lines.text()); !written) return written;
  }
  return picture ? write_file(*picture, found.picture.json()) : result<void>{};
}

}  // namespace

std::vector<option> simulate_options() {
  return {{"seeds", "which: 7, or 1..1000", text{.name = "SEEDS", .standard = "1..100"}},
          {"faults",
           "none, a file of faults, or shares of " + sim::names_of_faults(),
           text{.name = "FAULTS", .standard = to_string(sim::standard_faults())}},
          {"transcript", "writes who got what when under the first seed to this file",
           text{.name = "FILE"}},
          {"trace", "the same for chrome://tracing", text{.name = "FILE"}},
          {"failures", "where the faults, transcript and trace of each failure are written",
           text{.name = "DIR", .standard = "."}},
          {"shrink-runs", "runs that finding the fewest faults of a failure may take",
           number{.standard = 400, .most = 1'000'000}},
          {"timing", "says on standard error how long it took", flag{}}};
}

result<sim::fault_list> faults_of(const std::string& text) {
  constexpr const char* name = "--faults";
  const auto first = text.substr(0, text.find_first_of(" ,="));
  if (first.empty() || first == "none" || text.find('=') != std::string::npos ||
      sim::find_fault(first) != nullptr) {
    return sim::read_faults(text, name);
  }
  std::ifstream file{text, std::ios::binary};
  std::string plan(plan_bytes_max + 1, '\0');
  file.read(plan.data(), static_cast<std::streamsize>(plan.size()));
  plan.resize(static_cast<std::size_t>(file.gcount()));
  if (plan.size() > plan_bytes_max) {
    return fail(errc::invalid_argument, text + ": more than 16 MiB are no plan of faults");
  }
  std::error_code ignored;
  if (plan.empty() && !std::filesystem::is_regular_file(text, ignored)) {
    return fail(errc::invalid_argument, std::string{name} + ": '" + text +
                                            "' is no fault and no file; there are " +
                                            sim::names_of_faults());
  }
  return sim::read_faults(plan + '\n', text);
}

testkit::simulation simulation_of(const topology& target, const settings& chosen) {
  testkit::simulation all{[&target, &chosen](const node_options& options, sim::outside_effects&)
                              -> result<testkit::declared_topology> {
    auto own = chosen;
    own.node = options;
    auto made = target.build(own);
    if (!made) return fail(std::move(made.error()));
    testkit::declared_topology life;
    life.invariants = target.invariants;
    life.invariants.insert(life.invariants.end(), made->invariants.begin(),
                           made->invariants.end());
    life.drive = [run = std::move(made->run)] {
      std::ostringstream unread;
      const interrupt never;
      return run(unread, never);
    };
    life.node = std::move(made->node);
    return life;
  }};
  all.options(chosen.node).threads(0);
  return all;
}

result<void> simulate(const std::string& program, const topology& target, const settings& chosen,
                      std::ostream& out, const interrupt& stop) {
  const auto seeds = sim::seeds_of(chosen.text("seeds").value_or("1..100"));
  if (!seeds) return fail(seeds.error().code, "--seeds: " + seeds.error().message);
  auto faults = faults_of(chosen.text("faults").value_or(to_string(sim::standard_faults())));
  if (!faults) return fail(std::move(faults.error()));
  // What does not build or start is no matter of seeds.
  if (auto built = target.build(chosen); !built) return fail(std::move(built.error()));
  const auto shown = to_string(*faults);
  progress_bar bar{seeds->size()};
  auto all = simulation_of(target, chosen);
  all.seeds(seeds->first, seeds->last)
      .faults(std::move(*faults))
      .shrink_runs(chosen.number("shrink-runs").value_or(400))
      .watch([&](const sim::campaign& seen) { bar.at(seen.seeds(), seen.failed()); })
      .until([&] { return stop.requested(); });
  const auto found = all.run();
  bar.end(chosen.flag("timing"), seconds(found.seeds.virtual_time()));
  if (auto written = write_first(all, chosen, seeds->first); !written) return written;
  teller to{program, target, chosen, out};
  to.seeds(found.seeds, shown);
  for (const auto& one : found.failures) {
    if (auto told = to.failure(one); !told) return told;
  }
  if (stop.requested()) return fail(errc::cancelled, "interrupted");
  if (found.ok()) return {};
  return fail(errc::seeds_failed, std::to_string(found.seeds.failed()) + " seeds failed");
}

}  // namespace weir::cli
