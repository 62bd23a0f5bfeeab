// SPDX-License-Identifier: BSD-3-Clause
// The embedded store: RocksDB in a directory. One synced write batch per commit.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "weir/runtime/store/store.hpp"

namespace weir::store {

/// What an open store may take. In memory: up to three times `memtable_bytes` (what is not yet
/// sorted into files; reopening reads as much again), `cache_bytes`, and about 2 MiB for tables of
/// contents per ten open files. On disk, beside the data: up to four times `memtable_bytes` of log.
struct rocksdb_limits {
  /// At least 1 MiB.
  std::size_t memtable_bytes = std::size_t{64} << 20;
  std::size_t cache_bytes = std::size_t{64} << 20;
  /// Files open at a time, at least 16. When only reading, all files are open.
  int open_files_max = 256;
};

/// Keeps the contract of `store`. The directory belongs to one object at a time; it is closed as a
/// kill would close it, so there is one way back and it is always tested.
class rocksdb_store final : public store {
 public:
  /// Opens the store in `directory`, or makes one where nothing is. What the log holds is read
  /// again (about half a second per gigabyte). errc::store_locked (another process has it open:
  /// names the pid), errc::store_newer_format, errc::store_corrupt (also: commits that were
  /// acknowledged are missing), errc::not_a_store, errc::store_io, errc::store_full,
  /// errc::invalid_argument (limits); each names the directory or a file in it.
  static result<std::unique_ptr<rocksdb_store>> open(const std::filesystem::path& directory,
                                                     rocksdb_limits limits = {});

  /// The store as it is now, for reading, also while another process writes it: takes no lock and
  /// writes nothing. To see what was committed since, open it again. The errors of `open`, and
  /// errc::not_found: there is no store in `directory`.
  static result<std::unique_ptr<const rocksdb_store>> open_read_only(
      const std::filesystem::path& directory, rocksdb_limits limits = {});

  ~rocksdb_store() override;

  result<void> commit(const changes& group) override;
  result<bool> get(table where, std::string_view key, std::string& value) const override;
  result<void> scan(table where, std::string_view from, std::string_view to,
                    const visitor& visit) const override;
  result<bool> last(table where, std::string_view from, std::string_view to,
                    record& found) const override;
  /// Flushes, then links files where `directory` is on the same file system and copies them where
  /// not. What it leaves when it fails or is killed does not open as a store.
  result<void> checkpoint(const std::filesystem::path& directory) override;

 private:
  struct engine;
  explicit rocksdb_store(std::unique_ptr<engine> opened) noexcept;

  std::unique_ptr<engine> engine_;
};

}  // namespace weir::store
