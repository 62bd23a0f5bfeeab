// SPDX-License-Identifier: BSD-3-Clause
// latency: from publish to handler at low load, one event at a time. Weir and plain CAF take turns
// in blocks, both with Weir's scheduler policy; both make the same two hops (thread, broker or
// partition actor, subscriber actor).
#include <atomic>

#include "weir/actors/node/node.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/plain_caf.hpp"

namespace weir::bench {
namespace {

using steady = std::chrono::steady_clock;

/// Long enough for all workers to have gone to sleep, so that every event wakes them: Weir's look
/// for work for at most 200 microseconds before they do.
constexpr std::chrono::microseconds pause{500};
constexpr std::uint64_t block_events = 100;

/// Shared by the publishing thread and one handler.
struct arrival {
  alignas(64) std::atomic<std::int64_t> number{-1};
  steady::time_point time;

  void note(const tick& event) {
    time = steady::now();
    number.store(event.number, std::memory_order_release);
  }
};

void spin_until(steady::time_point until) {
  while (steady::now() < until) {
  }
}

/// Publishes one block, waiting for each event to be handled; microseconds of each to `out`.
template <class Publish>
void run_block(arrival& last, std::int64_t& number, Publish publish, std::vector<double>& out) {
  for (std::uint64_t i = 0; i < block_events; ++i) {
    ++number;
    const auto begin = steady::now();
    publish(tick_of(number));
    while (last.number.load(std::memory_order_acquire) != number) {
    }
    out.push_back(std::chrono::duration<double, std::micro>(last.time - begin).count());
    spin_until(steady::now() + pause);
  }
}

}  // namespace

void measure_latency(const run_options& options, report& out) {
  arrival weir_last, caf_last;
  node node{{.threads = worker_threads()}};
  auto ticks = node.topic("ticks");
  ticks.key<tick>(&tick::instrument);
  node.subscribe("subscriber", "ticks", [&weir_last](const tick& event) { weir_last.note(event); });
  auto to = node.make_publisher(ticks);
  require(to.has_value(), "latency: the node does not start");
  const auto handler = [&caf_last](const tick& event) { caf_last.note(event); };
  plain_caf peer{scheduler::sharing, worker_threads(), std::vector{handler}};

  std::int64_t weir_number = -1, caf_number = -1;
  const auto publish_weir = [&](const tick& event) {
    require(to->publish(tick{event}).has_value(), "latency: publish failed");
  };
  const auto publish_caf = [&](const tick& event) { peer.publish(event); };
  std::vector<double> warm;
  run_block(weir_last, weir_number, publish_weir, warm);
  run_block(caf_last, caf_number, publish_caf, warm);

  std::vector<double> weir_p50, weir_p99, caf_p50, caf_p99;
  const auto blocks = options.scaled(20);
  for (unsigned round = 0; round < options.rounds; ++round) {
    std::vector<double> weir, caf;
    for (std::uint64_t block = 0; block < blocks; ++block) {
      run_block(weir_last, weir_number, publish_weir, weir);
      run_block(caf_last, caf_number, publish_caf, caf);
    }
    weir_p50.push_back(quantile(weir, 0.5));
    weir_p99.push_back(quantile(weir, 0.99));
    caf_p50.push_back(quantile(caf, 0.5));
    caf_p99.push_back(quantile(caf, 0.99));
  }
  require(node.drain().drained, "latency: it does not drain");
  for (const auto& one : node.ledgers()) {
    require(one.counts.settled(), "latency: unbalanced ledger: " + to_string(one.counts));
  }
  out.add(row{}
              .add("weir_p50_us", median(weir_p50), 2)
              .add("caf_p50_us", median(caf_p50), 2)
              .add("ratio_p50", median_ratio(weir_p50, caf_p50), 2)
              .add("weir_p99_us", median(weir_p99), 2)
              .add("caf_p99_us", median(caf_p99), 2)
              .add("ratio_p99", median_ratio(weir_p99, caf_p99), 2));
}

}  // namespace weir::bench
