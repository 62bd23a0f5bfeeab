// SPDX-License-Identifier: BSD-3-Clause
// weir_bench [NAME...] [--json] [--rounds N] [--quick]
// Exit code 0 when it has measured, whatever the numbers; 2 if it was asked for what it has not.
#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

#include "weir/tests/benchmarks/benchmarks.hpp"

namespace weir::bench {
namespace {

constexpr benchmark all[] = {
    // First: it measures how the heap grows, which benchmarks before it would have grown already.
    {"bounded", "memory and the others' rate while one of eight subscribers sleeps",
     measure_bounded},
    {"fanout", "deliveries per second, one topic to 1, 8 and 64 subscribers, against plain CAF",
     measure_fanout},
    {"latency", "microseconds from publish to handler at low load, against plain CAF",
     measure_latency},
    {"handlers", "nanoseconds an event costs with filters, a rate limit, or in batches",
     measure_handlers},
    {"coroutine", "nanoseconds of handlers that are coroutines, against functions and plain CAF",
     measure_coroutine},
    {"per_key", "events per second whose handlers await a slow service, against plain CAF",
     measure_per_key},
    {"groups", "events a second of a consumer group, and how long a partition rests when it moves",
     measure_groups},
    {"request_reply", "microseconds of a round trip over two topics, against plain CAF",
     measure_request_reply},
    {"publish", "nanoseconds per publish for the publishing thread", measure_publish},
    {"scheduled", "a million events that wait for their time, against CAF's delayed messages",
     measure_scheduled},
    {"spawn", "seconds and bytes of 100,000 subscribers on 1,000 topics, against bare CAF actors",
     measure_spawn},
    {"codec", "nanoseconds per event of six fields to JSON or binary and back", measure_codec},
    {"records", "nanoseconds per event of writing, walking, reading and replaying stored batches",
     measure_records},
    {"append_sync", "events a second that publishers wait to have stored, against disk and SQLite",
     measure_append_sync},
    {"append_stream", "events a second that a publisher stores without waiting for each",
     measure_append_stream},
    {"exactly_once", "stored events handled a second, transactional with a state and not",
     measure_exactly_once},
    {"recovery", "seconds from the directory of a killed node, ten million events, to the first",
     measure_recovery},
    {"supervised", "nanoseconds an event costs with rules, retries and a breaker, against without",
     measure_supervised},
    {"poison", "microseconds that each poison event costs, dead letter included", measure_poison},
    {"restart", "microseconds from the end of a subscriber until its event is handled again",
     measure_restart},
};

struct command {
  run_options options;
  std::vector<const benchmark*> wanted;
  std::string mistake;
  bool help = false;
};

std::optional<unsigned> parse_rounds(std::string_view text) {
  unsigned rounds = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), rounds);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return rounds >= 1 && rounds <= 1000 ? std::optional{rounds} : std::nullopt;
}

std::string names() {
  std::string text;
  for (const auto& one : all) text += (text.empty() ? "" : ", ") + std::string{one.name};
  return text;
}

command parse(std::span<char*> arguments) {
  command parsed;
  for (std::size_t i = 0; i < arguments.size() && parsed.mistake.empty(); ++i) {
    const std::string_view word = arguments[i];
    const auto named = std::find_if(std::begin(all), std::end(all),
                                    [&](const auto& one) { return one.name == word; });
    if (word == "--json") {
      parsed.options.json = true;
    } else if (word == "--quick") {
      parsed.options.quick = true;
    } else if (word == "--help" || word == "-h") {
      parsed.help = true;
    } else if (word == "--rounds") {
      const auto rounds = i + 1 < arguments.size() ? parse_rounds(arguments[++i]) : std::nullopt;
      if (rounds) parsed.options.rounds = *rounds;
      if (!rounds) parsed.mistake = "--rounds takes a number from 1 to 1000";
    } else if (named != std::end(all)) {
      parsed.wanted.push_back(named);
    } else if (word.starts_with("-")) {
      parsed.mistake = "unknown option " + std::string{word};
    } else {
      parsed.mistake = "no benchmark is called " + std::string{word} + "; there are " + names();
    }
  }
  if (parsed.wanted.empty()) {
    for (const auto& one : all) parsed.wanted.push_back(&one);
  }
  return parsed;
}

void print_help() {
  std::cout << "weir_bench [NAME...] [--json] [--rounds N] [--quick]\n";
  for (const auto& one : all) std::cout << "  " << one.name << ": " << one.measures << '\n';
}

}  // namespace

unsigned worker_threads() noexcept { return std::max(std::thread::hardware_concurrency(), 1U); }

}  // namespace weir::bench

int main(int argc, char** argv) {
  using namespace weir::bench;
  if (argc == 4 && std::string_view{argv[1]} == fill_and_die_word) {
    fill_and_die(argv[2], std::stoull(argv[3]));
  }
  const auto asked = parse({argv + 1, static_cast<std::size_t>(std::max(argc - 1, 0))});
  if (!asked.mistake.empty()) {
    std::cerr << "weir_bench: " << asked.mistake << std::endl;
    return 2;
  }
  if (asked.help) {
    print_help();
    return 0;
  }
  for (const auto* one : asked.wanted) {
    report out{std::string{one->name}, asked.options.json};
    one->run(asked.options, out);
    out.finish();
  }
  return 0;
}
