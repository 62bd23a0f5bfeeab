// SPDX-License-Identifier: BSD-3-Clause
// Permits are never more than there are, go to who has waited longest, and are lost by nobody.
#include "weir/runtime/policy/bulkhead.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using weir::bulkhead;
using weir::permits;

namespace {

std::shared_ptr<permits> of(std::uint32_t at_most) {
  return std::make_shared<permits>(bulkhead{"payments", at_most});
}

}  // namespace

TEST_CASE("a bulkhead without a name or without permits is refused", "[policy]") {
  CHECK(bulkhead{"payments", 1}.check());
  CHECK(bulkhead{"payments", 65'536}.check());
  for (const auto& wrong : {bulkhead{"", 1}, bulkhead{std::string(129, 'x'), 1},
                            bulkhead{"payments", 0}, bulkhead{"payments", 65'537}}) {
    const auto checked = wrong.check();
    REQUIRE(!checked);
    CHECK(checked.error().code == weir::errc::invalid_argument);
  }
  CHECK(to_string(bulkhead{"payments", 4}) == "at most 4 at once in payments");
}

TEST_CASE("a place may have several permits, waits for one at a time, and leaves with none",
          "[policy]") {
  const auto shared = of(3);
  permits::place many{shared}, other{shared};
  int told = 0;
  many.attend([&] { ++told; });
  CHECK(many.take(1) == 1);
  CHECK(many.take(40) == permits::events_max);
  CHECK(other.enter(1) == 1);
  CHECK(many.take(1) == 0);
  CHECK(many.take(1) == 0);
  CHECK(shared->now().waiting == 1);
  other.exit();
  CHECK(told == 1);
  CHECK(shared->now().taken == 3);
  CHECK(many.take(1) == 1);
  CHECK(many.take(1) == 0);
  many.exit();  // somebody waits, even if it is itself
  CHECK(told == 2);
  CHECK(shared->now().taken == 3);
  many.leave();
  CHECK(shared->now().taken == 0);
  CHECK(shared->now().waiting == 0);
  many.exit();
  CHECK(shared->now().taken == 0);
}

TEST_CASE("who finds no permit is told when it is its turn, in the order of coming", "[policy]") {
  const auto shared = of(1);
  permits::place first{shared}, second{shared}, third{shared};
  std::vector<int> told;
  second.attend([&] { told.push_back(2); });
  third.attend([&] { told.push_back(3); });
  CHECK(first.enter(100) == permits::events_max);
  CHECK(first.enter(100) == permits::events_max);  // it has one
  CHECK(second.enter(100) == 0);
  CHECK(third.enter(100) == 0);
  CHECK(second.enter(100) == 0);
  CHECK(first.enter(100) == 1);  // somebody waits
  CHECK(shared->now().taken == 1);
  CHECK(shared->now().waiting == 2);
  first.exit();
  CHECK(told == std::vector<int>{2});
  // It is the second's, also before it has taken it.
  CHECK(first.enter(1) == 0);
  CHECK(third.enter(1) == 0);
  CHECK(second.enter(5) == 1);
  second.exit();
  CHECK(told == std::vector<int>{2, 3});
  CHECK(third.enter(5) == 1);
  third.exit();
  CHECK(first.enter(5) == 5);
  first.exit();
  CHECK(shared->now().taken == 0);
}

TEST_CASE("who leaves waits no more, and what it has or was given goes on", "[policy]") {
  const auto shared = of(1);
  permits::place holder{shared}, next{shared};
  bool told = false;
  next.attend([&] { told = true; });
  {
    permits::place waiting{shared};
    REQUIRE(holder.enter(1) == 1);
    REQUIRE(waiting.enter(1) == 0);
    REQUIRE(next.enter(1) == 0);
    holder.exit();
    CHECK(!told);  // the permit is given to who leaves now
  }
  CHECK(told);
  CHECK(next.enter(1) == 1);
  next.leave();
  CHECK(shared->now().taken == 0);
  CHECK(shared->now().waiting == 0);
}

TEST_CASE("a turn that is not used goes to the next", "[policy]") {
  const auto shared = of(1);
  permits::place holder{shared}, first{shared}, second{shared};
  REQUIRE(holder.enter(1) == 1);
  REQUIRE(first.enter(1) == 0);
  REQUIRE(second.enter(1) == 0);
  holder.exit();
  first.pass();
  CHECK(second.enter(1) == 1);
  first.pass();
  CHECK(shared->now().taken == 1);
}

TEST_CASE("permits are what a naive queue says, whatever is done in whatever order", "[policy]") {
  rc::prop("entered places are at most the limit and the longest waiting goes first", [] {
    const auto at_most = *rc::gen::inRange<std::uint32_t>(1, 4);
    const auto shared = of(at_most);
    constexpr int count = 6;
    std::vector<std::unique_ptr<permits::place>> places;
    for (int i = 0; i < count; ++i) places.push_back(std::make_unique<permits::place>(shared));
    std::set<int> has;       // entered, or given and not taken yet
    std::vector<int> queue;  // that wait
    const auto free_one = [&] {
      if (queue.empty()) return;
      has.insert(queue.front());
      queue.erase(queue.begin());
    };
    for (const auto step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 4 * count))) {
      const int who = step % count;
      const bool waits = std::find(queue.begin(), queue.end(), who) != queue.end();
      switch (step / count) {
        case 0:
        case 1: {
          const bool gets = has.contains(who) || (!waits && has.size() < at_most);
          RC_ASSERT((places[static_cast<std::size_t>(who)]->enter(1) == 1) == gets);
          if (gets) has.insert(who);
          if (!gets && !waits) queue.push_back(who);
          break;
        }
        case 2:
          if (has.contains(who) && places[static_cast<std::size_t>(who)]->enter(1) == 1) {
            places[static_cast<std::size_t>(who)]->exit();
            has.erase(who);
            free_one();
          }
          break;
        default:
          places[static_cast<std::size_t>(who)]->leave();
          std::erase(queue, who);
          if (has.erase(who) > 0) free_one();
      }
      RC_ASSERT(shared->now().taken == has.size());
      RC_ASSERT(shared->now().waiting == queue.size());
      RC_ASSERT(has.size() <= at_most);
    }
  });
}

TEST_CASE("threads that take and give back never hold more than there are", "[policy]") {
  constexpr std::uint32_t at_most = 2;
  const auto shared = of(at_most);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::array<std::atomic<bool>, 4> turns{};
  std::vector<std::thread> threads;
  for (auto& turn : turns) {
    threads.emplace_back([&] {
      permits::place mine{shared};
      turn = true;
      mine.attend([&] {
        turn = true;
        turn.notify_all();
      });
      for (int done = 0; done < 2000;) {
        turn.wait(false);
        turn = false;
        if (mine.enter(1) == 0) continue;
        const int now = ++inside;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        --inside;
        ++done;
        turn = true;
        mine.exit();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(most <= static_cast<int>(at_most));
  CHECK(shared->now().taken == 0);
  CHECK(shared->now().waiting == 0);
}
