// SPDX-License-Identifier: BSD-3-Clause
// append_stream: one publisher that does not wait for each event. exactly_once: handling a stored
// topic with sums by key, transactional and not. recovery: from a killed node's directory to the
// first event handled.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <unordered_map>

#include "weir/tests/benchmarks/stored_blobs.hpp"

namespace weir::bench {
namespace {

/// What a handler sums up, by how many keys, and how much of it a state remembers.
struct sums {
  std::int64_t keys;
  std::uint64_t state_bytes;
};
constexpr std::uint64_t mib = std::uint64_t{1} << 20;

double handle_all(const std::shared_ptr<store::store>& disk, const std::string& name,
                  const sums& what, bool keeps, std::uint64_t events) {
  node in{on(disk)};
  blobs_of(in);
  std::unordered_map<std::int64_t, std::int64_t> kept;
  std::uint64_t seen = 0;
  auto declared = in.subscribe(
      name, "blobs", [&, keeps](const blob& one, context& where) -> result<void> {
        ++seen;
        const auto key = one.number * 7'919 % what.keys;
        if (keeps) {
          return where.state<std::int64_t, std::int64_t>("sums").update(
              key, [&](std::int64_t& sum) { sum += one.number; });
        }
        kept[key] += one.number;
        return {};
      });
  declared.starting(from_earliest()).credit(64);
  if (keeps) declared.transactional().state_bytes(what.state_bytes);
  const stopwatch time;
  require(in.start().has_value() && in.drain(std::chrono::minutes{5}).drained,
          "exactly_once: not everything was handled");
  const auto seconds = time.seconds();
  require(seen == events, "exactly_once: an event is missing");
  return static_cast<double>(events) / seconds;
}

std::uint64_t fill(const std::shared_ptr<store::store>& disk, std::uint64_t events,
                   std::size_t size, double& seconds) {
  node in{on(disk)};
  const auto to = blobs_of(in);
  auto from = in.make_publisher(to);
  require(from.has_value(), "append_stream: no publisher");
  const stopwatch time;
  for (std::uint64_t i = 0; i + 1 < events; ++i) {
    require(from->publish(blob_of(static_cast<std::int64_t>(i), size)).has_value(),
            "append_stream: publish");
  }
  const auto last = static_cast<std::int64_t>(events - 1);
  require(from->publish(blob_of(last, size), wait_for::stored, std::chrono::minutes{1}).has_value(),
          "append_stream: the last event was not stored");
  seconds = time.seconds();
  require(in.stop(std::chrono::minutes{1}).drained, "append_stream: not drained");
  return events;
}

/// The program itself once more, which fills the directory and is killed: a fork alone would lack
/// the threads of a store that was opened before.
void fill_in_another_process(const std::filesystem::path& directory, std::uint64_t events) {
  const auto child = fork();
  require(child >= 0, "recovery: no process");
  if (child == 0) {
    execl("/proc/self/exe", "weir_bench", fill_and_die_word, directory.c_str(),
          std::to_string(events).c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  require(waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
              WTERMSIG(status) == SIGKILL,
          "recovery: the process was not killed");
}

/// Seconds from opening the directory until a subscription has its first event; it gets them all.
double first_delivery(const std::filesystem::path& directory, const std::string& name,
                      std::uint64_t events) {
  const stopwatch time;
  std::atomic<double> first{0};
  std::uint64_t seen = 0;
  node in{on(open_store(directory))};
  blobs_of(in);
  in.subscribe(name, "blobs",
               [&](const blob&) {
                 if (++seen == 1) first = time.seconds();
               })
      .starting(from_earliest());
  require(in.start().has_value() && in.drain(std::chrono::minutes{5}).drained,
          "recovery: not everything was handled");
  require(seen == events, "recovery: an event is missing");
  require(in.stop(std::chrono::minutes{1}).drained, "recovery: not drained");
  return first;
}

}  // namespace

void measure_append_stream(const run_options& options, report& out) {
  std::vector<double> rates;
  for (unsigned round = 0; round < options.rounds; ++round) {
    const scratch room;
    double seconds = 0;
    const auto events = fill(open_store(room / "store"), options.scaled(2'000'000), 100, seconds);
    rates.push_back(static_cast<double>(events) / seconds);
  }
  out.add(row{}.add("bytes", 100).add("events_per_second", median(rates)));
}

void measure_exactly_once(const run_options& options, report& out) {
  const scratch room;
  const auto disk = open_store(room / "store");
  const auto events = options.scaled(2'000'000);
  double seconds = 0;
  fill(disk, events, 100, seconds);
  unsigned run = 0;
  for (const sums& what : {sums{1'000, 8 * mib}, sums{1'000'000, 256 * mib},
                           sums{1'000'000, 8 * mib}}) {
    std::vector<double> plain, transactional;
    for (unsigned round = 0; round < options.rounds; ++round) {
      const auto number = std::to_string(++run);
      plain.push_back(handle_all(disk, "plain-" + number, what, false, events));
      transactional.push_back(handle_all(disk, "kept-" + number, what, true, events));
    }
    out.add(row{}
                .add("keys", static_cast<double>(what.keys))
                .add("state_mib", static_cast<double>(what.state_bytes / mib))
                .add("plain", median(plain))
                .add("transactional", median(transactional))
                .add("ratio", median_ratio(transactional, plain), 2));
  }
}

void fill_and_die(const std::string& directory, std::uint64_t events) {
  node in{on(open_store(directory))};
  const auto to = blobs_of(in);
  auto from = in.make_publisher(to);
  require(from.has_value(), "recovery: no publisher");
  for (std::uint64_t i = 0; i < events; ++i) {
    const auto level = i + 1 < events ? wait_for::accepted : wait_for::stored;
    const auto done = from->publish(blob_of(static_cast<std::int64_t>(i), 100), level,
                                    std::chrono::minutes{1});
    require(done.has_value(), "recovery: publish");
  }
  kill(getpid(), SIGKILL);
  std::abort();
}

void measure_recovery(const run_options& options, report& out) {
  const auto events = options.scaled(10'000'000);
  std::vector<double> killed, stopped;
  // The events are what takes long.
  const auto rounds = std::min(options.rounds, 3U);
  for (unsigned round = 0; round < rounds; ++round) {
    const scratch room;
    fill_in_another_process(room / "store", events);
    killed.push_back(first_delivery(room / "store", "after-kill", events));
    stopped.push_back(first_delivery(room / "store", "after-stop", events));
  }
  out.add(row{}
              .add("events", static_cast<double>(events))
              .add("after_kill_seconds", median(killed), 3)
              .add("after_stop_seconds", median(stopped), 3));
}

}  // namespace weir::bench
