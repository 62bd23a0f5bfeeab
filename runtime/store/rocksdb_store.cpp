// SPDX-License-Identifier: BSD-3-Clause
// The only file that includes RocksDB. A table is a column family; one more family holds the number
// of the last commit. RocksDB forgives logs that end early, because a kill leaves such. So that no
// loss passes for a kill, an opening first looks through the logs (log_block.hpp), and then
// compares that number with the one the directory knows was acknowledged.
#include "weir/runtime/store/rocksdb_store.hpp"

#include <algorithm>
#include <fstream>
#include <mutex>
#include <set>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include "weir/runtime/store/directory.hpp"
#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/log_block.hpp"
#include "weir/runtime/store/seal.hpp"

namespace weir::store {
namespace {

namespace fs = std::filesystem;

// Families are one that RocksDB insists on (it stays empty), the tables by number, and this one.
constexpr std::string_view commits_name = "commits";
constexpr std::string_view commits_key = "last";

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& text) { return {text.data(), text.size()}; }

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// What a status means; `failure` for what is neither a full disk nor damage.
error as_error(const rocksdb::Status& status, const std::string& what, errc failure) {
  const auto code = status.IsNoSpace()      ? errc::store_full
                    : status.IsCorruption() ? errc::store_corrupt
                                            : failure;
  return {code, what + ": " + one_line(status.ToString())};
}

// The status of an opening: what RocksDB calls an argument of ours is a file that is not there.
error as_opening_error(const rocksdb::Status& status, const std::string& path) {
  const bool missing = status.IsInvalidArgument() || status.IsPathNotFound();
  return as_error(status, path, missing                  ? errc::store_corrupt
                                : status.IsNotSupported() ? errc::store_newer_format
                                                          : errc::store_io);
}

class silent final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// The machine's, and it can take back the lock of an engine that is never closed.
class environment final : public rocksdb::EnvWrapper {
 public:
  environment() : rocksdb::EnvWrapper(rocksdb::Env::Default()) {}
  const char* Name() const override { return "weir"; }
  rocksdb::Status LockFile(const std::string& name, rocksdb::FileLock** lock) override {
    const auto status = target()->LockFile(name, lock);
    lock_ = status.ok() ? *lock : nullptr;
    return status;
  }
  void unlock() {
    if (lock_ != nullptr) target()->UnlockFile(lock_);
  }

 private:
  rocksdb::FileLock* lock_ = nullptr;
};

rocksdb::DBOptions options_of(const rocksdb_limits& limits, bool read_only) {
  rocksdb::DBOptions options;
  options.db_write_buffer_size = limits.memtable_bytes;
  options.max_total_wal_size = 4 * limits.memtable_bytes;
  options.max_open_files = read_only ? -1 : limits.open_files_max;
  options.atomic_flush = true;
  // A log that ends early was cut by a kill; one that is damaged further ahead is damage.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.max_bgerror_resume_count = 0;
  options.max_background_jobs = 2;
  options.max_file_opening_threads = 1;
  options.db_host_id = "";  // files are the same whoever wrote them
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.max_manifest_file_size = 16 << 20;
  options.info_log = std::make_shared<silent>();  // its own file would not survive a full disk
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families_of(const rocksdb_limits& limits) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = rocksdb::NewLRUCache(limits.cache_bytes);
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = limits.memtable_bytes;  // the limit on all families comes first
  options.compression = rocksdb::kLZ4Compression;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  auto searched = options;  // for tables that are asked for keys they do not have
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  searched.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  std::vector<rocksdb::ColumnFamilyDescriptor> all;
  all.emplace_back(rocksdb::kDefaultColumnFamilyName, options);
  for (const auto where : all_tables) {
    const bool often = where == table::state || where == table::inbox;
    all.emplace_back(std::string{to_string(where)}, often ? searched : options);
  }
  all.emplace_back(std::string{commits_name}, options);
  return all;
}

std::set<std::string> names_in(const fs::path& path) {
  std::set<std::string> names;
  std::error_code code;
  for (fs::directory_iterator at{path, code}, end; !code && at != end; at.increment(code)) {
    names.insert(at->path().filename().string());
  }
  return names;
}

// Whether the log hides damage; false if it cannot be read, which is for RocksDB to say.
bool hides_damage_in(const fs::path& log) {
  std::ifstream in{log, std::ios::binary};
  std::string block(log_block_size, '\0');
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(log_block_size));
    const auto size = static_cast<std::size_t>(in.gcount());
    const bool last = in.peek() == std::ifstream::traits_type::eof();
    if (hides_damage(std::string_view{block}.substr(0, size), last)) return true;
  }
  return false;
}

result<void> check_logs(const fs::path& engine) {
  for (const auto& name : names_in(engine)) {
    const bool log = name.ends_with(".log") || name.starts_with("MANIFEST-");
    if (log && hides_damage_in(engine / name)) {
      return fail(errc::store_corrupt,
                  (engine / name).string() + ": a record that was whole is not");
    }
  }
  return {};
}

tl::unexpected<error> refusal(const std::string& failure) {
  return fail(errc::store_failed, "no more writes until it is opened again: " + failure);
}

result<void> check(const rocksdb_limits& limits) {
  if (limits.memtable_bytes < (std::size_t{1} << 20)) {
    return fail(errc::invalid_argument, "memtable_bytes must be at least 1 MiB");
  }
  if (limits.open_files_max < 16) {
    return fail(errc::invalid_argument, "open_files_max must be at least 16");
  }
  return {};
}

}  // namespace

struct rocksdb_store::engine {
  explicit engine(directory opened) : place(std::move(opened)) {}
  ~engine() {
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }

  rocksdb::ColumnFamilyHandle* family(table where) const {
    return handles[static_cast<std::size_t>(where)];
  }
  std::string at(table where) const {
    return place.path().string() + ", table " + std::string{to_string(where)};
  }

  rocksdb::Status open(const rocksdb_limits& limits, bool read_only) {
    const auto columns = families_of(limits);
    auto options = options_of(limits, read_only);
    options.env = &machine;
    options.create_if_missing = options.create_missing_column_families = place.fresh();
    const auto path = place.engine().string();
    rocksdb::DB* opened = nullptr;
    using rocksdb::DB;
    const auto status = read_only
                            ? DB::OpenForReadOnly(options, path, columns, &handles, &opened)
                            : DB::Open(options, path, columns, &handles, &opened);
    db.reset(opened);
    return status;
  }

  result<void> read_number();

  environment machine;
  directory place;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::WriteBatch batch;
  std::string sealed_number;
  std::uint64_t number = 0;  // of the last commit

  // Why nothing more is written; "" if it is. Checkpoints ask from other threads.
  std::string why_failed() const {
    const std::lock_guard held(failure_lock);
    return failure;
  }
  mutable std::mutex failure_lock;
  std::string failure;
};

// The number of the last commit, which must not be below what was acknowledged. The seal's table is
// no other record's: meta, under a key that is not in meta.
result<void> rocksdb_store::engine::read_number() {
  rocksdb::PinnableSlice sealed;
  const auto status = db->Get({}, handles.back(), slice(commits_key), &sealed);
  if (!status.ok() && !status.IsNotFound()) {
    return fail(as_error(status, place.path().string(), errc::store_io));
  }
  if (status.ok()) {
    const auto bytes = unseal(table::meta, commits_key, view(sealed));
    if (!bytes) return fail(errc::store_corrupt, place.path().string() + ": number of commits");
    number = key_reader{*bytes}.u64();
  }
  if (number >= place.acknowledged()) return {};
  return fail(errc::store_corrupt,
              place.path().string() + ": " + std::to_string(place.acknowledged()) +
                  " commits were acknowledged, and only the first " + std::to_string(number) +
                  " are there");
}

rocksdb_store::rocksdb_store(std::unique_ptr<engine> opened) noexcept
    : engine_(std::move(opened)) {}

// After a failed write RocksDB must not be closed: it would try the write again, and where it was
// built with assertions (Debian's is) it aborts instead. Such an engine is stopped, unlocked and
// left in memory; the process is expected to end soon.
rocksdb_store::~rocksdb_store() {
  if (engine_->why_failed().empty()) return;
  static auto& abandoned = *new std::vector<engine*>;
  rocksdb::CancelAllBackgroundWork(engine_->db.get(), true);
  engine_->machine.unlock();
  const directory closed{std::move(engine_->place)};
  static std::mutex lock;
  const std::lock_guard held(lock);
  abandoned.push_back(engine_.release());
}

result<std::unique_ptr<rocksdb_store>> rocksdb_store::open(const fs::path& path,
                                                           rocksdb_limits limits) {
  if (auto fits = check(limits); !fits) return fail(fits.error());
  auto place = directory::open(path);
  if (!place) return fail(place.error());
  if (auto whole = check_logs(place->engine()); !whole) return fail(whole.error());
  auto opened = std::make_unique<engine>(std::move(*place));
  const auto status = opened->open(limits, false);
  if (!status.ok()) return fail(as_opening_error(status, path.string()));
  if (auto read = opened->read_number(); !read) return fail(read.error());
  if (opened->place.fresh()) {
    if (auto done = opened->place.complete(); !done) return fail(done.error());
  }
  return std::unique_ptr<rocksdb_store>{new rocksdb_store(std::move(opened))};
}

result<std::unique_ptr<const rocksdb_store>> rocksdb_store::open_read_only(const fs::path& path,
                                                                           rocksdb_limits limits) {
  if (auto fits = check(limits); !fits) return fail(fits.error());
  // The owner may remove a file between our reading its name and our opening it; then once more.
  constexpr int tries_max = 20;
  for (int tries = 1;; ++tries) {
    auto place = directory::open_read_only(path);
    if (!place) return fail(place.error());
    if (auto whole = check_logs(place->engine()); !whole) return fail(whole.error());
    auto opened = std::make_unique<engine>(std::move(*place));
    const auto names = names_in(opened->place.engine());
    const auto status = opened->open(limits, true);
    if (status.ok()) {
      if (auto read = opened->read_number(); !read) return fail(read.error());
      return std::unique_ptr<const rocksdb_store>{new rocksdb_store(std::move(opened))};
    }
    if (tries == tries_max || names == names_in(opened->place.engine())) {
      return fail(as_opening_error(status, path.string()));
    }
  }
}

result<void> rocksdb_store::commit(const changes& group) {
  auto& the = *engine_;
  if (auto why = the.why_failed(); !why.empty()) return refusal(why);
  if (group.empty()) return {};
  if (the.batch.GetDataSize() > changes::kept_bytes_max) the.batch = rocksdb::WriteBatch{};
  the.batch.Clear();
  group.visit([&](const change& one) {
    auto* const family = the.family(one.where);
    switch (one.what) {
      case change::kind::put: the.batch.Put(family, slice(one.key), slice(one.second)); break;
      case change::kind::erase: the.batch.Delete(family, slice(one.key)); break;
      case change::kind::erase_range:
        the.batch.DeleteRange(family, slice(one.key), slice(one.second));
        break;
    }
  });
  the.sealed_number = key_writer{}.u64(the.number + 1).take();
  append_seal(the.sealed_number, table::meta, commits_key, 0);
  the.batch.Put(the.handles.back(), slice(commits_key), the.sealed_number);
  rocksdb::WriteOptions flushed;
  flushed.sync = true;
  const auto status = the.db->Write(flushed, &the.batch);
  if (!status.ok()) {
    auto failed = as_error(status, the.place.path().string(), errc::store_failed);
    if (failed.code == errc::store_corrupt) failed.code = errc::store_failed;
    const std::lock_guard held(the.failure_lock);
    the.failure = failed.message;
    return fail(std::move(failed));
  }
  the.place.acknowledge(++the.number);
  return {};
}

result<bool> rocksdb_store::get(table where, std::string_view key, std::string& value) const {
  rocksdb::PinnableSlice sealed;
  const auto status = engine_->db->Get({}, engine_->family(where), slice(key), &sealed);
  if (status.IsNotFound()) return false;
  if (!status.ok()) {
    return fail(as_error(status, engine_->at(where) + ", key " + printable(key), errc::store_io));
  }
  const auto opened = unseal(where, key, view(sealed));
  if (!opened) return fail(opened.error());
  value.assign(*opened);
  return true;
}

namespace {

// An iterator with its bounds, which RocksDB refers to.
struct bounded {
  bounded(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, std::string_view from,
          std::string_view to)
      : lower(slice(from)), upper(slice(to)) {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    if (!from.empty()) options.iterate_lower_bound = &lower;
    if (!to.empty()) options.iterate_upper_bound = &upper;
    at.reset(db.NewIterator(options, family));
  }
  rocksdb::Slice lower, upper;
  std::unique_ptr<rocksdb::Iterator> at;
};

bool nothing_between(std::string_view from, std::string_view to) {
  return !to.empty() && from >= to;
}

}  // namespace

result<void> rocksdb_store::scan(table where, std::string_view from, std::string_view to,
                                 const visitor& visit) const {
  if (nothing_between(from, to)) return {};
  const bounded range{*engine_->db, engine_->family(where), from, to};
  auto& at = *range.at;
  for (at.SeekToFirst(); at.Valid(); at.Next()) {
    const auto opened = unseal(where, view(at.key()), view(at.value()));
    if (!opened) return fail(opened.error());
    if (!visit(view(at.key()), *opened)) return {};
  }
  if (at.status().ok()) return {};
  return fail(as_error(at.status(), engine_->at(where), errc::store_io));
}

result<bool> rocksdb_store::last(table where, std::string_view from, std::string_view to,
                                 record& found) const {
  if (nothing_between(from, to)) return false;
  const bounded range{*engine_->db, engine_->family(where), from, to};
  auto& at = *range.at;
  at.SeekToLast();
  if (!at.Valid()) {
    if (at.status().ok()) return false;
    return fail(as_error(at.status(), engine_->at(where), errc::store_io));
  }
  const auto opened = unseal(where, view(at.key()), view(at.value()));
  if (!opened) return fail(opened.error());
  found.key.assign(view(at.key()));
  found.value.assign(*opened);
  return true;
}

result<void> rocksdb_store::checkpoint(const fs::path& path) {
  if (auto why = engine_->why_failed(); !why.empty()) return refusal(why);
  std::error_code code;
  if (fs::exists(fs::symlink_status(path, code))) {
    return fail(errc::already_exists, "checkpoint " + path.string());
  }
  auto place = directory::open(path);
  if (!place) return fail(place.error());
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(engine_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> owned{made};
  if (status.ok()) status = made->CreateCheckpoint(place->engine().string());
  if (!status.ok()) {
    return fail(as_error(status, "checkpoint " + path.string(), errc::store_io));
  }
  return place->complete();
}

}  // namespace weir::store
