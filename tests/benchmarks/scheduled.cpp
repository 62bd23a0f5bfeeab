// SPDX-License-Identifier: BSD-3-Clause
// scheduled: a million events that wait for their time: what scheduling one costs, what firing one
// costs until its handler has run, both as CPU time of the whole process, and the memory one takes;
// against a delayed message of CAF's own for each, which carries the same event. The times of both
// are spread at random over the second in which they fire. And the timing wheel alone, its times
// spread over an hour.
#include <malloc.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "weir/actors/node/node.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/plain_caf.hpp"

namespace weir::bench {
namespace {

struct costs {
  double add_ns = 0;
  double fire_ns = 0;
  double bytes = 0;
};

double process_cpu_seconds() noexcept {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

template <class Step>
double nanoseconds_each(std::uint64_t count, double (*clock_of)(), Step step) {
  const auto begin = clock_of();
  step();
  return 1e9 * (clock_of() - begin) / static_cast<double>(count);
}

/// Resident memory once the heap has given back what earlier rounds left.
std::uint64_t trimmed_bytes() {
  malloc_trim(0);
  return resident_bytes();
}

double grown(std::uint64_t before, std::uint64_t count) {
  const auto now = resident_bytes();
  return static_cast<double>(now - std::min(now, before)) / static_cast<double>(count);
}

/// What both sides do: add all, with delays of `from` and up to a second more, and wait for them.
template <class Add>
costs measured(std::uint64_t count, std::chrono::milliseconds from,
               const std::atomic<std::uint64_t>& handled, Add add) {
  random chance{7};
  costs found;
  const auto before = trimmed_bytes();
  const auto begin = process_cpu_seconds();
  found.add_ns = nanoseconds_each(count, &process_cpu_seconds, [&] {
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::chrono::microseconds late{chance.below(1'000'000)};
      add(tick_of(static_cast<std::int64_t>(i)), from + late);
    }
  });
  require(handled == 0, "scheduled: events fired while others were still being added");
  found.bytes = grown(before, count);
  for (auto now = handled.load(); now != count; now = handled.load()) handled.wait(now);
  found.fire_ns = 1e9 * (process_cpu_seconds() - begin) / static_cast<double>(count) - found.add_ns;
  return found;
}

costs weir_costs(std::uint64_t count, std::chrono::milliseconds from) {
  node_options options{.threads = worker_threads()};
  options.scheduled = {.events_max = count, .bytes_max = count * 256};
  node node{options};
  auto ticks = node.topic("ticks");
  ticks.key<tick>(&tick::instrument);
  std::atomic<std::uint64_t> handled{0};
  node.subscribe("reader", "ticks", [&](const tick&) {
    if (handled.fetch_add(1, std::memory_order_relaxed) + 1 == count) handled.notify_all();
  });
  require(node.start().has_value(), "scheduled: the node does not start");
  const auto found = measured(count, from, handled, [&](const tick& value, duration delay) {
    require(ticks.publish_after(value, delay).has_value(), "scheduled: publish_after failed");
  });
  require(node.stop().drained, "scheduled: it does not drain");
  return found;
}

/// The schedule alone: its share of both.
costs wheel_costs(std::uint64_t count) {
  topic::settings ticks;
  ticks.name = "ticks";
  topic::schedule events{{.events_max = count, .bytes_max = count * 256}};
  random chance{7};
  costs found;
  const timestamp now{std::chrono::hours{500'000}};
  const auto before = trimmed_bytes();
  found.add_ns = nanoseconds_each(count, &thread_cpu_seconds, [&] {
    for (std::uint64_t i = 0; i < count; ++i) {
      const duration delay{static_cast<std::int64_t>(chance.below(3'600'000'000'000))};
      auto event =
          topic::make_scheduled(ticks, tick_of(static_cast<std::int64_t>(i)), topic::no_options);
      require(events.add(*event, now + delay, now).has_value(), "scheduled: add failed");
    }
  });
  found.bytes = grown(before, count);
  std::uint64_t fired = 0;
  found.fire_ns = nanoseconds_each(count, &thread_cpu_seconds, [&] {
    while (const auto event = events.take(now + std::chrono::hours{2})) ++fired;
  });
  require(fired == count, "scheduled: the wheel lost events");
  return found;
}

/// A delayed message per event to an actor that counts.
costs caf_costs(std::uint64_t count, std::chrono::milliseconds from) {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", std::size_t{worker_threads()});
  caf::actor_system system{config};
  std::atomic<std::uint64_t> handled{0};
  auto reader = system.spawn([&handled, count](caf::event_based_actor*) -> caf::behavior {
    return {[&handled, count](const plain_event&) {
      if (handled.fetch_add(1, std::memory_order_relaxed) + 1 == count) handled.notify_all();
    }};
  });
  random seed{7};
  event_id_source ids{seed};
  const auto found = measured(count, from, handled, [&](const tick& value, duration delay) {
    const auto now = machine_clock().coarse_now();
    const auto id = ids.next(now);
    caf::delayed_anon_send(reader, delay,
                           plain_event{id, id, event_id{}, now, std::to_string(value.instrument),
                                       &type_of<tick>(), value});
  });
  caf::anon_send_exit(reader, caf::exit_reason::kill);
  return found;
}

}  // namespace

void measure_scheduled(const run_options& options, report& out) {
  const auto count = options.scaled(1'000'000);
  const std::chrono::milliseconds from{options.quick ? 1'500 : 5'000};
  std::vector<double> columns[9];
  for (unsigned round = 0; round < options.rounds; ++round) {
    const costs found[] = {weir_costs(count, from), caf_costs(count, from), wheel_costs(count)};
    for (std::size_t who = 0; who < 3; ++who) {
      columns[3 * who].push_back(found[who].add_ns);
      columns[3 * who + 1].push_back(found[who].fire_ns);
      columns[3 * who + 2].push_back(found[who].bytes);
    }
  }
  const std::string_view names[] = {"weir", "caf", "wheel alone"};
  for (std::size_t who = 0; who < 3; ++who) {
    out.add(row{}
                .add("who", names[who])
                .add("pending", static_cast<double>(count))
                .add("add_ns", median(columns[3 * who]), 0)
                .add("fire_ns", median(columns[3 * who + 1]), 0)
                .add("bytes", median(columns[3 * who + 2]), 0)
                .add("add_ratio", median_ratio(columns[3], columns[3 * who]), 1)
                .add("fire_ratio", median_ratio(columns[4], columns[3 * who + 1]), 1));
  }
}

}  // namespace weir::bench
