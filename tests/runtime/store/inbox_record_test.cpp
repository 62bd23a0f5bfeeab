// SPDX-License-Identifier: BSD-3-Clause
// Records of message ids.
#include "weir/runtime/store/inbox_record.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include "weir/runtime/store/memory_store.hpp"

using namespace weir::store;

namespace {

std::vector<std::string> ids_of(const memory_store& disk, std::string_view topic) {
  std::vector<std::string> ids;
  REQUIRE(visit_messages(disk, topic, [&](std::uint64_t number, std::string_view id) {
    ids.push_back(std::to_string(number) + " " + std::string{id});
  }));
  return ids;
}

}  // namespace

TEST_CASE("a topic's message ids come in the order of their numbers, the old ones gone",
          "[store][inbox]") {
  memory_store disk;
  changes what;
  for (std::uint64_t number = 1; number <= 300; ++number) {
    put_message(what, "orders", number, "m" + std::to_string(number), 3);
    put_message(what, "orders.eu", number, "other", 2);
  }
  REQUIRE(disk.commit(what));
  CHECK(ids_of(disk, "orders") == std::vector<std::string>{"298 m298", "299 m299", "300 m300"});
  CHECK(ids_of(disk, "orders.eu").size() == 2);
  what.clear();
  forget_messages(what, "orders", 300);
  REQUIRE(disk.commit(what));
  CHECK(ids_of(disk, "orders") == std::vector<std::string>{"300 m300"});
  CHECK(ids_of(disk, "orders.eu").size() == 2);
  CHECK(ids_of(disk, "order").empty());
}
