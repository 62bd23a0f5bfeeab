// SPDX-License-Identifier: BSD-3-Clause
// All states of a subscription in a partition: names, and the numbers of commits.
#include "weir/runtime/delivery/partition_state.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/store/memory_store.hpp"

using weir::delivery::partition_state;
using weir::store::memory_store;

TEST_CASE("a subscription has at most 64 states, and commits are numbered", "[delivery]") {
  const auto disk = std::make_shared<memory_store>();
  partition_state states{{disk, "billing", "orders", 0}, 1000};
  for (int i = 0; i < 64; ++i) {
    REQUIRE(states.get<int, int>("s" + std::to_string(i)).put(i, i));
  }
  CHECK_THROWS_WITH((states.get<int, int>("one more")), Catch::Contains("one too many"));
  CHECK(*(*states.get<int, int>("s7").get(7)) == 7);
  states.accept();
  weir::store::changes group;
  CHECK(states.write(group) == 1);
  CHECK(group.size() == 64);
  CHECK(states.write(group) == 2);
  CHECK(group.size() == 64);
}
