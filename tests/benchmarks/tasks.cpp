// SPDX-License-Identifier: BSD-3-Clause
// coroutine: what a handler costs that is a coroutine: against a function if it never waits, and
// against plain CAF's request().then if it asks an actor once. per_key: 10,000 keys, 256 in
// progress, a service that answers after a millisecond, against the same in plain CAF.
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include "weir/actors/node/node.hpp"
#include "weir/actors/node/impl.hpp"
#include "weir/actors/subscriber/ask_actor.hpp"
#include "weir/runtime/delivery/consumer.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"
#include "weir/tests/benchmarks/events.hpp"

namespace weir::bench {

/// An event as plain CAF would send it.
struct sent_tick {
  tick value;
};
/// To a slow service, by itself, every millisecond.
struct beat {};

}  // namespace weir::bench

WEIR_LOCAL_MESSAGE(weir::bench::sent_tick)
WEIR_LOCAL_MESSAGE(weir::bench::beat)

namespace weir::bench {
namespace {

constexpr std::uint32_t in_progress_max = 256;

// --- a handler that never waits, without actors: the consumer alone ---

batch full_batch(const boost::intrusive_ptr<block_pool>& pool) {
  auto memory = pool->take();
  for (std::int64_t i = 0; i < 1024; ++i) {
    const auto place = memory->reserve(sizeof(tick), alignof(tick), 0);
    new (place.payload) tick(tick_of(i));
    memory->push({.id = {static_cast<std::uint64_t>(i) + 1, 1},
                  .time = {},
                  .key = {},
                  .type = &type_of<tick>(),
                  .origin = nullptr},
                 place.payload, 0, false);
  }
  memory->commit();
  return {memory, 0, memory->committed(), memory->bytes()};
}

double handling_ns(delivery::handler_factory handlers, std::uint64_t batches) {
  const boost::intrusive_ptr<block_pool> pool{new block_pool{{}}};
  const auto events = full_batch(pool);
  delivery::consumer subject{"bench", {}, std::move(handlers), 1};
  subject.open_lane(0, "ticks", 0, 0);
  delivery::effects out;
  const stopwatch time;
  for (std::uint64_t i = 0; i < batches; ++i) {
    auto next = events;
    next.set_first_offset(i * 1024);
    subject.receive(0, std::move(next), true, timestamp{}, out);
    out.settlements.clear();
  }
  return 1e9 * time.seconds() / (1024.0 * static_cast<double>(batches));
}

// --- services as actors ---

caf::behavior quick_service() {
  return {[](std::int64_t number) { return number; }};
}

/// Answers everything a millisecond after it has come, to the beat.
class slow_service : public caf::event_based_actor {
 public:
  using caf::event_based_actor::event_based_actor;
  caf::behavior make_behavior() override {
    delayed_send(this, std::chrono::milliseconds{1}, beat{});
    return {[this](std::int64_t number) -> caf::result<std::int64_t> {
              auto promise = make_response_promise<std::int64_t>();
              open_.push_back({machine_clock().now(), number, promise});
              return promise;
            },
            [this](beat) {
              const auto due = machine_clock().now() - std::chrono::milliseconds{1};
              while (!open_.empty() && open_.front().came <= due) {
                open_.front().answer.deliver(open_.front().number);
                open_.pop_front();
              }
              delayed_send(this, std::chrono::milliseconds{1}, beat{});
            }};
  }
  void on_exit() override { open_.clear(); }

 private:
  struct open_request {
    timestamp came;
    std::int64_t number;
    caf::typed_response_promise<std::int64_t> answer;
  };
  std::deque<open_request> open_;
};

struct tally {
  std::atomic<std::uint64_t> left{0};
  std::atomic<std::int64_t> sum{0};  // of the answers

  void finish(std::int64_t answer) {
    sum.store(sum.load(std::memory_order_relaxed) + answer, std::memory_order_relaxed);
    if (left.fetch_sub(1) == 1) left.notify_all();
  }
  void wait() {
    for (auto now = left.load(); now > 0; now = left.load()) left.wait(now);
  }
};

/// What one would write without Weir: asks for each event, up to so many at a time.
class plain_asker : public caf::event_based_actor {
 public:
  plain_asker(caf::actor_config& config, caf::actor service, tally& out)
      : caf::event_based_actor(config), service_(std::move(service)), out_(out) {}
  caf::behavior make_behavior() override {
    return {[this](const sent_tick& one) {
      if (asked_ < in_progress_max) {
        ask(one.value.number);
      } else {
        waiting_.push_back(one.value.number);
      }
    }};
  }
  void on_exit() override { service_ = nullptr; }

 private:
  void ask(std::int64_t number) {
    ++asked_;
    request(service_, caf::infinite, number).then([this](std::int64_t answer) {
      --asked_;
      out_.finish(answer);
      if (waiting_.empty()) return;
      ask(waiting_.front());
      waiting_.pop_front();
    });
  }
  caf::actor service_;
  tally& out_;
  std::uint32_t asked_ = 0;
  std::deque<std::int64_t> waiting_;
};

tick keyed_tick(std::int64_t number) {
  auto made = tick_of(number);
  made.instrument = number % 10'000;
  return made;
}

template <class Spawn>
double weir_rate(Spawn spawn_service, std::uint64_t events) {
  tally out;
  caf::actor service;
  node node{{.threads = worker_threads()}};
  auto ticks = node.topic("ticks");
  ticks.key<tick>(&tick::instrument);
  node.subscribe("asker", "ticks",
                 [&](const tick& one, task_context& context) -> task<result<void>> {
                   auto answer = co_await ask_actor<std::int64_t>(
                       context, service, std::chrono::seconds{30}, one.number);
                   if (!answer) co_return fail(std::move(answer.error()));
                   out.finish(*answer);
                   co_return result<void>{};
                 })
      .concurrency(per_key{in_progress_max});
  auto to = node.make_publisher(ticks);
  require(to.has_value(), "tasks: the node does not start");
  service = spawn_service(*node.internals().link->system);
  out.left = events;
  const stopwatch time;
  for (std::uint64_t i = 0; i < events; ++i) {
    require(to->publish(keyed_tick(static_cast<std::int64_t>(i))).has_value(), "tasks: publish");
  }
  out.wait();
  const auto seconds = time.seconds();
  require(node.drain().drained, "tasks: it does not drain");
  require(out.sum == static_cast<std::int64_t>(events * (events - 1) / 2), "tasks: wrong answers");
  actors::kill(service);
  service = nullptr;
  return static_cast<double>(events) / seconds;
}

template <class Spawn>
double caf_rate(Spawn spawn_service, std::uint64_t events) {
  tally out;
  caf::actor_system_config config;
  config.set("scheduler.max-threads", worker_threads());
  caf::actor_system system{config};
  const auto service = spawn_service(system);
  const caf::actor asker = system.spawn<plain_asker>(service, out);
  out.left = events;
  const stopwatch time;
  for (std::uint64_t i = 0; i < events; ++i) {
    caf::anon_send(asker, sent_tick{keyed_tick(static_cast<std::int64_t>(i))});
  }
  out.wait();
  const auto seconds = time.seconds();
  require(out.sum == static_cast<std::int64_t>(events * (events - 1) / 2), "tasks: wrong answers");
  caf::anon_send_exit(asker, caf::exit_reason::kill);
  caf::anon_send_exit(service, caf::exit_reason::kill);
  return static_cast<double>(events) / seconds;
}

const auto spawn_quick = [](caf::actor_system& system) {
  return caf::actor{system.spawn(quick_service)};
};
const auto spawn_slow = [](caf::actor_system& system) {
  return caf::actor{system.spawn<slow_service>()};
};

}  // namespace

void measure_coroutine(const run_options& options, report& out) {
  const auto batches = options.scaled(4'000);
  const auto events = options.scaled(300'000);
  std::vector<double> function, coroutine, weir, caf;
  std::int64_t sum = 0;
  for (unsigned round = 0; round < options.rounds; ++round) {
    function.push_back(handling_ns(
        delivery::copies_of([&sum](const tick& one) { sum += one.number; }), batches));
    coroutine.push_back(
        handling_ns(delivery::handlers_of([&sum](const tick& one) -> task<result<void>> {
                      sum += one.number;
                      co_return result<void>{};
                    }),
                    batches));
    weir.push_back(1e9 / weir_rate(spawn_quick, events));
    caf.push_back(1e9 / caf_rate(spawn_quick, events));
  }
  require(sum > 0, "coroutine: nothing was handled");
  out.add(row{}
              .add("function_ns", median(function), 1)
              .add("coroutine_ns", median(coroutine), 1)
              .add("added_ns", median(coroutine) - median(function), 1)
              .add("ask_once_ns", median(weir))
              .add("caf_then_ns", median(caf))
              .add("ratio", median_ratio(weir, caf), 2));
}

void measure_per_key(const run_options& options, report& out) {
  const auto events = options.scaled(200'000);
  std::vector<double> weir, caf;
  for (unsigned round = 0; round < options.rounds; ++round) {
    weir.push_back(weir_rate(spawn_slow, events));
    caf.push_back(caf_rate(spawn_slow, events));
  }
  out.add(row{}
              .add("keys", 10'000)
              .add("in_progress", in_progress_max)
              .add("weir", median(weir))
              .add("caf", median(caf))
              .add("ratio", median_ratio(weir, caf), 2));
}

}  // namespace weir::bench
