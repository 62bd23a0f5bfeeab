// SPDX-License-Identifier: BSD-3-Clause
// Walking over logs, from any offset.
#include "weir/runtime/store/log_cursor.hpp"

#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/runtime/store/stored_logs.hpp"

using namespace weir::store;
using store_tests::put_events;

namespace {

std::vector<std::uint64_t> rest_of(log_cursor& cursor) {
  std::vector<std::uint64_t> offsets;
  weir::codec::stored_event event;
  for (;;) {
    const auto more = cursor.next(event);
    REQUIRE(more);
    if (!*more) return offsets;
    CHECK(event.key == "k" + std::to_string(event.offset % 4));
    const auto& type = cursor.type_of(event);
    CHECK(type.name == (event.offset % 3 == 0 ? "codec_tests.placed" : "codec_tests.ticked"));
    offsets.push_back(event.offset);
  }
}

std::vector<std::uint64_t> from_to(std::uint64_t from, std::uint64_t end) {
  std::vector<std::uint64_t> all;
  for (; from < end; ++from) all.push_back(from);
  return all;
}

}  // namespace

TEST_CASE("a cursor begins at any offset, and goes on with what comes", "[store][tools]") {
  const auto disk = std::make_shared<memory_store>();
  changes what;
  put_events(what, "orders", 1, 20, 5);
  put_events(what, "orders", 1, 25, 1);
  put_events(what, "orders", 1, 26, 6, weir::payload_format::json);
  put_events(what, "orders", 2, 0, 3);
  REQUIRE(disk->commit(what));
  for (std::uint64_t from = 0; from < 40; ++from) {
    INFO("from " << from);
    log_cursor cursor{disk, "orders", 1, from};
    CHECK(rest_of(cursor) == from_to(std::max<std::uint64_t>(from, 20), 32));
  }
  log_cursor cursor{disk, "orders", 1, 30};
  CHECK(rest_of(cursor) == from_to(30, 32));
  CHECK(cursor.format() == weir::payload_format::json);
  what.clear();
  put_events(what, "orders", 1, 32, 4);
  REQUIRE(disk->commit(what));
  CHECK(rest_of(cursor) == from_to(32, 36));
  CHECK(cursor.format() == weir::payload_format::binary);
}

TEST_CASE("a cursor says where it cannot go on", "[store][tools]") {
  const auto disk = std::make_shared<memory_store>();
  changes what;
  put_events(what, "orders", 1, 0, 5);
  what.put(table::log, key_writer{}.text("orders").u32(1).u64(5).bytes(), "nothing");
  REQUIRE(disk->commit(what));
  log_cursor cursor{disk, "orders", 1, 4};
  weir::codec::stored_event event;
  REQUIRE(cursor.next(event).value());
  for (int times = 0; times < 2; ++times) {
    const auto more = cursor.next(event);
    REQUIRE_FALSE(more);
    CHECK(more.error().code == weir::errc::store_corrupt);
    CHECK_THAT(more.error().message, Catch::StartsWith("orders/1: the record of offset 5: "));
  }
}
