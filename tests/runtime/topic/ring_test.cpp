// SPDX-License-Identifier: BSD-3-Clause
// The ring by one thread: examples, and random operations against a naive queue. What two threads
// do to it is in doorbell_test.cpp.
#include "weir/runtime/topic/ring.hpp"

#include <deque>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/tests/runtime/event/death.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using namespace event_tests;
using weir::topic::ring;
using weir::topic::ring_limits;

namespace {

ring_limits small(std::uint32_t events = 4, std::uint32_t blocks = 2) {
  return {.block = {.events = events, .arena_bytes = 4096}, .blocks = blocks};
}

std::vector<std::uint64_t> numbers_of(const weir::batch& events) {
  std::vector<std::uint64_t> numbers;
  for (const auto event : events) numbers.push_back(event.header.id.high - 1);
  return numbers;
}

using numbers = std::vector<std::uint64_t>;

// Builds and commits events with the numbers [from, to).
void fill(ring& into, std::uint64_t from, std::uint64_t to) {
  for (auto number = from; number < to; ++number) REQUIRE(build(into, numbered{number}));
  into.commit();
}

}  // namespace

TEST_CASE("a ring needs two blocks and a power of two", "[topic]") {
  for (const auto blocks : {0U, 1U, 3U, 6U}) {
    CHECK_THAT(last_words_of([&] { ring{small(4, blocks)}; }),
               Catch::Contains("a ring needs two blocks"));
  }
  CHECK(last_words_of([] { ring{small(4, 8)}; }) == "lived");
}

TEST_CASE("an event is seen only after its commit", "[topic]") {
  ring events{small()};
  REQUIRE(build(events, numbered{7}));
  CHECK(events.staged() == 1);
  CHECK(events.take().empty());
  CHECK(events.drained());
  events.commit();
  CHECK(events.staged() == 0);
  CHECK(events.committed() == 1);
  CHECK_FALSE(events.drained());
  CHECK(numbers_of(events.take()) == numbers{7});
  CHECK(events.taken() == 1);
  CHECK(events.drained());
}

TEST_CASE("a batch never spans two blocks", "[topic]") {
  ring events{small()};
  fill(events, 0, 6);
  CHECK(numbers_of(events.take()) == numbers{0, 1, 2, 3});
  CHECK(numbers_of(events.take()) == numbers{4, 5});
  CHECK(events.take().empty());
}

TEST_CASE("a block still being filled gives what it has, and the rest later", "[topic]") {
  ring events{small()};
  fill(events, 0, 2);
  CHECK(numbers_of(events.take()) == numbers{0, 1});
  fill(events, 2, 4);
  CHECK(numbers_of(events.take()) == numbers{2, 3});
}

TEST_CASE("who asks for complete blocks does not get one that is being filled", "[topic]") {
  ring events{small()};
  fill(events, 0, 3);
  CHECK(events.take(true).empty());
  CHECK_FALSE(events.drained());
  fill(events, 3, 4);
  CHECK(numbers_of(events.take(true)) == numbers{0, 1, 2, 3});
  fill(events, 4, 5);
  CHECK(events.take(true).empty());
  CHECK(numbers_of(events.take()) == numbers{4});
}

TEST_CASE("a block closed before it was full is complete", "[topic]") {
  ring events{ring_limits{.block = {.events = 100, .arena_bytes = 64}, .blocks = 2}};
  REQUIRE(build(events, numbered{0}, std::string(40, 'k')));
  CHECK_FALSE(events.commit());
  CHECK(events.take(true).empty());
  REQUIRE(build(events, numbered{1}, std::string(40, 'k')));
  CHECK(events.commit());
  CHECK(numbers_of(events.take(true)) == numbers{0});
  CHECK(events.take(true).empty());
}

TEST_CASE("a block is closed once its events own too much heap", "[topic]") {
  const weir::block_limits block{.events = 100, .arena_bytes = 4096};
  ring events{ring_limits{.block = block, .blocks = 2, .block_heap_max = 3000}};
  for (std::uint64_t i = 0; i < 6; ++i) REQUIRE(build(events, numbered{i}, {}, 1000));
  CHECK_FALSE(build(events, numbered{6}, {}, 1000));
  events.commit();
  const auto first = events.take();
  CHECK(first.size() == 3);
  CHECK(first.bytes() == 3 * counted_bytes<numbered>(block, 0, 1000));
  CHECK(events.take().size() == 3);
}

TEST_CASE("commit says when it has completed a block of a ring that is half full", "[topic]") {
  ring events{small()};
  CHECK_FALSE(events.commit());
  REQUIRE(build(events, numbered{0}));
  CHECK_FALSE(events.commit());
  CHECK_FALSE(events.commit());
  for (std::uint64_t i = 1; i < 4; ++i) REQUIRE(build(events, numbered{i}));
  CHECK(events.commit());  // one of two blocks
  for (std::uint64_t i = 4; i < 7; ++i) REQUIRE(build(events, numbered{i}));
  // It seals the block before, which was announced as full already; being told twice is harmless.
  events.commit();
  REQUIRE(build(events, numbered{7}));
  CHECK(events.commit());

  ring roomy{ring_limits{.block = small().block, .blocks = 4}};
  for (std::uint64_t i = 0; i < 4; ++i) REQUIRE(build(roomy, numbered{i}));
  CHECK_FALSE(roomy.commit());  // one of four
  for (std::uint64_t i = 4; i < 8; ++i) REQUIRE(build(roomy, numbered{i}));
  CHECK(roomy.commit());
}

TEST_CASE("a block closed after it was read to its end is complete once, and empty", "[topic]") {
  ring events{ring_limits{.block = {.events = 100, .arena_bytes = 64}, .blocks = 2}};
  REQUIRE(build(events, numbered{0}, std::string(40, 'k')));
  events.commit();
  CHECK(events.take().size() == 1);
  REQUIRE(build(events, numbered{1}, std::string(40, 'k')));
  events.commit();
  CHECK(events.has_complete());
  CHECK(events.take(true).empty());
  CHECK_FALSE(events.has_complete());
  CHECK(numbers_of(events.take()) == numbers{1});
}

TEST_CASE("who takes only complete blocks makes room for the next", "[topic]") {
  ring events{small()};
  fill(events, 0, 8);
  CHECK(events.want_room());
  CHECK(events.take(true).size() == 4);
  CHECK(events.take(true).size() == 4);
  CHECK(events.take(true).empty());
  CHECK(events.has_room());
  CHECK(events.room_made());
}

TEST_CASE("a block read to its end makes room once it is closed, also for who takes complete ones",
          "[topic]") {
  ring events{small()};
  fill(events, 0, 4);
  CHECK(events.take(true).size() == 4);
  fill(events, 4, 5);  // closes the first block and opens the second
  CHECK_FALSE(events.has_room());
  CHECK(events.take(true).empty());
  CHECK(events.has_room());
}

TEST_CASE("what is available is what take would give", "[topic]") {
  ring events{small()};
  CHECK(events.available() == 0);
  fill(events, 0, 2);
  CHECK(events.available() == 2);
  fill(events, 2, 4);
  CHECK(events.available() == 4);
  CHECK(events.take().size() == 4);
  CHECK(events.available() == 0);
  fill(events, 4, 5);
  CHECK(events.available() == 1);
}

TEST_CASE("a complete block is seen until it is read to its end", "[topic]") {
  ring events{small()};
  fill(events, 0, 3);
  CHECK_FALSE(events.has_complete());
  CHECK(events.take().size() == 3);
  fill(events, 3, 4);
  CHECK(events.has_complete());
  CHECK(events.take(true).size() == 1);
  CHECK_FALSE(events.has_complete());
  fill(events, 4, 8);
  CHECK(events.has_complete());
}

TEST_CASE("a full ring takes nothing until a whole block is free", "[topic]") {
  ring events{small()};
  CHECK(events.has_room());
  fill(events, 0, 8);
  CHECK_FALSE(events.has_room());
  CHECK_FALSE(build(events, numbered{8}));
  CHECK(events.take().size() == 4);
  CHECK_FALSE(build(events, numbered{8}));  // the reader has not moved on yet
  CHECK(events.take().size() == 4);
  CHECK(events.has_room());
  CHECK(build(events, numbered{8}));
}

TEST_CASE("a rollback across blocks gives their room back", "[topic]") {
  ring events{small()};
  fill(events, 0, 2);
  for (std::uint64_t i = 2; i < 8; ++i) REQUIRE(build(events, tracked{i}));
  CHECK_FALSE(events.has_room());
  events.rollback(1);
  CHECK(tracked::alive == std::multiset<std::uint64_t>{2});
  CHECK(events.staged() == 1);
  CHECK(events.has_room());
  for (std::uint64_t i = 13; i < 18; ++i) REQUIRE(build(events, numbered{i}));
  events.commit();
  CHECK(numbers_of(events.take()) == numbers{0, 1, 2, 13});
  CHECK(numbers_of(events.take()) == numbers{14, 15, 16, 17});
}

TEST_CASE("a rollback that keeps more than is staged is our bug", "[topic]") {
  ring events{small()};
  fill(events, 0, 3);
  REQUIRE(build(events, numbered{3}));
  CHECK_THAT(last_words_of([&] { events.rollback(2); }), Catch::Contains("more than is staged"));
}

TEST_CASE("a ring is drained when its last block was opened for what was rolled back", "[topic]") {
  ring events{small()};
  for (std::uint64_t i = 0; i < 5; ++i) REQUIRE(build(events, numbered{i}));
  events.rollback(4);
  events.commit();
  CHECK(events.take().size() == 4);
  CHECK(events.drained());
  CHECK(events.available() == 0);
}

TEST_CASE("a rollback of everything leaves no block that nobody could free", "[topic]") {
  ring events{small()};
  fill(events, 0, 4);
  REQUIRE(build(events, numbered{4}));  // opens the second block
  events.rollback(0);
  CHECK(events.has_room());
  CHECK(events.take().size() == 4);
  CHECK_FALSE(events.want_room());
  fill(events, 5, 9);
  CHECK(numbers_of(events.take()) == numbers{5, 6, 7, 8});
}

TEST_CASE("a producer that finds room does not wait", "[topic]") {
  ring events{small()};
  CHECK_FALSE(events.want_room());
  events.take();
  CHECK_FALSE(events.room_made());
}

TEST_CASE("a producer that waits is woken once, when half of the ring is free", "[topic]") {
  ring events{small(1, 4)};
  fill(events, 0, 4);
  CHECK(events.want_room());
  CHECK_FALSE(events.room_made());
  std::vector<bool> woken;
  for (int i = 0; i < 5; ++i) {
    events.take();
    woken.push_back(events.room_made());
  }
  CHECK(woken == std::vector<bool>{false, false, true, false, false});
}

TEST_CASE("who was told to wait is woken, even if another has found room meanwhile", "[topic]") {
  ring events{small(1, 4)};
  fill(events, 0, 4);
  CHECK(events.want_room());
  for (int i = 0; i < 2; ++i) {
    events.take();
    CHECK_FALSE(events.room_made());
  }
  CHECK_FALSE(events.want_room());
  events.take();
  CHECK(events.room_made());
}

TEST_CASE("events live until the last batch that shares their block is gone", "[topic]") {
  REQUIRE(tracked::alive.empty());
  weir::batch kept;
  {
    ring events{small()};
    REQUIRE(build(events, tracked{1}));
    events.commit();
    kept = events.take();
    REQUIRE(build(events, tracked{2}));
  }
  CHECK(kept[0].as<tracked>().number == 1);
  kept = {};
  CHECK(tracked::alive.empty());
  CHECK(tracked::destroyed_twice == 0);
}

namespace {

// The naive ring: two queues of numbers. It does not know of blocks.
struct ring_model {
  explicit ring_model(ring_limits chosen) : limits(chosen), events(chosen) {}

  void build_one() {
    const auto number = next++;
    const std::string key(*rc::gen::inRange<std::size_t>(0, 40), 'k');
    const auto heap = *rc::gen::element<std::size_t>(0, 0, 900);
    const bool had_room = events.has_room();
    if (!build(events, tracked{number}, key, heap)) {
      RC_ASSERT(!had_room);
      return;
    }
    staged.push_back(number);
    const auto counted = counted_bytes<tracked>(limits.block, key.size(), heap);
    bytes_least += own_bytes<tracked>(key.size(), heap);
    bytes_most += counted + alignof(tracked);
  }
  void commit() {
    events.commit();
    committed.insert(committed.end(), staged.begin(), staged.end());
    staged.clear();
  }
  void rollback() {
    const auto keep = *rc::gen::inRange<std::size_t>(0, staged.size() + 1);
    rolled_back = rolled_back || keep < staged.size();
    events.rollback(keep);
    staged.resize(keep);
    if (rolled_back) bytes_least = 0;  // some of it was forgotten
  }
  bool take(bool complete_only) {
    const auto available = events.available();
    const bool complete = events.has_complete();
    auto some = events.take(complete_only);
    RC_ASSERT(some.size() <= committed.size());
    RC_ASSERT(complete_only || some.empty() == committed.empty());
    RC_ASSERT(some.size() == (complete_only && some.empty() ? 0 : available));
    // A block may be closed after everything in it was read: then it is complete, and empty; but
    // whoever took complete blocks until there were none is not told of them again.
    if (complete_only && some.empty()) RC_ASSERT(!events.has_complete());
    if (!complete) RC_ASSERT(!complete_only || some.empty());
    for (const auto event : some) {
      RC_ASSERT(event.as<tracked>().number == committed.front());
      RC_ASSERT(event.header.id.high == committed.front() + 1);
      committed.pop_front();
    }
    bytes_taken += some.bytes();
    if (some.empty()) return false;
    if (*rc::gen::arbitrary<bool>()) held.push_back(std::move(some));
    if (held.size() > 3) held.pop_front();
    return true;
  }
  void look_for_room() {
    if (!events.room_made()) return;
    RC_ASSERT(waiting);
    waiting = false;
    if (staged.empty()) RC_ASSERT(events.has_room());
  }
  void want_room() {
    const bool full = !events.has_room();
    RC_ASSERT(events.want_room() == full);
    waiting = waiting || full;
  }
  void check() const {
    RC_ASSERT(events.staged() == staged.size());
    RC_ASSERT(events.drained() == committed.empty());
    RC_ASSERT(staged.size() + committed.size() <= limits.blocks * limits.block.events);
    std::multiset<std::uint64_t> expected{staged.begin(), staged.end()};
    expected.insert(committed.begin(), committed.end());
    RC_ASSERT(std::includes(tracked::alive.begin(), tracked::alive.end(), expected.begin(),
                            expected.end()));
    RC_ASSERT(tracked::destroyed_twice == 0);
  }
  // A reader that goes on reading gets everything and wakes whoever waits.
  void finish() {
    commit();
    while (take(false)) look_for_room();
    look_for_room();
    RC_ASSERT(committed.empty());
    RC_ASSERT(!waiting);
    RC_ASSERT(events.has_room());
    RC_ASSERT(events.taken() == events.committed());
    // What was rolled back stays counted until its block is recycled.
    RC_ASSERT(bytes_taken >= bytes_least);
    if (!rolled_back) RC_ASSERT(bytes_taken <= bytes_most);
  }

  ring_limits limits;
  ring events;
  std::deque<std::uint64_t> committed;
  std::vector<std::uint64_t> staged;
  std::deque<weir::batch> held;
  std::uint64_t next = 0;
  std::size_t bytes_least = 0;
  std::size_t bytes_most = 0;
  std::size_t bytes_taken = 0;
  bool rolled_back = false;
  bool waiting = false;
};

}  // namespace

TEST_CASE("a ring agrees with a naive queue whatever is done to it", "[topic][property]") {
  rc::prop("build, commit, rollback, take, wait", [] {
    tracked::alive.clear();  // a case that failed before may have left some
    tracked::destroyed_twice = 0;
    {
      ring_model model{
          ring_limits{.block = {.events = *rc::gen::inRange<std::uint32_t>(1, 6),
                                .arena_bytes = *rc::gen::inRange<std::uint32_t>(64, 256)},
                      .blocks = *rc::gen::element<std::uint32_t>(2, 4, 8),
                      .block_heap_max = *rc::gen::element<std::size_t>(1500, 100'000)}};
      for (int step = *rc::gen::inRange(0, 200); step > 0; --step) {
        const auto choice = *rc::gen::inRange(0, 20);
        if (choice < 9)
          model.build_one();
        else if (choice < 12)
          model.commit();
        else if (choice < 14)
          model.rollback();
        else if (choice < 16)
          model.take(false);
        else if (choice < 17)
          model.take(true);
        else if (choice < 19)
          model.look_for_room();
        else
          model.want_room();
        model.check();
      }
      model.finish();
    }
    RC_ASSERT(tracked::alive.empty());
    RC_ASSERT(tracked::destroyed_twice == 0);
  });
}
