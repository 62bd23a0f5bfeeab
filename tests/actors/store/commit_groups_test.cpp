// SPDX-License-Identifier: BSD-3-Clause
// When a group is due, what is in it, and who hears of it: by example, and from many threads.
#include "weir/actors/store/commit_groups.hpp"

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "weir/runtime/store/memory_store.hpp"

using namespace weir::actors;
using weir::result;
using weir::store::memory_store;
using weir::store::table;
using next = commit_groups::next;

namespace {

changes_ptr putting(const std::string& key, const std::string& value = "1") {
  auto what = std::make_shared<weir::store::changes>();
  what->put(table::meta, key, value);
  return what;
}

std::vector<std::string> keys_of(const commit_groups::group& group) {
  std::vector<std::string> keys;
  group.what->visit([&](const weir::store::change& one) { keys.emplace_back(one.key); });
  return keys;
}

using keys = std::vector<std::string>;

}  // namespace

TEST_CASE("one group is out at a time, and the next is due when it is back", "[store]") {
  commit_groups groups;
  CHECK(groups.gather({putting("a"), nullptr}) == next::flush);
  CHECK(groups.gather({putting("b"), nullptr}) == next::flush);
  auto first = groups.take();
  REQUIRE(first);
  CHECK(keys_of(*first) == keys{"a", "b"});
  CHECK(groups.gather({putting("c"), nullptr}) == next::nothing);
  CHECK_FALSE(groups.take());
  CHECK(groups.flushed(std::move(*first), {}));
  auto second = groups.take();
  REQUIRE(second);
  CHECK(keys_of(*second) == keys{"c"});
  CHECK_FALSE(groups.flushed(std::move(*second), {}));
  CHECK_FALSE(groups.take());
}

TEST_CASE("what is not urgent asks for patience once, until it is hurried", "[store]") {
  commit_groups groups;
  CHECK(groups.gather({putting("a"), nullptr, false}) == next::patience);
  CHECK(groups.gather({putting("b"), nullptr, false}) == next::nothing);
  CHECK_FALSE(groups.take());
  CHECK(groups.hurry());
  auto group = groups.take();
  REQUIRE(group);
  CHECK(keys_of(*group) == keys{"a", "b"});
  CHECK_FALSE(groups.flushed(std::move(*group), {}));
  CHECK_FALSE(groups.hurry());
  CHECK(groups.gather({putting("c"), nullptr, false}) == next::patience);
}

TEST_CASE("while parts of a transaction are missing no group is due", "[store]") {
  commit_groups groups;
  const auto parts = std::make_shared<transaction>(3);
  CHECK(groups.gather({putting("a"), nullptr, true, parts}) == next::nothing);
  CHECK(groups.gather({putting("other"), nullptr}) == next::nothing);
  CHECK(groups.gather({putting("b"), nullptr, true, parts}) == next::nothing);
  CHECK_FALSE(groups.take());
  CHECK(groups.gather({putting("c"), nullptr, true, parts}) == next::flush);
  auto group = groups.take();
  REQUIRE(group);
  CHECK(keys_of(*group) == keys{"a", "other", "b", "c"});
}

TEST_CASE("after a failure there is no further group, and everybody is told", "[store]") {
  commit_groups groups;
  const auto waits = [] { return std::make_shared<completion<result<void>>>(); };
  const auto out = waits();
  const auto gathered = waits();
  const auto late = waits();
  CHECK(groups.gather({putting("a"), out}) == next::flush);
  auto group = groups.take();
  REQUIRE(group);
  CHECK(groups.gather({putting("b"), gathered}) == next::nothing);
  const result<void> failed = weir::fail(weir::errc::store_full, "no room");
  CHECK_FALSE(groups.flushed(std::move(*group), failed));
  CHECK(groups.gather({putting("c"), late}) == next::nothing);
  CHECK_FALSE(groups.take());
  for (const auto& one : {out, gathered, late}) {
    REQUIRE(one->peek());
    CHECK(one->peek()->error().code == weir::errc::store_full);
  }
}

TEST_CASE("what threads hand in is written in the order of each, and every one is told",
          "[store][threads]") {
  constexpr int threads = 4;
  constexpr int each = 3'000;
  memory_store disk;
  commit_groups groups;
  std::atomic<int> told{0};
  std::atomic<bool> wrong{false};
  // Whoever is told to flush does; nobody else may be at it.
  std::atomic<int> flushing{0};
  const auto flush = [&] {
    for (bool more = true; more;) {
      auto group = groups.take();
      if (!group) return;
      if (++flushing != 1) wrong = true;
      const auto outcome = disk.commit(*group->what);
      --flushing;
      more = groups.flushed(std::move(*group), outcome);
    }
  };
  std::vector<std::thread> all;
  for (int number = 0; number < threads; ++number) {
    all.emplace_back([&, number] {
      for (int i = 1; i <= each; ++i) {
        const auto done = std::make_shared<completion<result<void>>>(
            [&](const result<void>& outcome) { outcome ? ++told : told += 1'000'000; });
        const auto wanted = groups.gather(
            {putting("k" + std::to_string(number), std::to_string(i)), done});
        if (wanted == next::flush) flush();
      }
    });
  }
  for (auto& one : all) one.join();
  flush();
  CHECK_FALSE(wrong);
  CHECK(told == threads * each);
  for (int number = 0; number < threads; ++number) {
    std::string value;
    REQUIRE(disk.get(table::meta, "k" + std::to_string(number), value).value());
    CHECK(value == std::to_string(each));
  }
}
