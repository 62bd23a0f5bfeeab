// SPDX-License-Identifier: BSD-3-Clause
// A RocksDB store under test, in a folder of its own.
#pragma once

#include <sys/resource.h>

#include <csignal>

#include "weir/runtime/store/rocksdb_store.hpp"
#include "weir/tests/runtime/store/scratch_directory.hpp"
#include "weir/tests/runtime/store/store_contract.hpp"

namespace store_tests {

using weir::store::rocksdb_store;

/// Small, so that tests meet the limits.
inline constexpr weir::store::rocksdb_limits small_limits{
    .memtable_bytes = std::size_t{1} << 20, .cache_bytes = std::size_t{1} << 20,
    .open_files_max = 16};

/// Must open.
inline std::unique_ptr<rocksdb_store> opened(const fs::path& path) {
  auto store = rocksdb_store::open(path, small_limits);
  INFO((store ? std::string{} : to_string(store.error())));
  REQUIRE(store);
  return std::move(*store);
}

/// While it lives, no file of this process grows beyond `bytes`: writes fail as on a bad disk.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limited);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;
  ~file_size_limit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

class rocksdb_rig final : public store_rig {
 public:
  rocksdb_rig() : path_(scratch_.fresh()), store_(opened(path_)) {}
  weir::store::store& get() override { return *store_; }
  void reopen() override {
    limit_.reset();
    store_.reset();
    store_ = opened(path_);
  }
  std::unique_ptr<weir::store::store> open_checkpoint(const fs::path& directory) override {
    return opened(directory);
  }
  void break_disk() override { limit_ = std::make_unique<file_size_limit>(50'000); }
  fs::path fresh_path() override { return scratch_.fresh(); }
  const fs::path& path() const noexcept { return path_; }

 private:
  scratch_directory scratch_;
  fs::path path_;
  std::unique_ptr<file_size_limit> limit_;
  std::unique_ptr<rocksdb_store> store_;
};

}  // namespace store_tests
