// SPDX-License-Identifier: BSD-3-Clause
// All states of a subscription in a partition: names, commits, their journal and their rows.
#include "weir/runtime/delivery/partition_state.hpp"

#include <map>

#include <catch2/catch.hpp>

#include "weir/runtime/store/memory_store.hpp"

using weir::delivery::partition_state;
using weir::store::memory_store;

namespace {

std::map<int, int> stored(const memory_store& disk, const std::string& name) {
  std::map<int, int> found;
  REQUIRE(weir::delivery::scan_stored<int, int>(
      disk, "billing", name, [&](int key, int value) { found[key] = value; }));
  return found;
}

std::map<weir::store::change::kind, int> kinds_of(const weir::store::changes& group) {
  std::map<weir::store::change::kind, int> count;
  group.visit([&](const weir::store::change& one) { ++count[one.what]; });
  return count;
}

using kind = weir::store::change::kind;

}  // namespace

TEST_CASE("a subscription has at most 64 states, and a commit of all of them is one record",
          "[delivery]") {
  const auto disk = std::make_shared<memory_store>();
  partition_state states{{disk, "billing", "orders", 0}, 100'000};
  for (int i = 0; i < 64; ++i) {
    REQUIRE(states.get<int, int>("s" + std::to_string(i)).put(i, i));
  }
  CHECK_THROWS_WITH((states.get<int, int>("one more")), Catch::Contains("one too many"));
  CHECK(*(*states.get<int, int>("s7").get(7)) == 7);
  states.accept();
  weir::store::changes group;
  CHECK(states.write(group) == 1);
  CHECK(group.size() == 1);
  CHECK(states.write(group) == 2);
  CHECK(group.size() == 1);
}

TEST_CASE("what changes often is written as rows rarely, and what was journaled is what is stored",
          "[delivery]") {
  const auto disk = std::make_shared<memory_store>();
  const auto states = std::make_unique<partition_state>(
      weir::delivery::state_place{disk, "billing", "orders", 0}, 64'000);
  std::map<kind, int> changes;
  std::map<int, int> expected;
  for (int commit = 1; commit <= 2'000; ++commit) {
    auto& sums = states->get<int, int>("sums");
    for (int i = 0; i < 50; ++i) {
      const auto key = (commit * 7 + i) % 100;
      REQUIRE(sums.put(key, commit));
      expected[key] = commit;
    }
    if (commit % 3 == 0) {
      REQUIRE(sums.erase(commit % 100));
      expected.erase(commit % 100);
    }
    states->accept();
    weir::store::changes group;
    const auto number = states->write(group);
    for (const auto& [what, count] : kinds_of(group)) changes[what] += count;
    REQUIRE(disk->commit(group));
    states->mark()->store(number);
    if (commit % 100 == 0) CHECK(stored(*disk, "sums") == expected);
  }
  // 100,000 changes: a record for each commit, and hardly a row.
  CHECK(changes[kind::put] >= 2'000);
  CHECK(changes[kind::put] < 2'500);
}

TEST_CASE("states that nobody uses any more keep what an earlier run has journaled",
          "[delivery]") {
  const auto disk = std::make_shared<memory_store>();
  const auto commit = [&](partition_state& states) {
    states.accept();
    weir::store::changes group;
    const auto number = states.write(group);
    REQUIRE(disk->commit(group));
    states.mark()->store(number);
  };
  {
    partition_state states{{disk, "billing", "orders", 0}, 100'000};
    REQUIRE(states.get<int, int>("old").put(1, 10));
    commit(states);
    REQUIRE(states.get<int, int>("old").put(2, 20));
    REQUIRE(states.get<int, int>("new").put(1, 1));
    commit(states);
  }
  // One that remembers nothing saves what is there.
  partition_state states{{disk, "billing", "orders", 0}, 0};
  CHECK(**states.get<int, int>("new").get(1) == 1);
  REQUIRE(states.get<int, int>("new").put(1, 2));
  commit(states);
  commit(states);
  weir::store::record journal;
  const auto prefix = weir::delivery::journal_prefix(
      weir::delivery::state_place{disk, "billing", "orders", 0}.prefix());
  CHECK_FALSE(disk->last(weir::store::table::state, prefix, weir::store::prefix_end(prefix),
                         journal)
                  .value());
  CHECK(stored(*disk, "old") == std::map<int, int>{{1, 10}, {2, 20}});
  CHECK(stored(*disk, "new") == std::map<int, int>{{1, 2}});
  CHECK(**states.get<int, int>("new").get(1) == 2);
}

TEST_CASE("while a journal cannot be read its states say so, and then they are there",
          "[delivery]") {
  const auto disk = std::make_shared<memory_store>();
  {
    partition_state states{{disk, "billing", "orders", 0}, 100'000};
    REQUIRE(states.get<int, int>("sums").put(1, 10));
    states.accept();
    weir::store::changes group;
    states.write(group);
    REQUIRE(disk->commit(group));
  }
  partition_state states{{disk, "billing", "orders", 0}, 100'000};
  disk->set_faults({.fail_at_call = disk->calls() + 1});
  auto& sums = states.get<int, int>("sums");
  CHECK(sums.get(1).error().code == weir::errc::store_io);
  CHECK(sums.put(1, 11).error().code == weir::errc::store_io);
  CHECK(sums.scan([](int, int) {}).error().code == weir::errc::store_io);
  CHECK(**states.get<int, int>("sums").get(1) == 10);
}
