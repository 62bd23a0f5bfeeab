// SPDX-License-Identifier: BSD-3-Clause
// Golden directories: what earlier versions wrote is read for ever. They are never opened
// themselves, only copies. What is in format_1: in every table the keys 0 to 19 with values, of
// which 5 to 9 were erased in a later commit; the log also has a value of many blocks; `meta` has
// one key that is still in RocksDB's log, because the process was killed.
#include "weir/tests/runtime/store/rocksdb_rig.hpp"

#include "weir/runtime/store/key.hpp"

using namespace store_tests;
using weir::store::key_writer;

namespace {

contents golden(table where) {
  contents all;
  for (std::uint32_t number = 0; number < 20; ++number) {
    if (number >= 5 && number < 10) continue;
    const auto key = key_writer{}.text("golden").u32(number).take();
    all[key] = std::string{to_string(where)} + " value " + std::to_string(number);
  }
  if (where == table::log) all["large"] = std::string(10'000, 'L');
  if (where == table::meta) all["killed"] = "after this";
  return all;
}

}  // namespace

TEST_CASE("a store of format 1 is read for ever", "[store]") {
  const auto original = fs::path{WEIR_SOURCE_DIR} / "tests/runtime/store/golden/format_1";
  scratch_directory scratch;
  const auto copy = scratch.fresh();
  fs::copy(original, copy, fs::copy_options::recursive);
  const auto reader = rocksdb_store::open_read_only(copy, small_limits);
  INFO((reader ? std::string{} : to_string(reader.error())));
  REQUIRE(reader);
  for (const auto where : weir::store::all_tables) CHECK(scanned(**reader, where) == golden(where));
  const auto owner = opened(copy);
  for (const auto where : weir::store::all_tables) CHECK(scanned(*owner, where) == golden(where));
  commit_all(*owner, table::state, {{"new", "value"}});
}
