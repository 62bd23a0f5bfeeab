// SPDX-License-Identifier: BSD-3-Clause
// Records of producers' sequences.
#include "weir/runtime/store/sequence_record.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/memory_store.hpp"

using namespace weir::store;

TEST_CASE("each producer has a sequence of its own in each partition of each topic", "[store]") {
  memory_store disk;
  changes what;
  std::uint64_t number = 0;
  for (const auto* name : {"a", "b"}) {
    for (const auto* topic : {"orders", "orders.eu"}) {
      for (std::uint32_t partition = 0; partition < 3; ++partition) {
        put_sequence(what, name, topic, partition, ++number);
      }
    }
  }
  REQUIRE(disk.commit(what));
  number = 0;
  for (const auto* name : {"a", "b"}) {
    for (const auto* topic : {"orders", "orders.eu"}) {
      for (std::uint32_t partition = 0; partition < 3; ++partition) {
        CHECK(last_sequence(disk, name, topic, partition).value() == ++number);
      }
    }
  }
  CHECK_FALSE(last_sequence(disk, "a", "orders", 3).value());
  CHECK_FALSE(last_sequence(disk, "c", "orders", 0).value());
}

TEST_CASE("a record that is no sequence is damage, and says whose", "[store]") {
  memory_store disk;
  changes what;
  what.put(table::meta,
           key_writer{}.text("producers").text("orders").u32(2).text("a").bytes(), "short");
  REQUIRE(disk.commit(what));
  const auto found = last_sequence(disk, "a", "orders", 2);
  REQUIRE_FALSE(found);
  CHECK(to_string(found.error()) ==
        "store_corrupt: how far producer a has come in orders/2 is no sequence");
}
