// SPDX-License-Identifier: BSD-3-Clause
// publish: what an event costs the publishing thread (its own CPU time), without subscribers, with
// one event per call and with 64, against sending one message to a CAF actor that does nothing.
#include <array>
#include <span>
#include <vector>

#include "weir/actors/node/node.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/plain_caf.hpp"

namespace weir::bench {
namespace {

template <class Publish>
double nanoseconds_of(std::uint64_t events, Publish publish) {
  const auto begin = thread_cpu_seconds();
  for (std::uint64_t i = 0; i < events; ++i) publish(static_cast<std::int64_t>(i));
  return 1e9 * (thread_cpu_seconds() - begin) / static_cast<double>(events);
}

}  // namespace

void measure_publish(const run_options& options, report& out) {
  std::vector<double> single, batched, caf;
  const auto events = options.scaled(2'000'000) / 64 * 64;
  for (unsigned round = 0; round < options.rounds; ++round) {
    node node{{.threads = worker_threads()}};
    auto ticks = node.topic("ticks");
    ticks.key<tick>(&tick::instrument);
    auto to = node.make_publisher(ticks);
    require(to.has_value(), "publish: the node does not start");
    single.push_back(nanoseconds_of(events, [&](std::int64_t number) {
      require(to->publish(tick_of(number)).has_value(), "publish: publish failed");
    }));
    std::array<tick, 64> some;
    batched.push_back(nanoseconds_of(events, [&](std::int64_t number) {
      const auto place = static_cast<std::size_t>(number) % some.size();
      some[place] = tick_of(number);
      if (place + 1 < some.size()) return;
      require(to->publish_batch(std::span<tick>{some}).has_value(),
              "publish: publish_batch failed");
    }));
    require(to->published() == 2 * events, "publish: events are missing");

    using nobody = void (*)(const tick&);
    plain_caf peer{scheduler::sharing, worker_threads(), std::vector<nobody>{}};
    caf.push_back(
        nanoseconds_of(events / 10, [&](std::int64_t number) { peer.publish(tick_of(number)); }));
  }
  out.add(row{}
              .add("weir_ns", median(single), 1)
              .add("weir_batch64_ns", median(batched), 1)
              .add("caf_ns", median(caf), 1)
              .add("ratio", median_ratio(caf, single), 1));
}

}  // namespace weir::bench
