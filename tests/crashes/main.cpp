// SPDX-License-Identifier: BSD-3-Clause
// weir_crash [--rounds N] [--seed S] [--directory DIR] [--power-cut | --store-faults] [--json]
// A node with durable topics, killed with SIGKILL, deprived of power or left by its disk at random
// moments, and a witness outside of it that reads every acknowledgement and every effect from a
// pipe. In the end a node looks at the whole log.
// Exit code 0 if nothing was lost, 1 if something was, 2 for a wrong option, 77 if this machine
// cannot lose power.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "weir/actors/node/node.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"
#include "weir/tests/crashes/failing_store.hpp"
#include "weir/tests/crashes/ground.hpp"

namespace {

using namespace std::chrono_literals;

struct order {
  std::int64_t number = 0;
  std::int64_t writer = 0;
};
WEIR_EVENT(order, "crash.order", 1, (number, writer))

/// What the transactional subscription publishes: its n-th of a writer says n.
struct receipt {
  std::int64_t number = 0;
  std::int64_t writer = 0;
  std::int64_t count = 0;
};
WEIR_EVENT(receipt, "crash.receipt", 1, (number, writer, count))

/// And what it keeps of each writer.
struct tally {
  std::int64_t count = 0;
  std::int64_t sum = 0;
  bool operator==(const tally&) const = default;
};
BOOST_DESCRIBE_STRUCT(tally, (), (count, sum))

constexpr std::int64_t writers = 4;
/// Numbers of one round; each round begins with the next multiple.
constexpr std::int64_t numbers_per_round = 1'000'000;

struct choices {
  std::uint64_t rounds = 20;
  std::uint64_t seed = 1;
  std::string directory;
  bool power_cut = false;
  bool store_faults = false;
  bool json = false;
};

/// Few, so that the letters of thousands of rounds fit.
bool poison(const order& one) { return one.number % 53 == 7; }

weir::result<void> refuse_poison(const order& one) {
  if (!poison(one)) return {};
  return weir::fail(weir::errc::rejected,
                    std::to_string(one.writer) + " " + std::to_string(one.number));
}

/// One line of the pipe. Short enough to be written whole or not at all.
void tell(int pipe_end, char what, const order& one) {
  char line[64];
  const auto size = std::snprintf(line, sizeof line, "%c %lld %lld\n", what,
                                  static_cast<long long>(one.writer),
                                  static_cast<long long>(one.number));
  if (write(pipe_end, line, static_cast<std::size_t>(size)) != size) _exit(3);
}

weir::topic_handle orders_of(weir::node& node) {
  auto orders = node.topic("orders", {.partitions = 2, .batch_events_max = 16, .durable = true});
  orders.key<order>(&order::writer);
  return orders;
}

/// Its attempts at poison do everything before they fail.
void keep_accounts(weir::node& node) {
  auto receipts = node.topic("receipts", {.batch_events_max = 16, .durable = true});
  receipts.key<receipt>(&receipt::writer);
  node.subscribe("accounts", "orders",
                 [receipts](const order& one, weir::context& context) -> weir::result<void> {
                   auto& tallies = context.state<std::int64_t, tally>("tallies");
                   std::int64_t count = 0;
                   const auto kept = tallies.update(one.writer, [&](tally& sum) {
                     count = ++sum.count;
                     sum.sum += one.number;
                   });
                   if (!kept) return kept;
                   const auto told =
                       context.publish(receipts, receipt{one.number, one.writer, count});
                   return told ? refuse_poison(one) : told;
                 })
      .transactional()
      .starting(weir::from_earliest());
}

weir::node_options options(const std::string& directory) {
  weir::node_options chosen;
  chosen.data_dir = directory;
  chosen.threads = 2;
  chosen.dead_letters = {.letters_max = 400'000, .bytes_max = 512UL * 1024 * 1024};
  return chosen;
}

/// One that is left by its disk ends with this code, having acknowledged nothing more.
constexpr int left_by_disk = 7;

weir::node_options options(const choices& chosen, const crash_tests::disk_end& disk) {
  auto on = options(chosen.directory);
  if (disk.at_commit == 0) return on;
  auto opened = weir::store::rocksdb_store::open(chosen.directory);
  if (!opened) {
    std::fprintf(stderr, "weir_crash: %s\n", to_string(opened.error()).c_str());
    _exit(4);
  }
  on.store = std::make_shared<crash_tests::failing_store>(std::move(*opened), disk);
  on.log_threshold = weir::log_level::off;
  return on;
}

bool disk_is_gone(const weir::error& why) {
  return why.code == weir::errc::store_failed || why.code == weir::errc::store_full;
}

/// Publishes until it is ended; some events without waiting for the disk.
[[noreturn]] void live(const choices& chosen, const crash_tests::disk_end& disk,
                       std::int64_t first, int pipe_end) {
  weir::node node{options(chosen, disk)};
  auto orders = orders_of(node);
  node.subscribe("billing", "orders", [&](const order& one) {
    if (!poison(one)) tell(pipe_end, 'h', one);
    return refuse_poison(one);
  });
  keep_accounts(node);
  if (const auto started = node.start(); !started) {
    std::fprintf(stderr, "weir_crash: %s\n", to_string(started.error()).c_str());
    _exit(4);
  }
  std::vector<std::thread> all;
  for (std::int64_t writer = 0; writer < writers; ++writer) {
    all.emplace_back([&, writer] {
      auto to = node.make_publisher(orders);
      for (auto number = first; to; ++number) {
        const order one{number, writer};
        const bool waits = number % 3 == 0;
        const auto sent = waits ? to->publish(one, weir::wait_for::stored, 1min)
                                : to->publish(one);
        if (!sent) {
          if (disk.at_commit == 0 || !disk_is_gone(sent.error())) _exit(5);
          // It stays gone.
          const auto again = to->publish(one, weir::wait_for::stored, 1min);
          _exit(!again && disk_is_gone(again.error()) ? left_by_disk : 8);
        }
        if (waits) tell(pipe_end, 'a', one);
      }
    });
  }
  for (auto& one : all) one.join();
  _exit(6);
}

/// What the witness has seen, by writer and number.
struct witness {
  using key = std::pair<std::int64_t, std::int64_t>;
  std::vector<key> acknowledged;
  std::map<key, std::uint64_t> handled;

  void read(std::string_view line) {
    key seen;
    const auto* at = line.data() + 2;
    const auto* end = line.data() + line.size();
    at = std::from_chars(at, end, seen.first).ptr + 1;
    std::from_chars(at, end, seen.second);
    if (line[0] == 'a') acknowledged.push_back(seen);
    if (line[0] == 'h') ++handled[seen];
  }
};

/// Runs a node until it has acknowledged so many, ends it, and reads what it had still said.
bool run_and_kill(const choices& chosen, crash_tests::ground& where, std::int64_t first,
                  std::uint64_t kill_after, const crash_tests::disk_end& disk, witness& seen) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  const auto child = fork();
  if (child == 0) {
    close(ends[0]);
    live(chosen, disk, first, ends[1]);
  }
  close(ends[1]);
  std::string waiting;
  char bytes[4096];
  const auto before = seen.acknowledged.size();
  bool killed = false;
  for (;;) {
    const auto got = read(ends[0], bytes, sizeof bytes);
    if (got <= 0) break;
    waiting.append(bytes, static_cast<std::size_t>(got));
    std::size_t from = 0;
    for (auto end = waiting.find('\n'); end != std::string::npos; end = waiting.find('\n', from)) {
      seen.read(std::string_view{waiting}.substr(from, end - from));
      from = end + 1;
    }
    waiting.erase(0, from);
    const bool enough = seen.acknowledged.size() - before >= kill_after;
    if (!killed && enough && disk.at_commit == 0) {
      killed = where.end(child);
      if (!killed) kill(child, SIGKILL);
    }
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (disk.at_commit > 0) return WIFEXITED(status) && WEXITSTATUS(status) == left_by_disk;
  return killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

struct verdict {
  std::uint64_t stored = 0, lost = 0, duplicated = 0, out_of_order = 0, unhandled = 0,
                redelivered = 0, letters = 0, letters_lost = 0, letters_duplicated = 0, effects = 0,
                effects_lost = 0, effects_duplicated = 0;
  bool complete = true;
};

/// Each poison event of the log is one letter, and nothing else is one.
void count_letters(weir::node& node, const std::map<witness::key, std::uint64_t>& log,
                   verdict& found) {
  std::map<witness::key, std::uint64_t> letters;
  for (const auto& letter : node.dead_letters(1, ~std::size_t{0})) {
    if (letter.subscription != "billing") continue;
    const auto& text = letter.failure.message;
    const auto blank = text.find(' ');
    ++letters[{std::stoll(text.substr(0, blank)), std::stoll(text.substr(blank + 1))}];
  }
  for (const auto& [one, times] : letters) {
    found.letters += times;
    found.letters_duplicated += log.contains(one) ? times - 1 : times;
  }
  for (const auto& [one, times] : log) {
    found.letters_lost += poison({one.second, one.first}) && !letters.contains(one);
  }
}

/// What should have been kept of each writer.
std::map<std::int64_t, tally> tallies_of(const std::map<witness::key, std::uint64_t>& log) {
  std::map<std::int64_t, tally> sums;
  for (const auto& [one, times] : log) {
    if (poison({one.second, one.first})) continue;
    ++sums[one.first].count;
    sums[one.first].sum += one.second;
  }
  return sums;
}

/// Each event of the log that is no poison was counted once and has one receipt, in order.
void count_effects(const choices& chosen, const std::map<witness::key, std::uint64_t>& log,
                   const std::vector<receipt>& receipts, verdict& found) {
  std::map<std::int64_t, std::int64_t> counts;
  std::map<witness::key, std::uint64_t> told;
  for (const auto& one : receipts) {
    ++found.effects;
    found.effects_duplicated += ++told[{one.writer, one.number}] > 1;
    found.effects_lost += one.count != ++counts[one.writer];
  }
  for (const auto& [one, times] : log) {
    const bool wanted = !poison({one.second, one.first});
    found.effects_lost += wanted && !told.contains(one);
    found.effects_duplicated += !wanted && told.contains(one);
  }
  std::map<std::int64_t, tally> kept;
  const auto disk = weir::store::rocksdb_store::open(chosen.directory);
  found.complete = found.complete && disk &&
                   weir::delivery::scan_stored<std::int64_t, tally>(
                       **disk, "accounts", "tallies",
                       [&](std::int64_t writer, const tally& sum) { kept[writer] = sum; });
  found.effects_lost += kept != tallies_of(log);
}

verdict look(const choices& chosen, witness& seen) {
  verdict found;
  std::vector<receipt> receipts;
  std::map<witness::key, std::uint64_t> log;
  std::map<std::int64_t, std::int64_t> newest;  // by writer
  weir::node node{options(chosen.directory)};
  orders_of(node);
  keep_accounts(node);
  node.subscribe("audit-receipts", "receipts", [&](const receipt& one) {
        receipts.push_back(one);
      }).starting(weir::from_earliest());
  node.subscribe("billing", "orders", [&](const order& one) {
    if (!poison(one)) ++seen.handled[{one.writer, one.number}];
    return refuse_poison(one);
  });
  node.subscribe("audit", "orders", [&](const order& one) {
        ++found.stored;
        ++log[{one.writer, one.number}];
        const auto [entry, fresh] = newest.emplace(one.writer, one.number);
        if (!fresh && one.number <= entry->second) ++found.out_of_order;
        entry->second = one.number;
      }).starting(weir::from_earliest());
  found.complete = node.start().has_value() && node.stop(5min).drained;
  for (const auto& one : seen.acknowledged) found.lost += !log.contains(one);
  for (const auto& [one, times] : log) {
    found.duplicated += times - 1;
    found.unhandled += !poison({one.second, one.first}) && !seen.handled.contains(one);
  }
  for (const auto& [one, times] : seen.handled) found.redelivered += times - 1;
  count_letters(node, log, found);
  count_effects(chosen, log, receipts, found);
  return found;
}

bool parse(int argc, char** argv, choices& chosen) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    auto* flag = word == "--json"           ? &chosen.json
                 : word == "--power-cut"    ? &chosen.power_cut
                 : word == "--store-faults" ? &chosen.store_faults
                                            : nullptr;
    if (flag != nullptr) {
      *flag = true;
      continue;
    }
    if (i + 1 == argc) return false;
    const std::string_view value = argv[++i];
    auto* number = word == "--rounds" ? &chosen.rounds : word == "--seed" ? &chosen.seed : nullptr;
    if (word == "--directory") {
      chosen.directory = value;
    } else if (number == nullptr ||
               std::from_chars(value.data(), value.data() + value.size(), *number).ptr !=
                   value.data() + value.size()) {
      return false;
    }
  }
  return chosen.rounds > 0 && chosen.rounds <= 100'000 &&
         !(chosen.power_cut && chosen.store_faults);
}

void report(const choices& chosen, const witness& seen, const verdict& found) {
  const std::pair<const char*, std::uint64_t> counts[] = {
      {"rounds", chosen.rounds},
      {"seed", chosen.seed},
      {"acknowledged", seen.acknowledged.size()},
      {"stored", found.stored},
      {"lost", found.lost},
      {"duplicated", found.duplicated},
      {"out_of_order", found.out_of_order},
      {"unhandled", found.unhandled},
      {"redelivered", found.redelivered},
      {"letters", found.letters},
      {"letters_lost", found.letters_lost},
      {"letters_duplicated", found.letters_duplicated},
      {"effects", found.effects},
      {"effects_lost", found.effects_lost},
      {"effects_duplicated", found.effects_duplicated}};
  std::string text;
  for (const auto& [name, count] : counts) {
    const auto value = std::to_string(count);
    text += chosen.json ? std::string{text.empty() ? "{" : ","} + '"' + name + "\":" + value
                        : std::string{name} + ": " + value + '\n';
  }
  text += std::string{chosen.json ? ",\"drained\":" : "drained: "} +
          (found.complete ? "true" : "false") + (chosen.json ? "}\n" : "\n");
  std::fputs(text.c_str(), stdout);
}

volatile std::sig_atomic_t interrupted = 0;

/// Ends with what a signal has interrupted, so that nothing stays mounted.
void outlive_interrupts() {
  struct sigaction quiet {};
  quiet.sa_handler = [](int) { interrupted = 1; };
  sigaction(SIGINT, &quiet, nullptr);
  sigaction(SIGTERM, &quiet, nullptr);
}

/// Where nothing is flushed something must be lost, or the rounds to come show nothing.
bool loses_what_is_not_flushed(crash_tests::ground& where) {
  const auto found = crash_tests::cut_unflushed_writer(where);
  std::fprintf(stderr, "weir_crash: control, nothing flushed: %ld of %ld lines left\n", found.left,
               found.announced);
  return found.announced > 0 && found.left >= 0 && found.left < found.announced;
}

int rounds(choices chosen, crash_tests::ground& where) {
  chosen.directory = where.directory();
  weir::random chance{chosen.seed};
  witness seen;
  for (std::uint64_t round = 0; round < chosen.rounds; ++round) {
    const auto first = static_cast<std::int64_t>(round) * numbers_per_round;
    crash_tests::disk_end disk;
    if (chosen.store_faults) {
      disk = {1 + chance.below(150), chance.below(2) == 0,
              chance.below(2) == 0 ? weir::errc::store_full : weir::errc::store_failed};
    }
    const bool ended = run_and_kill(chosen, where, first, 1 + chance.below(200), disk, seen);
    if (interrupted != 0) return 130;
    if (!ended) {
      std::fprintf(stderr, "weir_crash: round %llu of seed %llu: the node ended by itself\n",
                   static_cast<unsigned long long>(round),
                   static_cast<unsigned long long>(chosen.seed));
      return 1;
    }
  }
  const auto found = look(chosen, seen);
  report(chosen, seen, found);
  const auto wrong = found.lost + found.duplicated + found.out_of_order + found.unhandled +
                     found.letters_lost + found.letters_duplicated + found.effects_lost +
                     found.effects_duplicated;
  return wrong == 0 && found.complete ? 0 : 1;
}

int run(const choices& chosen) {
  if (!chosen.power_cut) {
    crash_tests::killing_ground where{chosen.directory};
    return rounds(chosen, where);
  }
  outlive_interrupts();
  std::string why;
  const auto where = crash_tests::powered_ground(chosen.directory, why);
  if (where == nullptr) {
    std::fprintf(stderr, "weir_crash: skipped, no power to cut here: %s\n", why.c_str());
    return 77;
  }
  return loses_what_is_not_flushed(*where) ? rounds(chosen, *where) : 1;
}

}  // namespace

int main(int argc, char** argv) {
  choices chosen;
  if (!parse(argc, argv, chosen)) {
    std::fprintf(stderr, "usage: weir_crash [--rounds N] [--seed S] [--directory DIR] "
                         "[--power-cut | --store-faults] [--json]\n");
    return 2;
  }
  const bool own = chosen.directory.empty();
  if (own) {
    auto name = (std::filesystem::temp_directory_path() / "weir-crash-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) return 1;
    chosen.directory = name;
  }
  const int code = run(chosen);
  if (own && code != 1) std::filesystem::remove_all(chosen.directory);
  return code;
}
