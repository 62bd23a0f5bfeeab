// SPDX-License-Identifier: BSD-3-Clause
// The registry: indexes, look-ups, and two types that claim one name.
#include "weir/runtime/event/event_type.hpp"

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "weir/tests/runtime/event/death.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

namespace event_tests {
namespace {

struct alignas(32) wide {
  std::uint64_t number = 0;
};
WEIR_EVENT(wide, "event_tests.wide", 7, (number))

struct renamed {
  std::uint64_t number = 0;
};
WEIR_EVENT(renamed, "event_tests.named", 4, (number))

struct impostor {
  std::uint64_t number = 0;
};
WEIR_EVENT(impostor, "event_tests.named", 3, (number))

struct raced {};
WEIR_EVENT(raced, "event_tests.raced", 1, ())

struct undeclared {};

}  // namespace
}  // namespace event_tests

using namespace event_tests;
using weir::type_of;

TEST_CASE("only a type declared with WEIR_EVENT is an event payload", "[event]") {
  STATIC_REQUIRE(weir::event_payload<numbered>);
  STATIC_REQUIRE_FALSE(weir::event_payload<undeclared>);
  STATIC_REQUIRE(weir::event_payload<const numbered&>);
  STATIC_REQUIRE_FALSE(weir::event_payload<int>);
}

TEST_CASE("a type is described as it was declared", "[event]") {
  const auto& type = type_of<wide>();
  CHECK(type.name == "event_tests.wide");
  CHECK(type.version == 7);
  CHECK(type.size == sizeof(wide));
  CHECK(type.alignment == 32);
  CHECK(to_string(type) == "event_tests.wide@7");
}

TEST_CASE("a type has one description however often it is asked for", "[event]") {
  CHECK(&type_of<numbered>() == &type_of<numbered>());
}

TEST_CASE("indexes are dense and find their type", "[event]") {
  type_of<numbered>();
  type_of<named>();
  type_of<tracked>();
  std::set<const weir::event_type*> seen;
  for (std::uint32_t i = 0; i < weir::event_type_count(); ++i) {
    const auto* type = weir::find_event_type(i);
    REQUIRE(type != nullptr);
    CHECK(type->index == i);
    seen.insert(type);
  }
  CHECK(seen.size() == weir::event_type_count());
  CHECK(weir::find_event_type(weir::event_type_count()) == nullptr);
}

TEST_CASE("a type is found by name and version, both", "[event]") {
  type_of<named>();
  type_of<renamed>();
  CHECK(weir::find_event_type("event_tests.named", 3) == &type_of<named>());
  CHECK(weir::find_event_type("event_tests.named", 4) == &type_of<renamed>());
  CHECK(weir::find_event_type("event_tests.named", 5) == nullptr);
  CHECK(weir::find_event_type("event_tests.name", 3) == nullptr);
}

TEST_CASE("two types that claim one name and version are our user's bug", "[event]") {
  type_of<named>();
  const auto count = weir::event_type_count();
  CHECK_THAT(last_words_of([] { type_of<impostor>(); }),
             Catch::Contains("two C++ types claim the event event_tests.named@3"));
  CHECK(weir::event_type_count() == count);
}

TEST_CASE("a type with nothing to destroy says so", "[event]") {
  CHECK(type_of<numbered>().destroy == nullptr);
  CHECK(type_of<named>().destroy != nullptr);
}

TEST_CASE("destroy destroys each of the slots it is given", "[event]") {
  alignas(tracked) std::byte memory[3][sizeof(tracked)];
  std::vector<weir::event_slot> slots;
  for (std::uint64_t i = 0; i < 3; ++i) {
    slots.push_back({&type_of<tracked>(), new (memory[i]) tracked{i}});
  }
  type_of<tracked>().destroy(slots.data(), 2);
  CHECK(tracked::alive == std::multiset<std::uint64_t>{2});
  type_of<tracked>().destroy(slots.data() + 2, 1);
  CHECK(tracked::alive.empty());
  CHECK(tracked::destroyed_twice == 0);
}

TEST_CASE("threads that meet a type for the first time together agree on it", "[event]") {
  std::atomic<int> ready{0};
  std::vector<const weir::event_type*> found(4);
  std::vector<std::thread> threads;
  for (auto& mine : found) {
    threads.emplace_back([&] {
      for (++ready; ready < 4;) std::this_thread::yield();
      mine = &type_of<raced>();
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(std::set<const weir::event_type*>(found.begin(), found.end()).size() == 1);
  CHECK(weir::find_event_type("event_tests.raced", 1) == found[0]);
}
