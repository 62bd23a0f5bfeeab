// SPDX-License-Identifier: BSD-3-Clause
// From a request to an exit code: what the commands do, and how their ends are told.
#include "weir/actors/cli/cli.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>

#include "weir/actors/cli/output.hpp"
#include "weir/actors/cli/request.hpp"
#include "weir/actors/cli/simulate.hpp"
#include "weir/runtime/topology/check.hpp"
#include "weir/runtime/topology/render.hpp"

namespace weir::cli {
namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;
constexpr int exit_signal = 128;

/// Says what went wrong: one line for each in the error's message, which is one but for topologies.
int tell(const std::string& program, const error& why) {
  // The codes below say no more than the line itself; the others are what an operator looks up.
  const bool plain = why.code == errc::invalid_argument || why.code == errc::io_failed ||
                     why.code == errc::invalid_topology || why.code == errc::seeds_failed;
  std::string text = plain ? why.message : to_string(why);
  for (std::size_t from = 0; from <= text.size();) {
    const auto end = std::min(text.find('\n', from), text.size());
    std::cerr << program + ": " + text.substr(from, end - from) + "\n";
    from = end + 1;
  }
  std::cerr.flush();
  return why.code == errc::invalid_argument ? exit_usage : exit_failure;
}

void list(std::span<const topology> topologies) {
  std::size_t width = 0;
  for (const auto& one : topologies) width = std::max(width, one.name.size());
  for (const auto& one : topologies) {
    std::cout << one.name << std::string(width - one.name.size() + 2, ' ') << one.summary << '\n';
  }
}

int describe(const std::string& program, const weir::node& declared) {
  const auto description = declared.describe();
  std::cout << weir::topology::render(description, weir::topology::bound_of(description));
  const auto mistakes = weir::topology::check(description);
  if (mistakes.empty()) return 0;
  std::cout.flush();
  for (const auto& mistake : mistakes) std::cerr << program + ": " + to_string(mistake) + "\n";
  return exit_failure;
}

int run(const std::string& program, cli::program& declared) {
  interrupt stop;
  const signal_watch watch{stop};
  if (auto started = declared.node->start(); !started) return tell(program, started.error());
  if (auto done = declared.run(std::cout, stop); !done) {
    std::cout.flush();  // what was reported comes before what failed
    auto why = std::move(done.error());
    // Wrong use was found before the run began; what a run calls invalid is its input.
    static_cast<void>(tell(program, why));
    return exit_failure;
  }
  return stop.requested() ? exit_signal + stop.signal() : 0;
}

int use(const std::string& program, const tool& used, const settings& chosen) {
  interrupt stop;
  const signal_watch watch{stop};
  if (auto done = used.use(chosen, std::cout, stop); !done) {
    std::cout.flush();
    return tell(program, done.error());
  }
  return stop.requested() ? exit_signal + stop.signal() : 0;
}

int simulate(const std::string& program, const request& wanted) {
  interrupt stop;
  const signal_watch watch{stop};
  auto done = cli::simulate(program, *wanted.target, wanted.chosen, std::cout, stop);
  std::cout.flush();
  if (stop.requested()) return exit_signal + stop.signal();
  return done ? 0 : tell(program, done.error());
}

int carry_out(const std::string& program, const request& wanted,
              std::span<const topology> topologies) {
  switch (wanted.what) {
    case action::help: std::cout << wanted.help; return 0;
    case action::list: list(topologies); return 0;
    case action::tool: return use(program, *wanted.used, wanted.chosen);
    case action::simulate: return simulate(program, wanted);
    case action::describe:
    case action::run: break;
  }
  auto declared = wanted.target->build(wanted.chosen);
  if (!declared) return tell(program, declared.error());
  return wanted.what == action::describe ? describe(program, *declared->node)
                                         : run(program, *declared);
}

}  // namespace

int main(int argc, char** argv, std::vector<topology> topologies) {
  guard_standard_streams();
  const std::string program =
      argc > 0 ? std::filesystem::path{argv[0]}.filename().string() : std::string{"weir"};
  try {
    auto wanted = read_request(program, {argv + std::min(argc, 1), argv + argc}, topologies);
    if (!wanted) return tell(program, wanted.error());
    const int code = carry_out(program, *wanted, topologies);
    if (auto written = finish(std::cout); !written) return tell(program, written.error());
    return code;
  } catch (const std::exception& thrown) {
    std::cerr << program + ": stopped by an exception: " + thrown.what() + "\n";
    return exit_failure;
  }
}

}  // namespace weir::cli
