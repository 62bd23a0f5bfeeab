// SPDX-License-Identifier: BSD-3-Clause
// What is kept for a key, from rows and journal, and back as rows.
#include "weir/runtime/delivery/state_snapshot.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/delivery/partition_state.hpp"
#include "weir/runtime/store/memory_store.hpp"

using namespace weir::delivery;
using weir::store::memory_store;

namespace {

state_place place_in(const std::shared_ptr<memory_store>& disk) {
  return {disk, "billing", "orders", 3};
}

/// Commits what was done with states.
void write(memory_store& disk, partition_state& states) {
  states.accept();
  weir::store::changes group;
  const auto number = states.write(group);
  REQUIRE(disk.commit(group));
  *states.mark() = number;
}

std::vector<std::string> names_in(const state_snapshot& seen) {
  std::vector<std::string> names;
  for (const auto& one : seen.values) names.push_back(one.name);
  return names;
}

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a snapshot has the states of a key, whether in rows or only in the journal",
          "[delivery]") {
  const auto disk = std::make_shared<memory_store>();
  const auto place = place_in(disk);
  CHECK(!states_for_key(place, "7")->keeps);
  // Rows of an earlier run, and what the journal says over them.
  weir::store::changes rows;
  for (const auto* name : {"gone", "kept"}) {
    std::string value;
    write_value<std::int64_t>(1, value);
    put_row(place, {name, "7", value}, rows);
  }
  REQUIRE(disk->commit(rows));
  partition_state states{place, 100'000};
  REQUIRE(states.get<std::string, std::int64_t>("gone").erase("7"));
  REQUIRE(states.get<std::string, std::int64_t>("text").put("7", 2));
  REQUIRE(states.get<std::string, std::int64_t>("text").put("8", 3));
  REQUIRE(states.get<int, std::string>("signed").put(7, "seven"));
  REQUIRE(states.get<unsigned, std::string>("unsigned").put(7, "seven"));
  write(*disk, states);
  const auto seen = states_for_key(place, "7");
  REQUIRE(seen);
  CHECK(seen->keeps);
  CHECK(names_in(*seen) == names{"kept", "signed", "text", "unsigned"});
  CHECK(names_in(*states_for_key(place, "8")) == names{"text"});
  const auto other = states_for_key({disk, "billing", "orders", 4}, "7");
  CHECK(other->keeps);
  CHECK(other->values.empty());
  CHECK(!states_for_key({disk, "audit", "orders", 3}, "7")->keeps);
}

TEST_CASE("what a snapshot has is what a state begins with where it is put", "[delivery]") {
  const auto disk = std::make_shared<memory_store>();
  partition_state states{place_in(disk), 100'000};
  REQUIRE(states.get<int, std::string>("notes").put(-7, "minus"));
  write(*disk, states);
  const auto seen = states_for_key(place_in(disk), "-7");
  REQUIRE(seen);
  REQUIRE(seen->values.size() == 1);
  const auto fresh = std::make_shared<memory_store>();
  const state_place there{fresh, "billing", "orders", 0};
  weir::store::changes rows;
  for (const auto& one : seen->values) put_row(there, one, rows);
  REQUIRE(fresh->commit(rows));
  partition_state again{there, 100'000};
  const auto value = again.get<int, std::string>("notes").get(-7);
  REQUIRE(value);
  REQUIRE(*value != nullptr);
  CHECK(**value == "minus");
}
