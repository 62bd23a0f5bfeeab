// SPDX-License-Identifier: BSD-3-Clause
// Surveys of a store whose contents are known.
#include "weir/runtime/store/survey.hpp"

#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/runtime/store/stored_logs.hpp"

using namespace weir::store;
using store_tests::put_events;
using weir::errc;

TEST_CASE("logs are surveyed by topic and partition", "[store][tools]") {
  memory_store disk;
  changes what;
  put_events(what, "orders", 0, 0, 5);
  put_events(what, "orders", 0, 5, 7);
  put_events(what, "orders", 3, 40, 2);
  put_events(what, "orders.eu", 1, 0, 1);
  REQUIRE(disk.commit(what));
  const auto logs = survey_logs(disk).value();
  REQUIRE(logs.size() == 3);
  const auto& first = logs.at({"orders", 0});
  CHECK(first.first == 0);
  CHECK(first.end == 12);
  CHECK(first.records == 2);
  CHECK(first.bytes > 0);
  CHECK(first.newest == weir::timestamp{std::chrono::seconds{11}});
  CHECK(logs.at({"orders", 3}).first == 40);
  CHECK(logs.at({"orders", 3}).end == 42);

  const auto ends = ends_of(disk, "orders").value();
  REQUIRE(ends.size() == 2);
  CHECK(ends.at(0).end == 12);
  CHECK(ends.at(3).first == 40);
  CHECK(ends.at(3).end == 42);
  CHECK(ends_of(disk, "order").value().empty());
}

TEST_CASE("positions are surveyed, and records counted", "[store][tools]") {
  memory_store disk;
  changes what;
  put_position(what, "billing", "orders", 2, 17);
  put_position(what, "audit", "orders", 0, 1);
  REQUIRE(disk.commit(what));
  const auto all = survey_positions(disk).value();
  REQUIRE(all.size() == 2);
  CHECK(all[0].subscription == "audit");
  CHECK(all[1].subscription == "billing");
  CHECK(all[1].topic == "orders");
  CHECK(all[1].partition == 2);
  CHECK(all[1].settled == 17);
  CHECK(count_records(disk, table::positions).value() == 2);
  CHECK(count_records(disk, table::timers).value() == 0);
}

TEST_CASE("what is no record of its table is named", "[store][tools]") {
  memory_store disk;
  changes what;
  what.put(table::log, "x", "y");
  what.put(table::positions, "x", "y");
  REQUIRE(disk.commit(what));
  const auto logs = survey_logs(disk);
  REQUIRE_FALSE(logs);
  CHECK(to_string(logs.error()) == "store_corrupt: log: x is no record of this table");
  const auto positions = survey_positions(disk);
  REQUIRE_FALSE(positions);
  CHECK(to_string(positions.error()) == "store_corrupt: positions: x is no record of this table");
}
