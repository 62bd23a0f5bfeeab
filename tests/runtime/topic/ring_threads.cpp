// SPDX-License-Identifier: BSD-3-Clause
// Rings between threads: producers that fill them and one reader that empties them, each asleep
// until told. A wake-up that is missed would leave the test waiting for ever.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "weir/runtime/core/random.hpp"
#include "weir/runtime/topic/doorbell.hpp"
#include "weir/runtime/topic/ring.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"
#include "weir/tests/runtime/topic/rounds.hpp"

using event_tests::numbered;
using weir::topic::doorbell;
using weir::topic::ring;
using weir::topic::ring_limits;

namespace {

// What a mailbox is here: somebody sleeps until somebody else says go.
class alarm {
 public:
  void wake() {
    const std::lock_guard lock{access_};
    ++wakes_;
    changed_.notify_one();
  }
  void sleep() {
    std::unique_lock lock{access_};
    changed_.wait(lock, [this] { return wakes_ > 0; });
    --wakes_;
  }

 private:
  std::mutex access_;
  std::condition_variable changed_;
  int wakes_ = 0;
};

struct producer {
  ring events{weir::topic::ring_limits{.block = {.events = 16, .arena_bytes = 4096}, .blocks = 4}};
  alarm room;
};

// Publishes 0, 1, 2, ... `count` in attempts of random size, some of which fail and are repeated.
void produce(producer& mine, doorbell& bell, alarm& work, std::uint64_t count,
             weir::random chance) {
  for (std::uint64_t next = 0; next < count;) {
    const auto attempt = std::min<std::uint64_t>(1 + chance.below(20), count - next);
    std::uint64_t built = 0;
    while (built < attempt && event_tests::build(mine.events, numbered{next + built})) ++built;
    if (chance.chance(0.1)) {
      mine.events.rollback(0);
      built = 0;
    }
    next += built;
    if (mine.events.staged() > 0) {
      mine.events.commit();
      if (bell.ring()) work.wake();
    }
    while (!mine.events.has_room() && mine.events.want_room()) mine.room.sleep();
  }
}

// Takes `count` events from each ring; false if one came out of order.
bool consume(std::vector<std::unique_ptr<producer>>& producers, doorbell& bell, alarm& work,
             std::uint64_t count) {
  std::vector<std::uint64_t> expected(producers.size());
  bool in_order = true;
  for (std::uint64_t left = count * producers.size(); left > 0;) {
    bell.answer();
    for (bool found = true; found;) {
      found = false;
      for (std::size_t i = 0; i < producers.size(); ++i) {
        const auto some = producers[i]->events.take();
        if (producers[i]->events.room_made()) producers[i]->room.wake();
        for (const auto event : some) {
          in_order = in_order && event.as<numbered>().number == expected[i]++;
        }
        left -= some.size();
        found = found || !some.empty();
      }
    }
    if (left > 0) work.sleep();
  }
  return in_order;
}

bool run(std::size_t producer_count, std::uint64_t count, std::uint64_t seed) {
  std::vector<std::unique_ptr<producer>> producers;
  for (std::size_t i = 0; i < producer_count; ++i)
    producers.push_back(std::make_unique<producer>());
  doorbell bell;
  alarm work;
  std::vector<std::thread> threads;
  const weir::random chance{seed};
  for (std::size_t i = 0; i < producer_count; ++i) {
    threads.emplace_back([&, i] { produce(*producers[i], bell, work, count, chance.split(i)); });
  }
  const bool in_order = consume(producers, bell, work, count);
  for (auto& thread : threads) thread.join();
  return in_order;
}

}  // namespace

TEST_CASE("two threads with a ring and a doorbell miss no event and never sleep for ever",
          "[topic][threads]") {
  CHECK(run(1, 200'000, 1));
}

TEST_CASE("two producers may share a doorbell", "[topic][threads]") { CHECK(run(2, 60'000, 2)); }

TEST_CASE("a reader that never sleeps sees every event while blocks are sealed under its eyes",
          "[topic][threads]") {
  constexpr std::uint64_t count = 600'000;
  ring events{ring_limits{.block = {.events = 2, .arena_bytes = 64}, .blocks = 8}};
  std::atomic<bool> in_order{true};
  std::thread writer{[&] {
    for (std::uint64_t next = 0; next < count && in_order;) {
      // Three at a time: each commit seals a block that still has something to show.
      const auto end = std::min(next + 3, count);
      while (next < end && event_tests::build(events, numbered{next})) ++next;
      if (!events.commit()) std::this_thread::yield();
    }
  }};
  std::uint64_t expected = 0;
  for (int looks = 0; expected < count && in_order; ++looks) {
    const auto some = events.take();
    for (const auto event : some) {
      if (event.as<numbered>().number != expected++) in_order = false;
    }
    if (!some.empty()) looks = 0;
    if (looks > 200) std::this_thread::yield();
  }
  writer.join();
  CHECK(in_order);
}

TEST_CASE("a producer that asks for room is told, or finds it", "[topic][threads]") {
  // Two blocks of one event: full, and half of it enough to be woken for.
  ring events{ring_limits{.block = {.events = 1, .arena_bytes = 64}, .blocks = 2}};
  const auto fill = [&] {
    while (event_tests::build(events, numbered{1})) {
    }
    events.commit();
  };
  std::uint64_t missed = 0;
  bool waits = false, told = false;
  fill();
  topic_tests::rounds(
      200'000, [&](std::uint64_t) { waits = events.want_room(); },
      [&](std::uint64_t) {
        while (!events.take().empty()) {
        }
        told = events.room_made();
      },
      [&](std::uint64_t) {
        missed += waits && !told;
        events.room_made();
        fill();
      });
  CHECK(missed == 0);
}
