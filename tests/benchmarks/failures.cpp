// SPDX-License-Identifier: BSD-3-Clause
// supervised: what policies, rules and a breaker cost while nothing fails. poison: what an event
// costs that fails and becomes a dead letter. restart: from the end of a subscriber to the call
// that gets its event again.
#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "weir/actors/node/node.hpp"
#include "weir/runtime/delivery/consumer.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/tick_batch.hpp"

namespace weir::bench {
namespace {

recoverability watchful() {
  recoverability policy;
  policy.in_place = {3, exponential(std::chrono::milliseconds{10})};
  policy.rules = {on_failure().code(errc::timeout).retry(5),
                  on_failure().thrown<std::invalid_argument>().then_skip(),
                  on_failure().event("bench.tock").then_halt(),
                  on_failure().kind(error_class::poison).then_skip()};
  return policy;
}

double event_ns(std::uint64_t batches, bool guarded, std::int64_t& sum) {
  const boost::intrusive_ptr<block_pool> pool{new block_pool{{}}};
  const auto events = ticks_in(pool);
  delivery::consumer subject{"bench", guarded ? watchful() : recoverability{},
                             delivery::copies_of([&sum](const tick& one) { sum += one.number; }),
                             1};
  if (guarded) subject.guard({});
  subject.open_lane(0, "ticks", 0, 0);
  delivery::effects out;
  const stopwatch time;
  for (std::uint64_t i = 0; i < batches; ++i) {
    auto next = events;
    next.set_first_offset(i * batch_events);
    subject.receive(0, std::move(next), true, {}, out);
    out.settlements.clear();
  }
  return 1e9 * time.seconds() / static_cast<double>(batch_events * batches);
}

enum class fate : std::uint8_t { handled, returned, thrown };

node_options quiet_options() {
  node_options options{.threads = worker_threads()};
  options.log_threshold = log_level::off;
  options.memory_budget_bytes = std::uint64_t{16} << 30;
  options.dead_letters = {.letters_max = 1'000'000, .bytes_max = std::size_t{1} << 30};
  options.intensity = {.restarts = supervision::intensity::restarts_max,
                       .window = std::chrono::milliseconds{100}};
  return options;
}

/// Seconds for so many events of which every hundredth ends like this.
double handle(std::uint64_t events, fate hundredth) {
  node in{quiet_options()};
  const auto ticks = in.topic("ticks", {.partitions = 1});
  in.subscribe("reader", "ticks",
               [hundredth](const tick& one) -> result<void> {
                 if (one.number % 100 != 7) return {};
                 if (hundredth == fate::returned) return fail(errc::rejected, "poison");
                 if (hundredth == fate::thrown) throw std::invalid_argument{"poison"};
                 return {};
               })
      .retry(0);
  auto from = in.make_publisher(ticks);
  require(from.has_value(), "poison: no publisher");
  const stopwatch time;
  for (std::uint64_t i = 0; i < events; ++i) {
    require(from->publish(tick_of(static_cast<std::int64_t>(i))).has_value(), "poison: publish");
  }
  require(in.drain(std::chrono::minutes{1}).drained, "poison: not drained");
  const auto seconds = time.seconds();
  const auto letters = hundredth == fate::handled ? 0 : events / 100;
  require(in.ledgers().front().counts.dead_lettered == letters, "poison: other dead letters");
  return seconds;
}

/// Microseconds from each end of the subscriber to the event's next delivery.
std::vector<double> restarts(std::uint64_t deaths) {
  using steady = std::chrono::steady_clock;
  node in{quiet_options()};
  const auto ticks = in.topic("ticks", {.partitions = 1});
  std::vector<double> took;
  steady::time_point died;
  in.subscribe("reader", "ticks", [&](const tick&, context& where) {
    if (where.delivery_count() == 1) {
      died = steady::now();
      throw 7;
    }
    took.push_back(std::chrono::duration<double, std::micro>(steady::now() - died).count());
  });
  auto from = in.make_publisher(ticks);
  require(from.has_value(), "restart: no publisher");
  for (std::uint64_t i = 0; i < deaths; ++i) {
    const auto handled = from->publish(tick_of(static_cast<std::int64_t>(i)), wait_for::handled,
                                       std::chrono::seconds{10});
    require(handled.has_value(), "restart: an event was not handled again");
  }
  require(took.size() == deaths, "restart: other deaths");
  std::sort(took.begin(), took.end());
  return took;
}

}  // namespace

void measure_supervised(const run_options& options, report& out) {
  const auto batches = options.scaled(8'000);
  std::int64_t sum = 0;
  std::vector<double> bare, guarded;
  for (unsigned round = 0; round < options.rounds; ++round) {
    bare.push_back(event_ns(batches, false, sum));
    guarded.push_back(event_ns(batches, true, sum));
  }
  require(sum > 0, "supervised: nothing was handled");
  out.add(row{}
              .add("bare_ns", median(bare), 2)
              .add("guarded_ns", median(guarded), 2)
              .add("ratio", median_ratio(guarded, bare), 3));
}

void measure_poison(const run_options& options, report& out) {
  const auto events = options.scaled(2'000'000);
  std::vector<double> returned, thrown, plain;
  for (unsigned round = 0; round < options.rounds; ++round) {
    const auto none = handle(events, fate::handled);
    const auto each = 1e6 / (static_cast<double>(events) / 100);
    plain.push_back(static_cast<double>(events) / none);
    returned.push_back((handle(events, fate::returned) - none) * each);
    thrown.push_back((handle(events, fate::thrown) - none) * each);
  }
  out.add(row{}
              .add("plain_events_per_second", median(plain))
              .add("returned_us", median(returned), 2)
              .add("thrown_us", median(thrown), 2));
}

void measure_restart(const run_options& options, report& out) {
  std::vector<double> half, most;
  for (unsigned round = 0; round < options.rounds; ++round) {
    const auto took = restarts(options.scaled(1'000));
    half.push_back(took[took.size() / 2]);
    most.push_back(took[took.size() * 99 / 100]);
  }
  out.add(row{}.add("p50_us", median(half), 1).add("p99_us", median(most), 1));
}

}  // namespace weir::bench
