// SPDX-License-Identifier: BSD-3-Clause
// Whatever is damaged, what lies before the first and behind the last damaged record is read, once.
#include "weir/runtime/store/salvage.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "weir/runtime/store/memory_store.hpp"

using namespace weir::store;

namespace {

constexpr int records = 6;

std::string key_of(int number) { return "k" + std::to_string(number); }

void fill(memory_store& disk) {
  changes what;
  for (int i = 0; i < records; ++i) what.put(table::meta, key_of(i), "value");
  what.put(table::meta, "j", "outside");
  what.put(table::meta, "l", "outside");
  REQUIRE(disk.commit(what));
}

}  // namespace

TEST_CASE("what is not between two damaged records is read, and each of the two is named",
          "[store]") {
  for (unsigned mask = 0; mask < 1U << records; ++mask) {
    memory_store disk;
    fill(disk);
    int first = records;
    int last = -1;
    for (int i = 0; i < records; ++i) {
      if ((mask >> static_cast<unsigned>(i) & 1U) == 0) continue;
      disk.sealed(table::meta, key_of(i))->at(0) ^= 1;
      first = std::min(first, i);
      last = i;
    }
    std::multiset<std::string> seen;
    std::vector<std::string> damaged;
    REQUIRE(salvage(
        disk, table::meta, "k", "l",
        [&](std::string_view key, std::string_view value) {
          CHECK(value == "value");
          seen.emplace(key);
        },
        [&](const std::string& what) { damaged.push_back(what); }));
    std::multiset<std::string> expected;
    for (int i = 0; i < records; ++i) {
      if (i < first || i > last) expected.insert(key_of(i));
    }
    INFO("damaged: " << mask);
    CHECK(seen == expected);
    REQUIRE(damaged.size() == (last < 0 ? 0U : first == last ? 1U : 2U));
    if (last >= 0) CHECK_THAT(damaged.front(), Catch::Contains(key_of(first)));
    if (last > first) CHECK_THAT(damaged.back(), Catch::Contains(key_of(last)));
  }
}

TEST_CASE("a part of a table that cannot be read at all is an error", "[store]") {
  memory_store disk;
  fill(disk);
  disk.set_faults({.fail_at_call = disk.calls() + 1});
  const auto seen = salvage(disk, table::meta, "k", "l", [](auto, auto) {}, [](auto&) {});
  REQUIRE_FALSE(seen);
  CHECK(seen.error().code == weir::errc::store_io);
}
