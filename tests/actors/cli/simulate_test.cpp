// SPDX-License-Identifier: BSD-3-Clause
// Simulating topologies under seeds: the same seed is the same run, a mistake is found and told
// with the faults that it takes, and wrong use is one line.
#include "weir/actors/cli/simulate.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::cli::program;
using weir::cli::settings;
using weir::cli::topology;

namespace {

/// Orders that are billed; `mistaken` keeps the count in the handler, which a restart forgets.
weir::result<program> build(const settings& chosen, bool mistaken) {
  program made;
  made.node = std::make_unique<weir::node>(chosen.node);
  auto& node = *made.node;
  const auto billed = std::make_shared<std::uint64_t>(0);
  auto orders = orders_of(node, {.partitions = 3});
  const auto bill = [billed, mistaken, own = std::uint64_t{0}](const order&) mutable {
    *billed = mistaken ? ++own : *billed + 1;
  };
  node.subscribe("billing", "orders", bill)
      .retry(5, weir::exponential(1ms))
      .max_deliveries(10);
  made.run = [&node, orders, billed](std::ostream&,
                                     const weir::cli::interrupt&) mutable -> weir::result<void> {
    for (std::int64_t i = 0; i < 40; ++i) {
      if (auto sent = orders.publish(order{i, "c" + std::to_string(i % 5)}); !sent) return sent;
    }
    if (!node.drain(1h).drained) return weir::fail(weir::errc::timeout, "not drained");
    const auto letters = node.dead_letters().size();
    if (*billed + letters == 40) return {};
    return weir::fail(weir::errc::not_found, std::to_string(40 - *billed) + " orders not billed");
  };
  return made;
}

topology sound() {
  return {.name = "sound", .build = [](const settings& chosen) { return build(chosen, false); }};
}
topology mistaken() {
  using weir::cli::number;
  return {.name = "mistaken",
          .options = {{"orders", "how many", number{.standard = 40}},
                      {"chaos", "a seed", number{}},
                      {"words", "any", weir::cli::text{}}},
          .build = [](const settings& chosen) { return build(chosen, true); }};
}

settings with(const std::string& seeds, const std::string& faults) {
  settings chosen;
  chosen.own = {{"seeds", seeds}, {"faults", faults}};
  return chosen;
}

const std::string usual = "handler-fails=0.1,handler-throws=0.1,subscriber-dies=0.05";

struct outcome {
  std::string text;
  weir::result<void> done;
};
outcome simulated(const topology& target, const settings& chosen) {
  std::ostringstream out;
  const weir::cli::interrupt never;
  auto done = weir::cli::simulate("shop", target, chosen, out, never);
  return {out.str(), std::move(done)};
}

}  // namespace

TEST_CASE("a seed is one run, whatever is run beside it", "[cli][simulate]") {
  const auto target = sound();
  const settings chosen;
  auto all = weir::cli::simulation_of(target, chosen);
  all.faults(*weir::cli::faults_of(usual));
  const auto first = all.run_one(7);
  const auto again = all.run_one(7);
  CHECK(first.summary.failure.empty());
  CHECK(first.lines.size() > 40);
  CHECK(first_difference(first.lines, again.lines) == "");
  CHECK(first.summary.digest == again.summary.digest);
  CHECK(all.run_one(8).summary.digest != first.summary.digest);
  CHECK(simulated(sound(), with("1..60", usual)).text ==
        simulated(sound(), with("1..60", usual)).text);
}

TEST_CASE("a topology without a mistake passes under every seed", "[cli][simulate]") {
  const auto found = simulated(sound(), with("1..200", usual + ",event-rejected=0.05"));
  INFO(found.text);
  CHECK(found.done);
  CHECK_THAT(found.text, Catch::Contains("200 passed, 0 failed"));
}

TEST_CASE("a mistake is found, and told with its seed and the faults that it takes",
          "[cli][simulate]") {
  const auto found = simulated(mistaken(), with("1..50", usual));
  INFO(found.text);
  REQUIRE_FALSE(found.done);
  CHECK_THAT(found.text, Catch::Contains("orders not billed"));
  CHECK_THAT(found.text, Catch::Contains("again: shop simulate mistaken --seeds ") &&
                             Catch::Contains("it takes: subscriber-dies at billing test.order ") &&
                             Catch::Contains(" --faults 'subscriber-dies at billing test.order "));
  // Without that fault nothing is wrong with it.
  CHECK(simulated(mistaken(), with("1..50", "handler-fails=0.1,handler-throws=0.1")).done);
  // What was chosen beside is said again, but for what holds anyway.
  auto chosen = with("1..50", usual);
  chosen.own.insert({{"orders", std::uint64_t{40}},
                     {"chaos", std::uint64_t{9}},
                     {"words", std::string{"a b"}}});
  CHECK_THAT(simulated(mistaken(), chosen).text,
             Catch::Contains("simulate mistaken --chaos 9 --words 'a b' --seeds "));
  auto json = with("1..50", usual);
  json.report = weir::cli::report_format::json;
  CHECK_THAT(simulated(mistaken(), json).text,
             Catch::StartsWith(R"({"topology":"mistaken","seeds":50,"failed":)") &&
                 Catch::Contains(R"("repeat":"shop simulate mistaken --seeds )"));
}

TEST_CASE("a node may crash and begin again on what its store has", "[cli][simulate]") {
  // Every order is published with its number and counted in a state: once, whatever crashes.
  const auto counting = [](bool mistaken) {
    return [mistaken](const settings& chosen) -> weir::result<program> {
      program made;
      made.node = std::make_unique<weir::node>(chosen.node);
      auto& node = *made.node;
      auto orders = orders_of(node, {.partitions = 2, .durable = true});
      node.subscribe("billing", "orders",
                     [](const order& one, weir::context& where) {
                       return where.state<std::int64_t, int>("seen").update(
                           one.number, [](int& times) { ++times; });
                     })
          .retry(5)
          .max_deliveries(20)
          .transactional();
      made.run = [&node, orders, mistaken](std::ostream&, const weir::cli::interrupt&) mutable
          -> weir::result<void> {
        auto source = node.make_producer(orders, "source");
        if (!source) return weir::fail(source.error());
        for (std::int64_t i = 0; i < 30; ++i) {
          const order next{i, "c" + std::to_string(i % 5)};
          // Whoever publishes without a number does so twice.
          if (mistaken) {
            if (auto sent = orders.publish(next); !sent) return sent;
          } else if (auto sent = source->publish(next, static_cast<std::uint64_t>(i)); !sent) {
            return weir::fail(sent.error());
          }
        }
        if (!node.drain(1h).drained) return weir::fail(weir::errc::timeout, "not drained");
        int others = 0;
        std::uint64_t numbers = 0;
        auto read = node.scan_state<std::int64_t, int>("billing", "seen",
                                                       [&](std::int64_t, int times) {
                                                         ++numbers;
                                                         others += times != 1;
                                                       });
        if (!read) return read;
        if (others == 0 && numbers + node.dead_letters().size() == 30) return {};
        return weir::fail(weir::errc::already_exists, "not each order once");
      };
      return made;
    };
  };
  const auto faults = usual + ",node-crashes=0.01,write-torn=0.01";
  const auto sound = simulated({.name = "sound", .build = counting(false)}, with("1..150", faults));
  INFO(sound.text);
  CHECK(sound.done);
  const auto found =
      simulated({.name = "mistaken", .build = counting(true)}, with("1..50", faults));
  INFO(found.text);
  CHECK_THAT(found.text, Catch::Contains("not each order once") &&
                             Catch::Contains("it takes: ") &&
                             Catch::Contains("node-crashes at "));
}

TEST_CASE("wrong seeds and unknown faults are one line", "[cli][simulate]") {
  const auto refusal = [](const std::string& seeds, const std::string& faults) {
    const auto done = simulated(sound(), with(seeds, faults)).done;
    REQUIRE_FALSE(done);
    CHECK(done.error().code == weir::errc::invalid_argument);
    return done.error().message;
  };
  for (const auto* seeds : {"", "0", "5..3", "1..", "x", "1..99999999999"}) {
    CHECK_THAT(refusal(seeds, "none"), Catch::StartsWith("--seeds: '" + std::string{seeds} + "'"));
  }
  CHECK(refusal("1", "earthquake=0.1") ==
        "--faults: 'earthquake' is no fault; there are " + weir::sim::names_of_faults());
  CHECK_THAT(refusal("1", "nowhere.faults"),
             Catch::StartsWith("--faults: 'nowhere.faults' is no fault and no file; there are "));
  for (const auto* faults : {"handler-fails", "handler-fails=", "handler-fails=2",
                             "handler-fails=-1", "handler-fails=0.1x"}) {
    CHECK_THAT(refusal("1", faults), Catch::Contains("with a share from 0 to 1"));
  }
}

TEST_CASE("a failure's faults, transcript and trace are files, and the plan's file finds it again",
          "[cli][simulate]") {
  const auto directory = std::filesystem::temp_directory_path() / "weir-simulate-failures";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  auto chosen = with("1..50", usual);
  chosen.own.insert({{"failures", directory.string()},
                     {"transcript", (directory / "first.transcript").string()},
                     {"trace", (directory / "first.json").string()}});
  const auto found = simulated(mistaken(), chosen);
  INFO(found.text);
  REQUIRE_FALSE(found.done);
  CHECK(found.done.error().code == weir::errc::seeds_failed);
  std::string base;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{directory}) {
    ++files;
    if (entry.path().extension() == ".faults") base = entry.path().stem();
  }
  CHECK(files == 5);
  REQUIRE(base.starts_with("mistaken-"));
  const auto plan = (directory / (base + ".faults")).string();
  CHECK_THAT(found.text, Catch::Contains(" --faults " + plan + "\n"));
  const auto read = [&](const std::filesystem::path& file) {
    std::ifstream from{file};
    return std::string{std::istreambuf_iterator<char>{from}, {}};
  };
  CHECK_THAT(read(directory / (base + ".transcript")),
             Catch::Contains(" fault subscriber-dies at billing test.order "));
  for (const auto& json : {directory / (base + ".trace.json"), directory / "first.json"}) {
    CHECK(boost::json::parse(read(json)).as_object().contains("traceEvents"));
  }
  CHECK_THAT(read(directory / "first.transcript"), Catch::Contains(" billing test.order "));
  // One command repeats it.
  const auto again = simulated(mistaken(), with(base.substr(base.find('-') + 1), plan));
  CHECK_THAT(again.text, Catch::Contains("0 passed, 1 failed") &&
                             Catch::Contains("orders not billed"));
  // A plan that is wrong is told with its line.
  std::ofstream{plan} << "# nothing\n\nhandler-fails at\n";
  CHECK_THAT(simulated(mistaken(), with("1", plan)).done.error().message,
             Catch::StartsWith(plan + ":3: "));
  chosen.own.insert_or_assign("failures", std::string{"/nowhere/at/all"});
  CHECK(simulated(mistaken(), chosen).done.error().code == weir::errc::io_failed);
  std::filesystem::remove_all(directory);
}

TEST_CASE("what a topology says must hold is asked of each run", "[cli][simulate]") {
  auto target = sound();
  target.invariants.push_back({"nothing is dead", [](weir::node& node) -> weir::result<void> {
    if (node.dead_letters().empty()) return {};
    return weir::fail(weir::errc::rejected, "there are letters");
  }});
  CHECK(simulated(target, with("1..20", "handler-fails=0.01")).done);
  const auto found = simulated(target, with("1..20", "event-rejected=0.05"));
  CHECK_THAT(found.text, Catch::Contains("'nothing is dead' does not hold: "));
}
