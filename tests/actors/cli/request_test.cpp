// SPDX-License-Identifier: BSD-3-Clause
// Words to requests: what may be left out, what is chosen, and what every mistake says.
#include "weir/actors/cli/request.hpp"

#include <catch2/catch.hpp>

using namespace weir::cli;
using weir::errc;
using weir::log_level;

namespace {

std::vector<topology> one() {
  return {{.name = "orders",
           .summary = "orders and payments",
           .options = {{"orders", "how many", number{.standard = 1000, .least = 1, .most = 5000}},
                       {"chaos", "break things", number{.name = "SEED"}},
                       {"quiet", "say less", flag{}},
                       {"input", "a file", text{.name = "FILE"}}},
           .node = {.threads = 3, .log_threshold = log_level::error},
           .build = {}}};
}

std::vector<topology> two() {
  auto both = one();
  both.push_back({.name = "flights", .summary = "real flights", .build = {}});
  return both;
}

using words = std::vector<std::string>;

request asked(const std::vector<topology>& topologies, words given) {
  auto found = read_request("prog", std::move(given), topologies);
  if (!found) FAIL(found.error().message);
  return std::move(*found);
}

std::string refusal(const std::vector<topology>& topologies, words given) {
  const auto found = read_request("prog", std::move(given), topologies);
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().code == errc::invalid_argument);
  CHECK(found.error().message.find('\n') == std::string::npos);
  return found.error().message;
}

}  // namespace

TEST_CASE("with one topology its name and the word run may be left out", "[cli]") {
  const auto topologies = one();
  for (const auto& given : {words{"run", "orders", "--chaos", "7"}, words{"run", "--chaos", "7"},
                            words{"orders", "--chaos", "7"}, words{"--chaos", "7"},
                            words{"--chaos=7"}}) {
    const auto found = asked(topologies, given);
    CHECK(found.what == action::run);
    CHECK(found.target == &topologies[0]);
    CHECK(found.chosen.number("chaos") == 7);
  }
  CHECK(asked(topologies, {}).what == action::run);
}

TEST_CASE("with several topologies the word run may be left out, the name may not", "[cli]") {
  const auto topologies = two();
  CHECK(asked(topologies, {"flights"}).target == &topologies[1]);
  CHECK(asked(topologies, {"run", "orders"}).target == &topologies[0]);
  CHECK(refusal(topologies, {"run"}) == "which topology? There are orders, flights");
  CHECK(refusal(topologies, {}).starts_with("no command or topology given; "));
}

TEST_CASE("list and describe are found", "[cli]") {
  const auto topologies = two();
  CHECK(asked(topologies, {"list"}).what == action::list);
  const auto found = asked(topologies, {"describe", "orders", "--partitions", "8"});
  CHECK(found.what == action::describe);
  CHECK(found.chosen.partitions == 8U);
  CHECK(asked(one(), {"describe"}).what == action::describe);
}

TEST_CASE("what is not given keeps the topology's standard", "[cli]") {
  const auto chosen = asked(one(), {}).chosen;
  CHECK(chosen.node.name == "orders");
  CHECK(chosen.node.threads == 3);
  CHECK(chosen.node.log_threshold == log_level::error);
  CHECK_FALSE(chosen.partitions.has_value());
  CHECK(chosen.report == report_format::text);
  CHECK(chosen.number("orders") == 1000);
  CHECK_FALSE(chosen.number("chaos").has_value());
  CHECK_FALSE(chosen.flag("quiet"));
  CHECK_FALSE(chosen.text("input").has_value());
}

TEST_CASE("every common option reaches the node's options", "[cli]") {
  const auto chosen = asked(one(), {"--threads", "2", "--seed", "9", "--memory-budget", "2GiB",
                                   "--log-level", "info", "--report", "json", "--quiet",
                                   "--input", "-"})
                          .chosen;
  CHECK(chosen.node.threads == 2);
  CHECK(chosen.node.seed == 9);
  CHECK(chosen.node.memory_budget_bytes == 2ULL << 30U);
  CHECK(chosen.node.log_threshold == log_level::info);
  CHECK(chosen.report == report_format::json);
  CHECK(chosen.flag("quiet"));
  CHECK(chosen.text("input") == "-");
}

TEST_CASE("an unknown command, topology or option is named, with what there is", "[cli]") {
  CHECK(refusal(two(), {"fly"}) ==
        "unknown command or topology 'fly'; commands are list, describe, run, simulate; "
        "topologies are orders, flights; on a data directory topics, tail, inspect, verify, "
        "checkpoint, replay, dead-letters, status");
  CHECK(refusal(two(), {"run", "fly"}) == "unknown topology 'fly'; topologies are orders, flights");
  CHECK(refusal(one(), {"--colour", "red"}) ==
        "unknown option '--colour'; options are --orders, --chaos, --quiet, --input, --threads, "
        "--partitions, --seed, --memory-budget, --log-level, --report");
  CHECK(refusal(one(), {"run", "orders", "fast"}).starts_with("unexpected 'fast'; options are "));
  CHECK(refusal(two(), {"list", "all"}) == "list takes nothing, not 'all'");
}

TEST_CASE("a value that is missing, doubled or out of range names its option", "[cli]") {
  CHECK(refusal(one(), {"--orders", "many"}) ==
        "--orders: 'many' is not a whole number from 1 to 5000");
  CHECK(refusal(one(), {"--threads", "0"}) == "--threads: '0' is not a whole number from 1 to 256");
  CHECK(refusal(one(), {"--report", "xml"}) == "--report: 'xml' is not one of text, json");
  CHECK(refusal(one(), {"--orders"}).find("--orders") != std::string::npos);
  CHECK(refusal(one(), {"--orders", "1", "--orders", "2"}).find("--orders") != std::string::npos);
}

TEST_CASE("help shows the usage, and with a topology its options too", "[cli]") {
  const auto overview = asked(two(), {"--help"});
  CHECK(overview.what == action::help);
  CHECK(overview.help.find("flights  real flights") != std::string::npos);
  for (const auto& given : {words{"run", "orders", "--help"}, words{"orders", "-h"}}) {
    const auto help = asked(two(), given).help;
    CHECK(help.find("--chaos SEED") != std::string::npos);
    CHECK(help.find("--memory-budget BYTES") != std::string::npos);
  }
  CHECK(asked(one(), {"--help"}).help.find("--orders N") != std::string::npos);
}

TEST_CASE("tools are words of every program, and need no topology", "[cli][tools]") {
  for (const auto& topologies : {std::vector<topology>{}, one(), two()}) {
    const auto found =
        asked(topologies, {"tail", "orders", "--data", "d", "--from=-3", "--follow"});
    CHECK(found.what == action::tool);
    REQUIRE(found.used != nullptr);
    CHECK(found.used->name == "tail");
    CHECK(found.chosen.text("TOPIC") == "orders");
    CHECK(found.chosen.text("data") == "d");
    CHECK(found.chosen.text("from") == "-3");
    CHECK(found.chosen.flag("follow"));
    CHECK_FALSE(found.chosen.flag("json"));
    CHECK(asked(topologies, {"verify", "d"}).chosen.text("DIR") == "d");
    CHECK(asked(topologies, {"tail", "--help"}).what == action::help);
    CHECK_THAT(asked(topologies, {"tail", "--help"}).help,
               Catch::Contains("prog tail TOPIC") && Catch::Contains("--follow"));
  }
}

TEST_CASE("what a tool lacks is named", "[cli][tools]") {
  const auto topologies = one();
  CHECK(refusal(topologies, {"tail"}) == "which TOPIC? The words are prog tail TOPIC");
  CHECK(refusal(topologies, {"tail", "--data", "d"}) ==
        "which TOPIC? The words are prog tail TOPIC");
  CHECK(refusal(topologies, {"tail", "orders"}) == "tail needs --data");
  CHECK(refusal(topologies, {"checkpoint", "--data", "d"}) == "checkpoint needs --into");
  CHECK_THAT(refusal(topologies, {"verify", "d", "e"}), Catch::StartsWith("unexpected 'e'"));
  CHECK_THAT(refusal(topologies, {"topics", "--colour"}),
             Catch::StartsWith("unknown option '--colour'; options are --data, --json"));
  CHECK_THAT(refusal({}, {}), Catch::StartsWith("no command given; commands are topics, tail, "));
  CHECK_THAT(refusal({}, {"fly"}), Catch::StartsWith("unknown command 'fly'; commands are topics"));
}
