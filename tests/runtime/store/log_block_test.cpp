// SPDX-License-Identifier: BSD-3-Clause
// Ends of logs, cut short and damaged. The records are RocksDB's own.
#include "weir/runtime/store/log_block.hpp"

#include "weir/tests/runtime/store/rocksdb_rig.hpp"

using weir::store::hides_damage;
using weir::store::log_block_size;
using namespace store_tests;

namespace {

// The log of a store with a commit of each size.
std::string real_log(std::initializer_list<std::size_t> sizes) {
  rocksdb_rig rig;
  for (const auto size : sizes) commit_all(rig.get(), table::log, {{"a", std::string(size, 'v')}});
  std::string bytes;
  for (const auto& entry : fs::directory_iterator{rig.path() / "engine"}) {
    if (entry.path().extension() == ".log") bytes = bytes_of(entry.path());
  }
  REQUIRE(bytes.size() > 300);
  return bytes;
}

std::size_t second_record(const std::string& log) {
  return 7 + static_cast<unsigned char>(log[4]) + 256U * static_cast<unsigned char>(log[5]);
}

}  // namespace

TEST_CASE("a log that is whole or was cut anywhere hides nothing", "[store]") {
  const auto log = real_log({300, 1});
  REQUIRE(log.size() < log_block_size);
  for (std::size_t size = 0; size <= log.size(); ++size) {
    INFO(size << " of " << log.size());
    CHECK_FALSE(hides_damage(std::string_view{log}.substr(0, size), true));
  }
  const auto large = real_log({100'000});
  for (std::size_t at = 0; at < large.size(); at += log_block_size) {
    const auto block = std::string_view{large}.substr(at, log_block_size);
    CHECK_FALSE(hides_damage(block, at + log_block_size >= large.size()));
  }
}

TEST_CASE("damage that looks like an end is found, in the last record and before", "[store]") {
  const auto log = real_log({300, 1});
  REQUIRE(second_record(log) < log.size());
  for (const auto record : {std::size_t{0}, second_record(log)}) {
    INFO("record at " << record);
    auto too_long = log;
    too_long[record + 5] = static_cast<char>(too_long[record + 5] ^ 0x40);
    CHECK(hides_damage(too_long, true));
    auto never_whole = too_long;
    never_whole[record] = static_cast<char>(never_whole[record] ^ 1);
    CHECK_FALSE(hides_damage(never_whole, true));
    auto reused = log;
    reused[record + 6] = static_cast<char>(reused[record + 6] ^ 4);
    CHECK(hides_damage(reused, true));
    CHECK(hides_damage(reused, false));
    auto gap = log;
    gap.replace(record, 7, std::string(7, '\0'));
    CHECK(hides_damage(gap, true));
  }
  CHECK_FALSE(hides_damage(log + std::string(100, '\0'), true));
  CHECK(hides_damage(log + std::string(100, '\0'), false));
}
