// SPDX-License-Identifier: BSD-3-Clause
// request_reply: round trips one after the other, from a thread to a handler and back: over two
// topics of a node, and with a scoped actor of plain CAF that asks an actor.
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include "weir/actors/node/requester.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/events.hpp"

namespace weir::bench {

/// An answer to a tick.
struct tock {
  std::int64_t number;
};
WEIR_EVENT(tock, "bench.tock", 1, (number))

namespace {

double weir_us(std::uint64_t trips) {
  node node{{.threads = worker_threads()}};
  auto ticks = node.topic("ticks");
  auto tocks = node.topic("tocks");
  ticks.key<tick>(&tick::instrument);
  tocks.carries<tock>();
  node.subscribe("responder", "ticks", [tocks](const tick& one, context& where) {
    return where.publish(tocks, tock{one.number});
  });
  requester<tick, tock> asker{node, "asker", ticks, tocks};
  require(node.start().has_value(), "request_reply: the node does not start");
  const stopwatch time;
  for (std::uint64_t i = 0; i < trips; ++i) {
    const auto number = static_cast<std::int64_t>(i);
    const auto reply = asker.request(tick_of(number), std::chrono::seconds{30});
    require(reply && reply->number == number, "request_reply: another reply");
  }
  return 1e6 * time.seconds() / static_cast<double>(trips);
}

double caf_us(std::uint64_t trips) {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", worker_threads());
  caf::actor_system system{config};
  const auto responder = system.spawn([]() -> caf::behavior {
    return {[](std::int64_t number) { return number; }};
  });
  caf::scoped_actor self{system};
  const stopwatch time;
  for (std::uint64_t i = 0; i < trips; ++i) {
    const auto number = static_cast<std::int64_t>(i);
    self->request(responder, caf::infinite, number)
        .receive(
            [&](std::int64_t reply) { require(reply == number, "request_reply: another reply"); },
            [](const caf::error&) { require(false, "request_reply: plain CAF fails"); });
  }
  const auto us = 1e6 * time.seconds() / static_cast<double>(trips);
  caf::anon_send_exit(responder, caf::exit_reason::kill);
  return us;
}

}  // namespace

void measure_request_reply(const run_options& options, report& out) {
  const auto trips = options.scaled(20'000);
  std::vector<double> weir, caf;
  for (unsigned round = 0; round < options.rounds; ++round) {
    weir.push_back(weir_us(trips));
    caf.push_back(caf_us(trips));
  }
  out.add(row{}
              .add("weir_us", median(weir), 2)
              .add("caf_us", median(caf), 2)
              .add("ratio", median_ratio(weir, caf), 2));
}

}  // namespace weir::bench
