// SPDX-License-Identifier: BSD-3-Clause
// Keys to partitions: frozen answers, because order per key depends on them, and an even spread.
#include "weir/runtime/topic/partitioner.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using weir::topic::partition_of;

TEST_CASE("the partition of a key is frozen", "[topic]") {
  struct row {
    std::string key;
    std::uint32_t of_4, of_7, of_1024;
  };
  for (const auto& [key, of_4, of_7, of_1024] : std::vector<row>{
           {"", 0, 1, 180},
           {"a", 3, 6, 923},
           {"c-7", 1, 2, 305},
           {"order-1", 1, 2, 383},
           {"JFK", 0, 1, 161},
           {"LAX", 2, 5, 743},
           {"customer-000000000000000000000000000042", 3, 6, 979},
           {"Zürich", 0, 0, 46},
       }) {
    CAPTURE(key);
    CHECK(partition_of(key, 4) == of_4);
    CHECK(partition_of(key, 7) == of_7);
    CHECK(partition_of(key, 1024) == of_1024);
  }
}

TEST_CASE("hashes at the ends go to the first and the last partition", "[topic]") {
  CHECK(partition_of(std::uint64_t{0}, 5) == 0);
  CHECK(partition_of(~std::uint64_t{0}, 5) == 4);
  CHECK(partition_of(~std::uint64_t{0}, 1) == 0);
  CHECK(partition_of(~std::uint64_t{0}, 0xffff'ffff) == 0xffff'fffe);
}

TEST_CASE("a partition is always one of those there are", "[topic][property]") {
  rc::prop("below the count, and the same for a key and its hash", [](const std::string& key) {
    const auto partitions = *rc::gen::inRange<std::uint32_t>(1, 2000);
    const auto partition = partition_of(key, partitions);
    RC_ASSERT(partition < partitions);
    RC_ASSERT(partition == partition_of(weir::stable_hash(key), partitions));
  });
}

TEST_CASE("keys that differ in a digit spread evenly", "[topic]") {
  const auto partitions = GENERATE(2U, 3U, 4U, 7U, 16U);
  std::vector<int> counts(partitions);
  constexpr int keys = 20'000;
  for (int i = 0; i < keys; ++i)
    ++counts[partition_of("customer-" + std::to_string(i), partitions)];
  const auto [fewest, most] = std::minmax_element(counts.begin(), counts.end());
  CHECK(*fewest > keys / static_cast<int>(partitions) * 9 / 10);
  CHECK(*most < keys / static_cast<int>(partitions) * 11 / 10);
}
