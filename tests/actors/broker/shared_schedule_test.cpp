// SPDX-License-Identifier: BSD-3-Clause
// The schedule behind its lock: when the keeper is woken, what is counted, what closing means.
#include "weir/actors/broker/shared_schedule.hpp"

#include <array>
#include <atomic>
#include <latch>
#include <thread>

#include <catch2/catch.hpp>

#include "weir/actors/base/simulation.hpp"
#include "weir/tests/runtime/topic/waiting_event.hpp"

using namespace std::chrono_literals;
using namespace topic_tests;
using weir::errc;
using weir::timestamp;
using weir::actors::schedule_woken;
using weir::actors::shared_schedule;

namespace {

struct stage {
  stage() : system((weir::actors::simulation::configure(config), config)) {
    // With an argument: without one CAF binds a reference to nothing, which UBSan minds.
    const auto counting = [](caf::event_based_actor*, std::shared_ptr<int> count) -> caf::behavior {
      return {[count](schedule_woken) { ++*count; }};
    };
    keeper = system.spawn(counting, woken);
    events.open(keeper, time);
  }
  ~stage() {
    events.end();
    weir::actors::kill(keeper);
    run.run();
  }
  int wakes() {
    run.run();
    return *woken;
  }
  bool add(std::uint64_t number, timestamp at) {
    return events.add(waiting(number), at).has_value();
  }
  std::vector<std::uint64_t> take(std::size_t most, timestamp now) {
    std::vector<shared_schedule::event_ptr> due;
    events.take(due, most, now);
    std::vector<std::uint64_t> numbers;
    for (const auto& event : due) numbers.push_back(number_of(event));
    return numbers;
  }

  std::shared_ptr<weir::clock> time =
      std::make_shared<weir::clock>(timestamp{std::chrono::hours{1'000'000}});
  timestamp noon = time->now();
  std::shared_ptr<int> woken = std::make_shared<int>(0);
  shared_schedule events{{3, 1'000'000}};
  caf::actor_system_config config;
  caf::actor_system system;
  weir::actors::simulation run{system, time, 1};
  caf::actor keeper;
};

using numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("the keeper is woken only for what is due before it would look", "[broker]") {
  stage on;
  CHECK(on.add(1, on.noon + 2h));
  CHECK(on.wakes() == 1);
  // It is awake until it says otherwise.
  CHECK(on.add(2, on.noon));
  CHECK(on.wakes() == 1);
  CHECK(on.take(10, on.noon) == numbers{2});
  on.events.settle(1, 0, 100);
  CHECK(on.events.sleep() == on.noon + 2h);
  CHECK(on.add(3, on.noon + 2h));
  CHECK(on.wakes() == 1);
  CHECK(on.add(4, on.noon + 1h));
  CHECK(on.wakes() == 2);
}

TEST_CASE("every accepted event is counted somewhere, until the end", "[broker]") {
  stage on;
  auto first = on.events.add(waiting(1), on.noon + 2h);
  REQUIRE(first);
  CHECK(on.add(2, on.noon));
  CHECK(on.events.add_after(waiting(3), 1h));
  CHECK(on.events.add(waiting(4), on.noon).error().code == errc::schedule_full);
  CHECK(on.take(10, on.noon) == numbers{2});
  CHECK(on.events.counts().pending == 3);
  on.events.settle(1, 0, 100);
  CHECK(on.events.cancel(*first));
  CHECK_FALSE(on.events.cancel(*first));
  CHECK(on.add(5, on.noon));
  CHECK(on.take(10, on.noon) == numbers{5});
  on.events.settle(0, 1, 100);
  CHECK(on.add(6, on.noon));
  CHECK(on.take(10, on.noon) == numbers{6});
  auto counts = on.events.counts();
  CHECK(counts.accepted == 5);
  CHECK(counts.published == 1);
  CHECK(counts.cancelled == 1);
  CHECK(counts.refused == 1);
  CHECK(counts.pending == 2);
  CHECK(counts.balanced());
  // One waits for its time, one was taken and not published.
  CHECK(on.events.end() == 2);
  counts = on.events.counts();
  CHECK(counts.unpublished == 2);
  CHECK(counts.pending == 0);
  CHECK(counts.balanced());
}

TEST_CASE("a closed schedule takes nothing and fires nothing that is due later", "[broker]") {
  stage on;
  CHECK(on.add(1, on.noon + 1s));
  auto later = on.events.add(waiting(2), on.noon + 2s);
  REQUIRE(later);
  on.events.close(on.noon + 1s);
  CHECK(on.events.add(waiting(3), on.noon).error().code == errc::closed);
  CHECK(on.events.add_after(waiting(3), 0s).error().code == errc::closed);
  CHECK(on.take(10, on.noon + 1h) == numbers{1});
  CHECK_FALSE(on.events.sleep());
  CHECK(on.events.end() == 2);
  CHECK_FALSE(on.events.cancel(*later));
}

TEST_CASE("before a node starts nothing can be scheduled", "[broker]") {
  shared_schedule events{{}};
  CHECK(events.add(waiting(1), timestamp{}).error().code == errc::closed);
  CHECK(events.end() == 0);
}

TEST_CASE("a delay that no clock will show is for ever", "[broker]") {
  stage on;
  REQUIRE(on.events.add_after(waiting(1), weir::duration::max()));
  CHECK(on.wakes() == 0);
  CHECK(on.take(1, on.noon + std::chrono::hours{24 * 365 * 100}).empty());
  CHECK(on.events.sleep() == timestamp::max());
}

TEST_CASE("an event is cancelled or taken, never both, whoever is first", "[broker][threads]") {
  constexpr std::uint64_t count = 20'000;
  caf::actor_system_config config;
  caf::actor_system system{config};
  shared_schedule events{{count, 100 * count}};
  const auto keeper = system.spawn([](caf::event_based_actor*, int) -> caf::behavior {
    return {[](schedule_woken) {}};
  }, 0);
  const auto time = std::make_shared<weir::clock>(at_ns(0));
  events.open(keeper, time);
  std::vector<weir::topic::schedule_ticket> tickets;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto ticket = events.add(waiting(i), at_ns(static_cast<std::int64_t>(i)));
    REQUIRE(ticket);
    tickets.push_back(*ticket);
  }
  std::atomic<std::uint64_t> cancelled{0};
  std::latch ready{3};
  std::array<std::thread, 2> threads;
  for (auto& thread : threads) {
    thread = std::thread{[&] {
      ready.arrive_and_wait();
      for (auto ticket = tickets.rbegin(); ticket != tickets.rend(); ++ticket) {
        if (events.cancel(*ticket)) ++cancelled;
      }
    }};
  }
  std::uint64_t taken = 0;
  ready.arrive_and_wait();
  for (std::vector<shared_schedule::event_ptr> due; taken + cancelled < count; due.clear()) {
    events.take(due, 7, at_ns(count));
    taken += due.size();
    events.settle(due.size(), 0, 100 * due.size());
  }
  for (auto& thread : threads) thread.join();
  CHECK(taken + cancelled == count);
  CHECK(events.counts().published == taken);
  CHECK(events.counts().cancelled == cancelled);
  CHECK(events.counts().pending == 0);
  weir::actors::kill(keeper);
}
