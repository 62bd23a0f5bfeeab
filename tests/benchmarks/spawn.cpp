// SPDX-License-Identifier: BSD-3-Clause
// spawn: a hundred thousand subscribers of a thousand topics, against as many bare CAF actors. How
// long from nothing until each of them has handled its first event, and how much memory each takes.
// Every measurement is a process of its own: a heap that has grown before would hide the growth.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "weir/actors/node/node.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/events.hpp"
#include "weir/tests/benchmarks/plain_caf.hpp"

namespace weir::bench {
namespace {

constexpr std::uint64_t topics = 1000;

struct outcome {
  double seconds = 0;
  double bytes = 0;  // resident, each
};

void wait_until(const std::atomic<std::uint64_t>& handled, std::uint64_t expected) {
  while (handled.load(std::memory_order_acquire) != expected) std::this_thread::yield();
}

outcome weir_subscribers(std::uint64_t subscribers) {
  const auto before = resident_bytes();
  std::atomic<std::uint64_t> handled{0};
  const stopwatch time;
  node node{{.memory_budget_bytes = 64 * topology::gib,
             .dead_letters = {.letters_max = 64, .bytes_max = 64 * 1024}}};
  std::vector<topic_handle> all;
  for (std::uint64_t i = 0; i < topics; ++i) {
    all.push_back(node.topic("ticks." + std::to_string(i),
                             {.batch_events_max = 16, .event_bytes_max = 1024}));
  }
  for (std::uint64_t i = 0; i < subscribers; ++i) {
    node.subscribe("subscriber-" + std::to_string(i), "ticks." + std::to_string(i % topics),
                   [&handled](const tick&) { handled.fetch_add(1, std::memory_order_release); });
  }
  const auto started = node.start();
  require(started.has_value(), "spawn: the node does not start");
  for (auto& topic : all) require(topic.publish(tick_of(1)).has_value(), "spawn: no publish");
  wait_until(handled, subscribers);
  const outcome found{time.seconds(), static_cast<double>(resident_bytes() - before)};
  require(node.drain().drained, "spawn: it does not drain");
  for (const auto& one : node.ledgers()) {
    require(one.counts.delivered == 1 && one.counts.settled(), "spawn: unbalanced ledger");
  }
  return found;
}

struct bare_configuration : caf::actor_system_config {
  bare_configuration() { set("scheduler.max-threads", worker_threads()); }
};

outcome bare_actors(std::uint64_t actors) {
  const auto before = resident_bytes();
  std::atomic<std::uint64_t> handled{0};
  const stopwatch time;
  bare_configuration config;
  caf::actor_system system{config};
  std::vector<caf::actor> all;
  for (std::uint64_t i = 0; i < actors; ++i) {
    all.push_back(system.spawn([&handled](caf::event_based_actor*) -> caf::behavior {
      return {[&handled](const plain_event&) { handled.fetch_add(1, std::memory_order_release); }};
    }));
  }
  const auto first = caf::make_message(plain_event{{}, {}, {}, {}, "1", &type_of<tick>(),
                                                   tick_of(1)});
  for (const auto& one : all) caf::anon_send(one, first);
  wait_until(handled, actors);
  const outcome found{time.seconds(), static_cast<double>(resident_bytes() - before)};
  for (const auto& one : all) caf::anon_send_exit(one, caf::exit_reason::kill);
  return found;
}

outcome in_its_own_process(outcome (*measure)(std::uint64_t), std::uint64_t count) {
  int ends[2];
  require(pipe(ends) == 0, "spawn: no pipe");
  const auto child = fork();
  require(child >= 0, "spawn: no process");
  if (child == 0) {
    auto found = measure(count);
    found.bytes /= static_cast<double>(count);
    const bool told = write(ends[1], &found, sizeof found) == sizeof found;
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  outcome found;
  const bool told = read(ends[0], &found, sizeof found) == sizeof found;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  require(told && status == 0, "spawn: a process has failed");
  return found;
}

}  // namespace

void measure_spawn(const run_options& options, report& out) {
  const auto count = options.scaled(100'000);
  std::array<std::vector<double>, 2> seconds, bytes;
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (const auto& [side, measure] :
         {std::pair{0U, &weir_subscribers}, std::pair{1U, &bare_actors}}) {
      const auto found = in_its_own_process(measure, count);
      seconds[side].push_back(found.seconds);
      bytes[side].push_back(found.bytes);
    }
  }
  out.add(row{}
              .add("subscribers", static_cast<double>(count))
              .add("topics", static_cast<double>(topics))
              .add("weir_seconds", median(seconds[0]), 3)
              .add("caf_seconds", median(seconds[1]), 3)
              .add("weir_bytes_each", median(bytes[0]))
              .add("caf_bytes_each", median(bytes[1]))
              .add("ratio_time", median_ratio(seconds[0], seconds[1]), 1)
              .add("ratio_bytes", median_ratio(bytes[0], bytes[1]), 1));
}

}  // namespace weir::bench
