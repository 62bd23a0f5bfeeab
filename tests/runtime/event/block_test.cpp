// SPDX-License-Identifier: BSD-3-Clause
// Blocks: room, alignment, what readers see, and that each payload is destroyed exactly once,
// whatever becomes of the block.
#include "weir/runtime/event/block.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/tests/runtime/event/death.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using namespace event_tests;
using weir::block_limits;

namespace {

boost::intrusive_ptr<weir::block_pool> pool_of(block_limits limits) {
  return boost::intrusive_ptr<weir::block_pool>{new weir::block_pool{limits}};
}

bool aligned(const void* place, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(place) % alignment == 0;
}

const weir::block* address_of(const weir::block_ptr& memory) { return memory.get(); }

}  // namespace

TEST_CASE("a block takes as many events as it has slots", "[event]") {
  auto memory = pool_of({.events = 3, .arena_bytes = 4096})->take();
  CHECK(memory->capacity() == 3);
  for (std::uint64_t i = 0; i < 3; ++i) {
    CHECK_FALSE(memory->full());
    CHECK(build(*memory, numbered{i}));
  }
  CHECK(memory->full());
  CHECK_FALSE(build(*memory, numbered{3}));
  CHECK(memory->built() == 3);
}

TEST_CASE("a block takes no more bytes of payloads and keys than its arena", "[event]") {
  auto memory = pool_of({.events = 100, .arena_bytes = 64})->take();
  CHECK(memory->reserve(8, 8, 56).payload != nullptr);
  CHECK(memory->reserve(1, 1, 0).payload == nullptr);

  auto other = pool_of({.events = 100, .arena_bytes = 64})->take();
  CHECK(other->reserve(8, 8, 57).payload == nullptr);
  // What did not fit leaves room for what does.
  CHECK(other->reserve(8, 8, 56).payload != nullptr);
}

TEST_CASE("every place is aligned, apart from the others and inside the block",
          "[event][property]") {
  rc::prop("places", [] {
    auto memory = pool_of({.events = 64, .arena_bytes = 1024})->take();
    const char* end = nullptr;
    for (;;) {
      const auto alignment = std::size_t{1} << *rc::gen::inRange(0, 7);
      const auto size = *rc::gen::inRange<std::size_t>(1, 5) * alignment;
      const auto key = *rc::gen::inRange<std::size_t>(0, 20);
      const auto place = memory->reserve(size, alignment, key);
      if (place.payload == nullptr) break;
      RC_ASSERT(aligned(place.payload, alignment));
      RC_ASSERT(static_cast<char*>(place.payload) >= end);
      RC_ASSERT(place.key == static_cast<char*>(place.payload) + size);
      std::memset(place.payload, 0xab, size + key);
      end = place.key + key;
      memory->push(envelope_of(weir::type_of<numbered>(), 0), place.payload, 0, false);
    }
    RC_ASSERT(memory->built() > 0U);
  });
}

TEST_CASE("readers see what is committed and nothing more", "[event]") {
  const block_limits limits{.events = 8, .arena_bytes = 512};
  auto memory = pool_of(limits)->take();
  build(*memory, named{"one", 1}, "key", 100);
  build(*memory, named{"two", 2});
  CHECK(memory->committed() == 0);
  CHECK(memory->bytes() == 0);
  memory->commit();
  CHECK(memory->committed() == 2);
  CHECK(memory->bytes() == counted_bytes<named>(limits, 3, 100) + counted_bytes<named>(limits));
  build(*memory, named{"three", 3});
  CHECK(memory->committed() == 2);
  CHECK(memory->bytes() < memory->built_bytes());

  const weir::batch events{memory, 0, memory->committed(), memory->bytes()};
  CHECK(events[0].as<named>().name == "one");
  CHECK(events[0].header.key == "key");
  CHECK(events[1].as<named>().name == "two");
  CHECK(events[1].header.key.empty());
}

TEST_CASE("an event counts at least its share of the block it keeps alive", "[event]") {
  const block_limits roomy{.events = 2, .arena_bytes = 2000};
  auto memory = pool_of(roomy)->take();
  build(*memory, numbered{1});
  CHECK(memory->built_bytes() == weir::block::memory_bytes(roomy) / 2);
  build(*memory, numbered{2}, std::string(1500, 'k'), 70);
  memory->commit();
  CHECK(memory->bytes() == memory->built_bytes());
  CHECK(memory->built_heap() == 70);
  CHECK(memory->bytes() >= weir::block::memory_bytes(roomy) + 70);
}

TEST_CASE("a block is sealed only by its producer", "[event]") {
  auto memory = pool_of({.events = 1, .arena_bytes = 64})->take();
  build(*memory, numbered{1});
  memory->commit();
  CHECK_FALSE(memory->sealed());
  memory->seal();
  CHECK(memory->sealed());
}

TEST_CASE("a rollback destroys exactly what it forgets", "[event]") {
  auto memory = pool_of({})->take();
  build(*memory, tracked{1});
  memory->commit();
  build(*memory, tracked{2});
  build(*memory, tracked{3});
  memory->rollback(2);
  CHECK(tracked::alive == std::multiset<std::uint64_t>{1, 2});
  memory->rollback(1);
  CHECK(tracked::alive == std::multiset<std::uint64_t>{1});
  CHECK(memory->built() == 1);
  build(*memory, tracked{4});
  memory->commit();
  CHECK(static_cast<tracked*>(memory->slots()[1].payload)->number == 4);
  memory.reset();
  CHECK(tracked::alive.empty());
  CHECK(tracked::destroyed_twice == 0);
}

TEST_CASE("a rollback below what is committed, or above what is built, is our bug", "[event]") {
  auto memory = pool_of({})->take();
  build(*memory, numbered{1});
  memory->commit();
  build(*memory, numbered{2});
  CHECK_THAT(last_words_of([&] { memory->rollback(0); }),
             Catch::Contains("below what is committed"));
  CHECK_THAT(last_words_of([&] { memory->rollback(3); }), Catch::Contains("count <= built_"));
}

TEST_CASE("payloads of mixed types are each destroyed once", "[event][property]") {
  rc::prop("whatever is built, rolled back and committed", [] {
    RC_ASSERT(tracked::alive.empty());
    auto memory = pool_of({.events = 16, .arena_bytes = 4096})->take();
    std::multiset<std::uint64_t> expected;
    std::vector<std::pair<bool, std::uint64_t>> built;
    std::uint64_t next = 0;
    for (const int choice : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 10))) {
      if (choice == 0) memory->commit();
      if (choice == 1) {
        const auto keep = *rc::gen::inRange(memory->committed(), memory->built() + 1);
        memory->rollback(keep);
        for (; built.size() > keep; built.pop_back()) {
          if (built.back().first) expected.erase(built.back().second);
        }
      }
      if (choice < 2) continue;
      const auto number = next++;
      const bool counts = choice < 6;
      const bool done = counts       ? build(*memory, tracked{number})
                        : choice < 8 ? build(*memory, numbered{number})
                                     : build(*memory, named{std::string(40, 'x'), number});
      if (!done) continue;
      built.emplace_back(counts, number);
      if (counts) expected.insert(number);
    }
    RC_ASSERT(tracked::alive == expected);
    memory.reset();
    RC_ASSERT(tracked::alive.empty());
    RC_ASSERT(tracked::destroyed_twice == 0);
  });
}

TEST_CASE("a block comes back from its pool empty", "[event]") {
  const auto pool = pool_of({.events = 2, .arena_bytes = 256});
  auto memory = pool->take();
  const auto* first = address_of(memory);
  build(*memory, tracked{1}, "key", 50);
  build(*memory, tracked{2});
  memory->commit();
  memory->seal();
  memory.reset();
  CHECK(tracked::alive.empty());

  memory = pool->take();
  CHECK(address_of(memory) == first);
  CHECK(memory->built() == 0);
  CHECK(memory->committed() == 0);
  CHECK(memory->bytes() == 0);
  CHECK(memory->built_bytes() == 0);
  CHECK(memory->built_heap() == 0);
  CHECK_FALSE(memory->sealed());
  CHECK(build(*memory, tracked{3}));
  CHECK(build(*memory, tracked{4}));
}

TEST_CASE("a block in use is not given out again", "[event]") {
  const auto pool = pool_of({});
  const auto one = pool->take();
  auto two = pool->take();
  CHECK(address_of(one) != address_of(two));
  weir::block_ptr reader = two;
  two.reset();
  CHECK(address_of(pool->take()) != address_of(reader));
}

TEST_CASE("a pool allocates only when it has no spare block", "[event]") {
  const auto pool = pool_of({.events = 1, .arena_bytes = 64});
  for (int round = 0; round < 3; ++round) {
    std::vector<weir::block_ptr> used;
    for (std::size_t i = 0; i < 5; ++i) {
      used.push_back(pool->take());
      build(*used.back(), tracked{i});
      CHECK(pool->spare() == (round == 0 ? 0 : 4 - i));
    }
    const auto* last = address_of(used[2]);
    used.clear();
    CHECK(tracked::alive.empty());
    CHECK(pool->spare() == 5);
    used.push_back(pool->take());
    used.push_back(pool->take());
    used.push_back(pool->take());
    CHECK(address_of(used[2]) == last);  // the one used last comes first
  }
}

TEST_CASE("a pool frees what it has not needed for long, and keeps what it has", "[event]") {
  const auto pool = pool_of({.events = 1, .arena_bytes = 64});
  const auto use = [&](std::size_t blocks) {
    std::vector<weir::block_ptr> used;
    while (used.size() < blocks) used.push_back(pool->take());
  };
  use(64);
  CHECK(pool->spare() == 64);
  // A crowd of 20 now and then: half of what even that leaves spare goes at each review, and
  // nothing that it needs.
  for (int review = 0; review < 20; ++review) {
    for (std::uint64_t i = 0; i < weir::block_pool::review_takes / 20; ++i) use(20);
    use(weir::block_pool::review_takes % 20);
  }
  CHECK(pool->spare() == 20);
}

TEST_CASE("a block outlives the hand that held its pool", "[event]") {
  auto pool = pool_of({});
  auto memory = pool->take();
  pool.reset();
  CHECK(build(*memory, tracked{1}));
  memory.reset();
  CHECK(tracked::alive.empty());
}

TEST_CASE("the memory of a block covers its slots, envelopes and arena", "[event]") {
  const block_limits limits{.events = 10, .arena_bytes = 1000};
  CHECK(weir::block::memory_bytes(limits) >=
        10 * (sizeof(weir::event_slot) + sizeof(weir::envelope)) + 1000);
  CHECK(weir::block::memory_bytes(limits) <=
        10 * (sizeof(weir::event_slot) + sizeof(weir::envelope)) + 1000 + 128);
}
