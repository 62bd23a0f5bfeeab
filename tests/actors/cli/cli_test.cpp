// SPDX-License-Identifier: BSD-3-Clause
// The whole command line around a small topology: what is printed where, and exit codes.
#include "weir/actors/cli/cli.hpp"

#include <csignal>
#include <iostream>
#include <sstream>

#include <catch2/catch.hpp>

using namespace weir;

namespace {

struct cli_test_ping {
  std::uint64_t number = 0;
};
WEIR_EVENT(cli_test_ping, "cli.ping", 1, (number))

/// Publishes `--count` pings and prints how many arrived.
result<cli::program> build_pings(const cli::settings& chosen) {
  auto node = std::make_unique<weir::node>(chosen.node);
  auto pings = node->topic("pings", {.partitions = chosen.partitions.value_or(1)});
  pings.carries<cli_test_ping>();
  auto seen = std::make_shared<std::atomic<std::uint64_t>>(0);
  node->subscribe("counter", "pings", [seen](const cli_test_ping&) { ++*seen; });
  auto run = [seen, pings, &node = *node, count = *chosen.number("count")](
                 std::ostream& out, const cli::interrupt& stop) mutable -> result<void> {
    for (std::uint64_t i = 0; i < count && !stop.requested(); ++i) {
      if (auto sent = pings.publish(cli_test_ping{i}); !sent) return sent;
      if (i == 4) ::raise(SIGINT);
    }
    if (!node.drain().drained) return fail(errc::timeout, "not drained");
    out << "arrived " << *seen << '\n';
    return {};
  };
  return cli::program{std::move(run), std::move(node)};
}

cli::topology pings() {
  return {.name = "pings",
          .summary = "counts pings",
          .options = {{"count", "how many", cli::number{.standard = 3}}},
          .node = {.threads = 1},
          .build = build_pings};
}

struct outcome {
  int code;
  std::string out;
  std::string err;
};

outcome call(std::vector<cli::topology> topologies, std::vector<std::string> words) {
  words.insert(words.begin(), "/some/where/prog");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  std::ostringstream out, err;
  auto* const old_out = std::cout.rdbuf(out.rdbuf());
  auto* const old_err = std::cerr.rdbuf(err.rdbuf());
  const int code = cli::main(static_cast<int>(argv.size()), argv.data(), std::move(topologies));
  std::cout.rdbuf(old_out);
  std::cerr.rdbuf(old_err);
  return {code, out.str(), err.str()};
}

}  // namespace

TEST_CASE("run builds, starts and runs, and prints nothing of its own", "[cli]") {
  const auto done = call({pings()}, {"run", "pings", "--count", "4"});
  CHECK(done.code == 0);
  CHECK(done.out == "arrived 4\n");
  CHECK(done.err.empty());
}

TEST_CASE("an interrupted run reports what it did and exits with 130", "[cli]") {
  const auto done = call({pings()}, {"--count", "1000"});
  CHECK(done.code == 130);
  CHECK(done.out == "arrived 5\n");
}

TEST_CASE("describe shows what run would start, and starts nothing", "[cli]") {
  const auto done = call({pings()}, {"describe", "--partitions", "3"});
  CHECK(done.code == 0);
  CHECK(done.out.starts_with("topology pings\n"));
  CHECK(done.out.find("3 partitions") != std::string::npos);
  CHECK(done.out.find("memory bound") != std::string::npos);
}

TEST_CASE("list aligns names and summaries", "[cli]") {
  auto other = pings();
  other.name = "a";
  CHECK(call({pings(), other}, {"list"}).out == "pings  counts pings\na      counts pings\n");
}

TEST_CASE("wrong use is one line with the program's name, exit code 2", "[cli]") {
  const auto done = call({pings()}, {"--count", "x"});
  CHECK(done.code == 2);
  CHECK(done.out.empty());
  CHECK(done.err.starts_with("prog: --count: 'x' is not a whole number"));
  CHECK(std::count(done.err.begin(), done.err.end(), '\n') == 1);
}

TEST_CASE("an invalid topology says every reason on its own line, exit code 1", "[cli]") {
  auto broken = pings();
  broken.build = [](const cli::settings& chosen) -> result<cli::program> {
    auto node = std::make_unique<weir::node>(chosen.node);
    node->subscribe("counter", "nowhere", [](const cli_test_ping&) {});
    node->subscribe("adder", "elsewhere", [](const cli_test_ping&) {});
    return cli::program{
        [](std::ostream&, const cli::interrupt&) -> result<void> {
          FAIL("an invalid topology runs");
          return {};
        },
        std::move(node)};
  };
  for (const auto* word : {"run", "describe"}) {
    const auto done = call({broken}, {word});
    CHECK(done.code == 1);
    CAPTURE(done.err);
    CHECK(std::count(done.err.begin(), done.err.end(), '\n') == 2);
    CHECK(done.err.find("nowhere") != std::string::npos);
    CHECK(done.err.find("elsewhere") != std::string::npos);
  }
}

TEST_CASE("a failure of the run is one line, exit code 1, also if its input is invalid", "[cli]") {
  auto failing = pings();
  failing.build = [](const cli::settings& chosen) -> result<cli::program> {
    return cli::program{
        [](std::ostream& out, const cli::interrupt&) -> result<void> {
          out << "half\n";
          return fail(errc::invalid_argument, "record 7: no field 'origin'");
        },
        std::make_unique<weir::node>(chosen.node)};
  };
  const auto done = call({failing}, {});
  CHECK(done.code == 1);
  CHECK(done.out == "half\n");
  CHECK(done.err == "prog: record 7: no field 'origin'\n");
}

TEST_CASE("options that do not fit together are wrong use", "[cli]") {
  auto picky = pings();
  picky.build = [](const cli::settings&) -> result<cli::program> {
    return fail(errc::invalid_argument, "--count and --input exclude each other");
  };
  CHECK(call({picky}, {}).code == 2);
}

TEST_CASE("an exception that escapes is a line and exit code 1", "[cli]") {
  auto throwing = pings();
  throwing.build = [](const cli::settings&) -> result<cli::program> {
    throw std::runtime_error("no luck");
  };
  const auto done = call({throwing}, {});
  CHECK(done.code == 1);
  CHECK(done.err == "prog: stopped by an exception: no luck\n");
}
