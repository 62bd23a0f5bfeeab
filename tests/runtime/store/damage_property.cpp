// SPDX-License-Identifier: BSD-3-Clause
// Damage: every byte of a small store's files changed in turn, and the files cut short. Whatever is
// changed, what the store serves is what was committed, or it says store_corrupt.
#include <algorithm>
#include <iostream>

#include "weir/runtime/core/random.hpp"
#include "weir/tests/runtime/store/rocksdb_rig.hpp"

using weir::errc;
using namespace store_tests;

namespace {

constexpr std::uint64_t seed = 20261126;

// In memory where there is such a place: thousands of openings want no disk.
fs::path fast_place() {
  std::error_code code;
  return fs::is_directory("/dev/shm", code) ? fs::path{"/dev/shm"} : fs::temp_directory_path();
}

const contents in_log{{"a", "one"}, {"b", std::string(40, 'x')}, {"c", "three"}};
const contents in_state{{"k", "v"}, {"l", ""}};

// Two commits sorted into files, one in the log: what a kill leaves behind.
void make_killed_store(const fs::path& at) {
  scratch_directory scratch{fast_place()};
  const auto path = scratch.fresh();
  commit_all(*opened(path), table::log, {{"a", "one"}, {"b", "old"}});
  const auto store = opened(path);
  changes group;
  group.put(table::log, "b", in_log.at("b"));
  group.put(table::log, "c", in_log.at("c"));
  REQUIRE(store->commit(group));
  commit_all(*store, table::state, in_state);
  fs::copy(path, at, fs::copy_options::recursive);
}

enum class outcome { harmless, detected, wrong };

// Whether the scan served only what was committed, and all of it unless it said otherwise.
outcome read(const weir::store::store& store, table where, const contents& expected,
             std::string& story) {
  std::size_t served = 0;
  bool wrong = false;
  const auto done = store.scan(where, "", "", [&](std::string_view key, std::string_view value) {
    const auto found = expected.find(std::string{key});
    wrong = wrong || found == expected.end() || found->second != value;
    ++served;
    return true;
  });
  if (!done) story = to_string(done.error());
  wrong = wrong || (!done && done.error().code != errc::store_corrupt);
  if (wrong || (done && served != expected.size())) return outcome::wrong;
  return done ? outcome::harmless : outcome::detected;
}

template <class Opened>
outcome outcome_of(const Opened& store, std::string& story) {
  if (!store) {
    story = to_string(store.error());
    const auto code = store.error().code;
    const bool named = code == errc::store_corrupt || code == errc::store_newer_format ||
                       code == errc::not_found;
    return named ? outcome::detected : outcome::wrong;
  }
  const auto log = read(**store, table::log, in_log, story);
  const auto state = read(**store, table::state, in_state, story);
  return std::max(log, state);
}

std::vector<fs::path> files_of(const fs::path& path) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator{path}) {
    const auto name = entry.path().filename().string();
    // What RocksDB writes and never reads; the test below opens a store without.
    const bool talk = name.starts_with("OPTIONS") || name == "LOCK";
    if (entry.is_regular_file() && !talk) files.push_back(fs::relative(entry.path(), path));
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct counts {
  std::uint64_t harmless = 0, detected = 0, wrong = 0;
  void add(outcome one, const std::string& what, const std::string& story) {
    ++(one == outcome::harmless ? harmless : one == outcome::detected ? detected : wrong);
    if (one == outcome::wrong) std::cout << "wrong: " << what << ": " << story << '\n';
  }
  void add(const counts& other) {
    harmless += other.harmless;
    detected += other.detected;
    wrong += other.wrong;
  }
  std::string text() const {
    return std::to_string(harmless + detected + wrong) + " damages, " + std::to_string(detected) +
           " detected, " + std::to_string(harmless) + " harmless, " + std::to_string(wrong) +
           " served wrong";
  }
};

}  // namespace

TEST_CASE("every byte of a small store changed in turn is detected or harmless", "[store]") {
  scratch_directory scratch{fast_place()};
  const auto path = scratch.fresh();
  make_killed_store(path);
  std::cout << "damage with seed " << seed << '\n';
  weir::random dice{seed};
  counts all;
  for (const auto& name : files_of(path)) {
    const auto intact = bytes_of(path / name);
    const bool table_file = name.extension() == ".sst";
    counts here;
    // One random bit of each byte of a table, and every bit of what says which tables there are.
    for (std::size_t bit = 0; bit < 8 * intact.size(); bit += table_file ? 8 : 1) {
      const auto flipped = table_file ? dice.below(8) : bit % 8;
      auto damaged = intact;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ static_cast<char>(1U << flipped));
      write_file(path / name, damaged);
      std::string story;
      const auto result = outcome_of(rocksdb_store::open_read_only(path, small_limits), story);
      here.add(result, name.string() + ", bit " + std::to_string(bit), story);
    }
    write_file(path / name, intact);
    std::cout << name.string() << ": " << here.text() << '\n';
    all.add(here);
  }
  CHECK(all.wrong == 0);
  CHECK(all.detected > 5000);
  std::string story;
  CHECK(outcome_of(rocksdb_store::open_read_only(path, small_limits), story) == outcome::harmless);
}

TEST_CASE("an owner that opens a damaged store serves nothing wrong either", "[store]") {
  scratch_directory scratch{fast_place()};
  const auto path = scratch.fresh();
  make_killed_store(path);
  weir::random dice{seed};
  counts all;
  for (const auto& name : files_of(path)) {
    for (int tries = 0; tries < 12; ++tries) {
      const auto copy = scratch.fresh();
      fs::copy(path, copy, fs::copy_options::recursive);
      auto damaged = bytes_of(copy / name);
      const auto at = dice.below(damaged.size());
      damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1U << dice.below(8)));
      write_file(copy / name, damaged);
      std::string story;
      const auto result = outcome_of(rocksdb_store::open(copy, small_limits), story);
      all.add(result, name.string() + ", byte " + std::to_string(at), story);
      fs::remove_all(copy);
    }
  }
  std::cout << "opened by an owner: " << all.text() << '\n';
  CHECK(all.wrong == 0);
  CHECK(all.detected > 30);
}

TEST_CASE("a log cut anywhere by other than a kill is missed, down to the last byte", "[store]") {
  scratch_directory scratch{fast_place()};
  const auto path = scratch.fresh();
  make_killed_store(path);
  for (const auto& name : files_of(path)) {
    if (name.extension() != ".log") continue;
    const auto intact = bytes_of(path / name);
    for (std::size_t size = 0; size < intact.size(); ++size) {
      write_file(path / name, intact.substr(0, size));
      const auto refused = rocksdb_store::open_read_only(path, small_limits);
      INFO(size << " of " << intact.size() << " bytes");
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == errc::store_corrupt);
      CHECK(refused.error().message.find("commits were acknowledged") != std::string::npos);
    }
    // After a loss of power nobody knows what was acknowledged: then it is whole commits, in order.
    fs::remove(path / "witness");
    for (std::size_t size = 0; size < intact.size(); ++size) {
      write_file(path / name, intact.substr(0, size));
      const auto found = rocksdb_store::open_read_only(path, small_limits);
      INFO(size << " of " << intact.size() << " bytes");
      REQUIRE(found);
      const auto log = scanned(**found, table::log), state = scanned(**found, table::state);
      CHECK((log.size() == 2 || log == in_log));
      CHECK((state.empty() || (state == in_state && log == in_log)));
    }
  }
}

TEST_CASE("what RocksDB writes for people is not read", "[store]") {
  scratch_directory scratch{fast_place()};
  const auto path = scratch.fresh();
  make_killed_store(path);
  for (const auto& entry : fs::directory_iterator{path / "engine"}) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("OPTIONS")) write_file(entry.path(), "damaged");
  }
  CHECK(scanned(*opened(path), table::log) == in_log);
}
