// SPDX-License-Identifier: BSD-3-Clause
// fanout: deliveries per second from one publishing thread to 1, 8 and 64 subscribers, with
// complete envelopes, keys and the ledger, against plain CAF under both of its schedulers; the
// peer's better one counts. From the first publish until the last handler has returned (Weir: is
// settled too).
#include <atomic>
#include <memory>
#include <string>

#include "weir/actors/node/node.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/plain_caf.hpp"

namespace weir::bench {
namespace {

struct shape {
  unsigned subscribers;
  std::uint64_t weir_events;
  std::uint64_t caf_events;  // about as long a run, at a fraction of the rate
};
constexpr shape shapes[] = {{1, 4'000'000, 300'000}, {8, 3'000'000, 80'000}, {64, 800'000, 12'000}};

/// What one subscriber has seen; a cache line of its own.
struct alignas(64) tally {
  std::int64_t sum = 0;
  std::uint64_t count = 0;
};

struct outcome {
  std::vector<double> rates;
  std::vector<double> switches;
};

std::int64_t sum_below(std::uint64_t count) {
  return static_cast<std::int64_t>(count * (count - 1) / 2);
}

void check(const std::vector<tally>& tallies, std::uint64_t warm, std::uint64_t events) {
  for (const auto& seen : tallies) {
    require(seen.count == warm + events, "fanout: a subscriber did not see every event once");
    require(seen.sum == sum_below(warm) + sum_below(events), "fanout: a payload changed");
  }
}

class measured {
 public:
  explicit measured(double deliveries) : deliveries_(deliveries) {}
  void into(outcome& out) const {
    out.rates.push_back(deliveries_ / time_.seconds());
    out.switches.push_back(1e6 * static_cast<double>(voluntary_switches() - switches_) /
                           deliveries_);
  }

 private:
  double deliveries_;
  std::uint64_t switches_ = voluntary_switches();
  stopwatch time_;
};

void publish_all(publisher& to, std::uint64_t events) {
  for (std::uint64_t i = 0; i < events; ++i) {
    const auto done = to.publish(tick_of(static_cast<std::int64_t>(i)));
    require(done.has_value(), "fanout: publish failed");
  }
}

void run_weir(unsigned subscribers, std::uint64_t events, outcome& out) {
  std::vector<tally> tallies(subscribers);
  node node{{.threads = worker_threads()}};
  auto ticks = node.topic("ticks");
  ticks.key<tick>(&tick::instrument);
  for (unsigned i = 0; i < subscribers; ++i) {
    node.subscribe("subscriber-" + std::to_string(i), "ticks",
                   [seen = &tallies[i]](const tick& event) {
                     seen->sum += event.number;
                     ++seen->count;
                   });
  }
  auto to = node.make_publisher(ticks);
  require(to.has_value(), "fanout: the node does not start");
  const auto warm = events / 10;
  publish_all(*to, warm);
  require(node.drain().drained, "fanout: the warm-up does not drain");

  const measured run{static_cast<double>(events * subscribers)};
  publish_all(*to, events);
  require(node.drain().drained, "fanout: it does not drain");
  run.into(out);

  check(tallies, warm, events);
  const auto ledgers = node.ledgers();
  require(ledgers.size() == subscribers, "fanout: a ledger is missing");
  for (const auto& [subscription, topic, counts] : ledgers) {
    require(counts.settled() && counts.delivered == warm + events,
            "fanout: unbalanced ledger of " + subscription + ": " + to_string(counts));
  }
}

struct finish_line {
  std::atomic<std::uint64_t> target{0};
  std::atomic<unsigned> arrived{0};

  void wait_for(unsigned subscribers) {
    for (auto now = arrived.load(); now < subscribers; now = arrived.load()) arrived.wait(now);
    arrived = 0;
  }
};

void run_caf(scheduler policy, unsigned subscribers, std::uint64_t events, outcome& out) {
  std::vector<tally> tallies(subscribers);
  finish_line finish;
  const auto handler_of = [&finish](tally* seen) {
    return [&finish, seen](const tick& event) {
      seen->sum += event.number;
      if (++seen->count == finish.target.load(std::memory_order_relaxed)) {
        ++finish.arrived;
        finish.arrived.notify_one();
      }
    };
  };
  std::vector<decltype(handler_of(nullptr))> handlers;
  for (auto& seen : tallies) handlers.push_back(handler_of(&seen));
  plain_caf peer{policy, worker_threads(), handlers};

  const auto publish = [&](std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) peer.publish(tick_of(static_cast<std::int64_t>(i)));
    finish.wait_for(subscribers);
  };
  const auto warm = events / 10;
  finish.target = warm;
  publish(warm);
  finish.target = warm + events;
  const measured run{static_cast<double>(events * subscribers)};
  publish(events);
  run.into(out);
  check(tallies, warm, events);
}

}  // namespace

void measure_fanout(const run_options& options, report& out) {
  for (const auto& [subscribers, weir_events, caf_events] : shapes) {
    outcome weir, stealing, sharing;
    for (unsigned round = 0; round < options.rounds; ++round) {
      run_weir(subscribers, options.scaled(weir_events), weir);
      run_caf(scheduler::stealing, subscribers, options.scaled(caf_events), stealing);
      run_caf(scheduler::sharing, subscribers, options.scaled(caf_events), sharing);
    }
    const bool steals = median(stealing.rates) > median(sharing.rates);
    const auto& caf = steals ? stealing : sharing;
    out.add(row{}
                .add("subscribers", subscribers)
                .add("weir", median(weir.rates))
                .add("caf", median(caf.rates))
                .add("ratio", median_ratio(weir.rates, caf.rates), 1)
                .add("caf_scheduler", name_of(steals ? scheduler::stealing : scheduler::sharing))
                .add("weir_switches_per_million", median(weir.switches))
                .add("caf_switches_per_million", median(caf.switches)));
  }
}

}  // namespace weir::bench
