// SPDX-License-Identifier: BSD-3-Clause
// handlers: nanoseconds an event costs its consumer, without actors: a function alone, behind a
// filter that lets all, every second or no event through, behind two filters, limited in its rate,
// and a handler that takes whole batches.
#include "weir/runtime/delivery/consumer.hpp"
#include "weir/runtime/delivery/event_filter.hpp"
#include "weir/runtime/delivery/task_handler.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/tick_batch.hpp"

namespace weir::bench {
namespace {

double event_ns(delivery::handler_factory handlers, std::uint64_t batches, bool limited = false) {
  const boost::intrusive_ptr<block_pool> pool{new block_pool{{}}};
  const auto events = ticks_in(pool);
  delivery::consumer subject{"bench", {}, std::move(handlers), 1};
  // Time goes on so fast that there is always a token.
  if (limited) subject.limit({.per_second = 1e6, .burst = 1'000'000});
  subject.open_lane(0, "ticks", 0, 0);
  delivery::effects out;
  timestamp now{};
  const stopwatch time;
  for (std::uint64_t i = 0; i < batches; ++i) {
    auto next = events;
    next.set_first_offset(i * batch_events);
    subject.receive(0, std::move(next), true, now += std::chrono::seconds{1}, out);
    out.settlements.clear();
  }
  return 1e9 * time.seconds() / static_cast<double>(batch_events * batches);
}

}  // namespace

void measure_handlers(const run_options& options, report& out) {
  const auto batches = options.scaled(8'000);
  std::int64_t sum = 0;
  const auto function = [&sum] {
    return delivery::handlers_of([&sum](const tick& one) { sum += one.number; });
  };
  const auto behind = [&](auto... filters) {
    return delivery::filtered(function(), {delivery::filter_of<tick>(filters)...});
  };
  const auto all = [](const tick& one) { return one.number >= 0; };
  const auto half = [](const tick& one) { return one.number % 2 == 0; };
  const auto none = [](const tick& one) { return one.number < 0; };
  std::vector<double> alone, limited, pass_all, pass_half, pass_none, two, batched;
  for (unsigned round = 0; round < options.rounds; ++round) {
    alone.push_back(event_ns(function(), batches));
    limited.push_back(event_ns(function(), batches, true));
    pass_all.push_back(event_ns(behind(all), batches));
    pass_half.push_back(event_ns(behind(half), batches));
    pass_none.push_back(event_ns(behind(none), batches));
    two.push_back(event_ns(behind(all, all), batches));
    batched.push_back(event_ns(
        delivery::handlers_of([&sum](std::span<const tick* const> ticks) {
          for (const auto* one : ticks) sum += one->number;
        }),
        batches));
  }
  require(sum > 0, "handlers: nothing was handled");
  out.add(row{}
              .add("function_ns", median(alone), 2)
              .add("limited_ns", median(limited), 2)
              .add("filter_all_ns", median(pass_all), 2)
              .add("filter_half_ns", median(pass_half), 2)
              .add("filter_none_ns", median(pass_none), 2)
              .add("two_filters_ns", median(two), 2)
              .add("batch_ns", median(batched), 2));
}

}  // namespace weir::bench
