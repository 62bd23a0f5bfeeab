// SPDX-License-Identifier: BSD-3-Clause
// Copies from store to store.
#include "weir/runtime/store/copy.hpp"

#include "weir/runtime/core/random.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/runtime/store/rocksdb_rig.hpp"

using namespace store_tests;
using weir::store::memory_store;

TEST_CASE("a copy has every record of every table, whatever the kinds of stores", "[store]") {
  memory_store from;
  changes what;
  weir::random chance{7};
  for (const auto which : weir::store::all_tables) {
    for (int i = 0; i < 200; ++i) {
      what.put(which, "k" + std::to_string(chance.below(1'000)),
               std::string(chance.below(90'000), 'v'));
    }
  }
  REQUIRE(from.commit(what));
  REQUIRE(what.bytes() > std::size_t{16} << 20);
  scratch_directory scratch;
  const auto into = opened(scratch.fresh());
  REQUIRE(weir::store::copy_records(from, *into));
  memory_store again;
  REQUIRE(weir::store::copy_records(*into, again));
  for (const auto which : weir::store::all_tables) {
    CHECK(scanned(from, which) == scanned(*into, which));
    CHECK(scanned(from, which) == scanned(again, which));
  }
}

TEST_CASE("a copy that cannot be written is no copy, and says so", "[store]") {
  memory_store from;
  changes what;
  what.put(table::log, "k", std::string(6 << 20, 'v'));
  what.put(table::log, "l", "v");
  REQUIRE(from.commit(what));
  memory_store full{{.fail_at_call = 1}};
  CHECK_FALSE(weir::store::copy_records(from, full));
}
