// SPDX-License-Identifier: BSD-3-Clause
// The embedded store keeps the contract of all stores; and what only a store on disk meets.
#include "weir/runtime/store/rocksdb_store.hpp"

#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <set>

#include "weir/tests/runtime/store/rocksdb_rig.hpp"

using weir::errc;
using namespace store_tests;

namespace {

std::unique_ptr<store_rig> make_rig() { return std::make_unique<rocksdb_rig>(); }

// Commits of `bytes` each until one fails; how many did not, and the failure.
std::pair<int, weir::error> commit_until_failure(weir::store::store& store, std::size_t bytes) {
  for (int done = 0; done < 10'000; ++done) {
    changes group;
    // Bytes that do not compress.
    std::string value(bytes, '\0');
    std::uint64_t noise = static_cast<std::uint64_t>(done) + 1;
    for (auto& c : value) c = static_cast<char>((noise = noise * 6364136223846793005 + 1) >> 56);
    group.put(table::log, "key " + std::to_string(done), value);
    if (auto failed = store.commit(group); !failed) return {done, failed.error()};
  }
  return {10'000, {}};
}

std::set<std::string> names_in(const fs::path& path) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator{path}) names.insert(entry.path().filename());
  return names;
}

// Mounts a small file system at `path`; unmounted with the object.
class small_disk {
 public:
  small_disk(fs::path path, const char* size) : path_(std::move(path)) {
    fs::create_directories(path_);
    mounted_ = mount("weir", path_.c_str(), "tmpfs", 0, size) == 0;
    why_ = errno;
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk() {
    if (mounted_) umount(path_.c_str());
  }
  bool mounted() const noexcept { return mounted_; }
  std::string why() const { return std::strerror(why_); }

 private:
  fs::path path_;
  bool mounted_ = false;
  int why_ = 0;
};

}  // namespace

TEST_CASE("the embedded store keeps its contract", "[store][contract]") {
  store_contract(make_rig);
}

TEST_CASE("the embedded store behaves as plain maps do", "[store][property]") {
  store_property(make_rig, 12);
}

TEST_CASE("a second opener is refused with the process that has the store", "[store]") {
  rocksdb_rig rig;
  const auto refused = rocksdb_store::open(rig.path());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::store_locked);
  CHECK(refused.error().message.find("process " + std::to_string(getpid())) != std::string::npos);
}

TEST_CASE("a killed owner leaves what it acknowledged, and no lock", "[store]") {
  scratch_directory scratch;
  const auto path = scratch.fresh();
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto store = rocksdb_store::open(path, small_limits);
    changes group;
    group.put(table::log, "a", "1");
    if (store && (*store)->commit(group)) raise(SIGKILL);
    _exit(1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(scanned(*opened(path), table::log) == contents{{"a", "1"}});
}

TEST_CASE("a reader beside the owner sees what was committed when it was opened", "[store]") {
  rocksdb_rig rig;
  commit_all(rig.get(), table::log, {{"a", "1"}});
  const auto first = rocksdb_store::open_read_only(rig.path(), small_limits);
  REQUIRE(first);
  const auto names = names_in(rig.path() / "engine");
  commit_all(rig.get(), table::log, {{"b", "2"}});
  CHECK(scanned(**first, table::log) == contents{{"a", "1"}});
  const auto second = rocksdb_store::open_read_only(rig.path(), small_limits);
  REQUIRE(second);
  CHECK(scanned(**second, table::log).size() == 2);
  CHECK(names_in(rig.path() / "engine") == names);
  // The owner goes on while its files are being read, and replaces them.
  for (int round = 0; round < 8; ++round) {
    commit_all(rig.get(), table::log, {{"c", std::string(600'000, 'v')}});
  }
  CHECK(scanned(**second, table::log).size() == 2);
  const auto third = rocksdb_store::open_read_only(rig.path(), small_limits);
  REQUIRE(third);
  CHECK(scanned(**third, table::log).size() == 3);
}

TEST_CASE("reading where no store is says so", "[store]") {
  scratch_directory scratch;
  const auto path = scratch.fresh();
  const auto refused = rocksdb_store::open_read_only(path);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::not_found);
  CHECK(refused.error().message == "no store in " + path.string());
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("limits that cannot work are refused by name", "[store]") {
  scratch_directory scratch;
  auto limits = small_limits;
  limits.memtable_bytes = 1000;
  CHECK(rocksdb_store::open(scratch.fresh(), limits).error().message ==
        "memtable_bytes must be at least 1 MiB");
  limits = small_limits;
  limits.open_files_max = 15;
  CHECK(rocksdb_store::open_read_only(scratch.fresh(), limits).error().code ==
        errc::invalid_argument);
}

TEST_CASE("an engine whose files are missing is a loss, not a new store", "[store]") {
  rocksdb_rig rig;
  commit_all(rig.get(), table::log, {{"a", "1"}});
  scratch_directory scratch;
  const auto copy = scratch.fresh();
  fs::copy(rig.path(), copy, fs::copy_options::recursive);
  SECTION("all of them") { fs::remove_all(copy / "engine"); }
  SECTION("the one that names the others") { fs::remove(copy / "engine" / "CURRENT"); }
  SECTION("the log") {
    for (const auto& entry : fs::directory_iterator{copy / "engine"}) {
      if (entry.path().extension() == ".log") fs::remove(entry.path());
    }
  }
  SECTION("all of them, and the format") {
    fs::remove_all(copy / "engine");
    fs::remove(copy / "format");
  }
  const auto refused = rocksdb_store::open(copy, small_limits);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::store_corrupt);
  CHECK(refused.error().message.find(copy.string()) != std::string::npos);
}

TEST_CASE("a beginning that was interrupted is begun again", "[store]") {
  rocksdb_rig rig;
  scratch_directory scratch;
  const auto copy = scratch.fresh();
  fs::copy(rig.path(), copy, fs::copy_options::recursive);
  fs::remove(copy / "format");
  CHECK(scanned(*opened(copy), table::log).empty());
  CHECK(fs::exists(copy / "format"));
}

TEST_CASE("half a checkpoint is no store", "[store]") {
  scratch_directory scratch;
  const auto path = scratch.fresh();
  fs::create_directories(path / "engine.tmp");
  CHECK(rocksdb_store::open(path).error().code == errc::not_a_store);
}

TEST_CASE("files are replaced many times and memory stays what it was told", "[store]") {
  rocksdb_rig rig;
  contents all;
  changes group;
  for (int round = 0; round < 40; ++round) {
    const auto key = std::to_string(round % 8);
    all[key] = std::string(200'000, static_cast<char>('a' + round % 20));
    group.clear();
    group.put(table::state, key, all[key]);
    REQUIRE(rig.get().commit(group));
  }
  rig.reopen();
  CHECK(scanned(rig.get(), table::state) == all);
}

TEST_CASE("a full disk refuses the commit, names the directory, and loses nothing", "[store]") {
  scratch_directory scratch;
  const auto disk = scratch.path() / "disk";
  const small_disk small{disk, "size=6m"};
  if (!small.mounted()) {
    std::cout << "skipped: a full disk needs a mount, which is refused here: " << small.why()
              << '\n';
    return;
  }
  const auto path = disk / "data";
  auto store = opened(path);
  const auto [done, failure] = commit_until_failure(*store, 50'000);
  INFO(done << " commits, then " << to_string(failure));
  REQUIRE(done > 10);
  REQUIRE(done < 10'000);
  CHECK(failure.code == errc::store_full);
  CHECK(failure.message.starts_with(path.string()));
  CHECK(failure.message.find('\n') == std::string::npos);
  CHECK(scanned(*store, table::log).size() == static_cast<std::size_t>(done));
  changes easy;
  easy.put(table::log, "easy", "");
  CHECK(store->commit(easy).error().code == errc::store_failed);
  const auto found = rocksdb_store::open_read_only(path, small_limits);
  REQUIRE(found);
  const auto held = scanned(**found, table::log).size();
  CHECK(held >= static_cast<std::size_t>(done));
  CHECK(held <= static_cast<std::size_t>(done) + 1);
  store.reset();
  // Opening wants a little room itself; without, it says the same and changes nothing.
  auto reopened = rocksdb_store::open(path, small_limits);
  CHECK((reopened || reopened.error().code == errc::store_full));
  if (reopened) (*reopened).reset();
  REQUIRE(mount("weir", disk.c_str(), "tmpfs", MS_REMOUNT, "size=40m") == 0);
  CHECK(scanned(*opened(path), table::log).size() == held);
}
