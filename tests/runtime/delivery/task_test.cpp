// SPDX-License-Identifier: BSD-3-Clause
// Tasks by themselves: whoever suspends is resumed by hand.
#include "weir/runtime/delivery/task.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using weir::task;
using weir::when_all;

namespace {

// A symmetric transfer is a jump only where the compiler optimises, and not under a sanitizer.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr int chain_length = 1'000'000;
#else
constexpr int chain_length = 500;
#endif

/// Where coroutines wait until the test resumes them.
class waiting_room {
 public:
  struct seat {
    waiting_room& room;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> who) const { room.waiting_.push_back(who); }
    void await_resume() const noexcept {}
  };
  seat wait() { return {*this}; }
  std::size_t size() const { return waiting_.size(); }
  void resume(std::size_t index) {
    const auto who = waiting_[index];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
    who.resume();
  }

 private:
  std::vector<std::coroutine_handle<>> waiting_;
};

task<int> after(waiting_room& room, int value) {
  co_await room.wait();
  co_return value;
}
task<void> nothing_after(waiting_room& room) { co_await room.wait(); }
task<int> failing(waiting_room& room, std::string what) {
  co_await room.wait();
  throw std::runtime_error{what};
}
task<int> countdown(int from) {
  if (from == 0) co_return 0;
  co_return 1 + co_await countdown(from - 1);
}

}  // namespace

TEST_CASE("a task begins when it is awaited, not before", "[delivery]") {
  bool begun = false;
  const auto note = [&]() -> task<void> {
    begun = true;
    co_return;
  };
  auto one = note();
  CHECK_FALSE(begun);
  one.start();
  CHECK(begun);
  CHECK(one.done());
}

TEST_CASE("what a task returns or throws reaches whoever awaits it", "[delivery]") {
  waiting_room room;
  const auto outer = [&]() -> task<int> {
    try {
      co_return co_await failing(room, "inner");
    } catch (const std::runtime_error&) {
    }
    co_return co_await after(room, 7);
  };
  auto one = outer();
  one.start();
  room.resume(0);
  room.resume(0);
  REQUIRE(one.done());
  CHECK(one.take() == 7);
}

TEST_CASE("a chain of tasks of any length takes no stack", "[delivery]") {
  auto one = countdown(chain_length);
  one.start();
  REQUIRE(one.done());
  CHECK(one.take() == chain_length);
}

TEST_CASE("when_all waits for all at once, in whatever order they end", "[delivery]") {
  for (const std::size_t first : {0U, 1U, 2U}) {
    waiting_room room;
    const auto both = [&]() -> task<int> {
      auto [one, none, two] =
          co_await when_all(after(room, 1), nothing_after(room), after(room, 2));
      static_cast<void>(none);
      co_return 10 * one + two;
    };
    auto all = both();
    all.start();
    REQUIRE(room.size() == 3);
    room.resume(first);
    CHECK_FALSE(all.done());
    room.resume(1);
    CHECK_FALSE(all.done());
    room.resume(0);
    REQUIRE(all.done());
    CHECK(all.take() == 12);
  }
}

TEST_CASE("when_all of what does not wait is done at once", "[delivery]") {
  const auto both = []() -> task<int> {
    auto [one, two] = co_await when_all(countdown(1), countdown(2));
    co_return one + two;
  };
  auto all = both();
  all.start();
  REQUIRE(all.done());
  CHECK(all.take() == 3);
}

TEST_CASE("when_all throws the first failure in the order of its arguments, when all are done",
          "[delivery]") {
  waiting_room room;
  const auto both = [&]() -> task<int> {
    co_await when_all(after(room, 1), failing(room, "second"), failing(room, "third"));
    co_return 0;
  };
  auto all = both();
  all.start();
  room.resume(2);
  room.resume(1);
  CHECK_FALSE(all.done());
  room.resume(0);
  REQUIRE(all.done());
  CHECK_THROWS_WITH(all.take(), "second");
}

TEST_CASE("destroying a task destroys everything it holds, however deep it waits", "[delivery]") {
  waiting_room room;
  const auto held = std::make_shared<int>(1);
  const auto holding = [&](std::shared_ptr<int> mine) -> task<void> {
    const auto inner = [&room](std::shared_ptr<int> also) -> task<int> {
      co_await room.wait();
      co_return *also;
    };
    co_await when_all(inner(mine), nothing_after(room), inner(mine));
  };
  {
    auto one = holding(held);
    one.start();
    CHECK(held.use_count() > 3);
  }
  CHECK(held.use_count() == 1);
}
