// SPDX-License-Identifier: BSD-3-Clause
// Examining stores: sound ones, ones with records that fit nothing, and one with each of its bytes
// changed in turn: what is not found is harmless.
#include "weir/runtime/store/examine.hpp"

#include <cstdlib>
#include <iostream>

#include "weir/runtime/core/random.hpp"
#include "weir/runtime/store/inbox_record.hpp"
#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/runtime/store/sequence_record.hpp"
#include "weir/tests/runtime/store/rocksdb_rig.hpp"
#include "weir/tests/runtime/store/stored_logs.hpp"

using namespace store_tests;
using weir::store::examine;
using weir::store::key_writer;
using weir::store::memory_store;

namespace {

void put_all(changes& what) {
  put_events(what, "orders", 0, 0, 5);
  put_events(what, "orders", 0, 5, 4);
  put_events(what, "orders", 1, 3, 2);
  weir::store::put_position(what, "billing", "orders", 0, 9);
  weir::store::put_position(what, "billing", "orders", 1, 4);
  weir::store::put_sequence(what, "intake", "orders", 1, 77);
  weir::store::put_message(what, "orders", 1, "m", 10);
  what.put(table::meta, key_writer{}.text("yielding").text("orders").u32(1).text("x").bytes(),
           std::string_view{});
  what.put(table::meta, key_writer{}.text("replays").text("a").text("b").u32(1).bytes(),
           key_writer{}.u64(7).bytes());
}

std::vector<std::string> damages_of(const weir::store::store& disk) {
  std::vector<std::string> found;
  const auto done = examine(disk, [&](const std::string& what) { found.push_back(what); });
  REQUIRE(done);
  CHECK(done->damages == found.size());
  return found;
}

std::vector<std::string> damages_with(const std::function<void(changes&)>& spoil) {
  memory_store disk;
  changes what;
  put_all(what);
  spoil(what);
  REQUIRE(disk.commit(what));
  return damages_of(disk);
}

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("nothing is wrong with what the runtime writes", "[store][tools]") {
  memory_store disk;
  changes what;
  put_all(what);
  REQUIRE(disk.commit(what));
  const auto found = examine(disk, [](const std::string& wrong) { FAIL(wrong); });
  REQUIRE(found);
  CHECK(found->records == 9);
  CHECK(found->events == 11);
  CHECK(found->damages == 0);
}

TEST_CASE("records that fit nothing are found, each by a line that says where", "[store][tools]") {
  CHECK(damages_with([](changes& what) { put_events(what, "orders", 1, 8, 2); }) ==
        lines{"orders/1: offsets 5 to 7 are missing"});
  CHECK(damages_with([](changes& what) { put_events(what, "orders", 1, 4, 2); }) ==
        lines{"orders/1: offset 4 is there twice"});
  CHECK(damages_with([](changes& what) {
          weir::store::put_position(what, "audit", "orders", 1, 6);
        }) == lines{"audit has settled up to offset 6 of orders/1, which ends at 5"});
  CHECK(damages_with([](changes& what) { what.put(table::log, "x", "y"); }) ==
        lines{"log: x is no record of this table"});
  CHECK(damages_with([](changes& what) { what.put(table::meta, "x", "y"); }) ==
        lines{"meta: x is no record of this table"});
  CHECK(damages_with([](changes& what) { what.put(table::timers, "x", "y"); }) ==
        lines{"timers: x is no record of this table"});
  CHECK(damages_with([](changes& what) { what.put(table::positions, "x", "y"); }) ==
        lines{"positions: x is no record of this table"});
  const auto cut = damages_with([](changes& what) {
    changes whole;
    put_events(whole, "orders", 2, 0, 3);
    whole.visit([&](const weir::store::change& one) {
      what.put(table::log, one.key, one.second.substr(0, one.second.size() - 12));
    });
  });
  REQUIRE(cut.size() == 1);
  CHECK_THAT(cut.front(), Catch::StartsWith("orders/2: the record of offset 0: malformed"));
}

TEST_CASE("what examining a store with a changed byte does not find is harmless",
          "[store][tools]") {
  std::error_code code;
  scratch_directory scratch{fs::is_directory("/dev/shm", code) ? fs::path{"/dev/shm"}
                                                               : fs::temp_directory_path()};
  const auto path = scratch.fresh();
  changes what;
  put_all(what);
  REQUIRE(opened(path)->commit(what));
  {
    // One commit is sorted into files by the opening, the other stays in the log.
    const auto disk = opened(path);
    what.clear();
    put_events(what, "orders", 0, 9, 3);
    REQUIRE(disk->commit(what));
  }
  std::map<table, contents> intact;
  for (const auto which : weir::store::all_tables) intact[which] = scanned(*opened(path), which);

  constexpr std::uint64_t seed = 20261127;
  weir::random dice{seed};
  const auto step = std::getenv("WEIR_EVERY_BYTE") != nullptr ? 1U : 7U;
  std::uint64_t found = 0;
  std::uint64_t harmless = 0;
  for (const auto& entry : fs::recursive_directory_iterator{path}) {
    const auto name = entry.path().filename().string();
    if (!entry.is_regular_file() || name.starts_with("OPTIONS") || name == "LOCK") continue;
    const auto before = bytes_of(entry.path());
    for (auto at = dice.below(step); at < before.size(); at += step) {
      auto damaged = before;
      damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1U << dice.below(8)));
      write_file(entry.path(), damaged);
      const auto disk = rocksdb_store::open_read_only(path, small_limits);
      bool seen = !disk;
      if (disk) {
        const auto done = examine(**disk, [&](const std::string&) { seen = true; });
        seen = seen || !done;
      }
      ++(seen ? found : harmless);
      if (seen) continue;
      INFO(name << ", byte " << at);
      for (const auto which : weir::store::all_tables) {
        REQUIRE(scanned(**disk, which) == intact[which]);
      }
    }
    write_file(entry.path(), before);
  }
  std::cout << "examined with seed " << seed << ": " << found << " damages found, " << harmless
            << " harmless\n";
  CHECK(found > 300);
}
