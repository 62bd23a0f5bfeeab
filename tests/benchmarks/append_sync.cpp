// SPDX-License-Identifier: BSD-3-Clause
// append_sync: publishers that wait until each event is flushed, against the bare disk (the bytes
// of the same flushes in the same groups, write and fdatasync), against SQLite (a row for each
// event, a transaction for each of these groups), and against one synced put per event into our own
// engine.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <numeric>
#include <thread>

#include "weir/tests/benchmarks/stored_blobs.hpp"

namespace weir::bench {
namespace {

/// Seconds that `publishers` threads take for `each` events that are all awaited.
double publish_awaited(node& in, const topic_handle& to, unsigned publishers, std::uint64_t each,
                       std::size_t size) {
  std::vector<publisher> all;
  for (unsigned i = 0; i < publishers; ++i) {
    auto made = in.make_publisher(to);
    require(made.has_value(), "append_sync: no publisher");
    all.push_back(std::move(*made));
  }
  const stopwatch time;
  std::vector<std::thread> threads;
  for (auto& one : all) {
    threads.emplace_back([&one, each, size] {
      for (std::uint64_t i = 0; i < each; ++i) {
        const auto done = one.publish(blob_of(static_cast<std::int64_t>(i), size),
                                      wait_for::stored, std::chrono::minutes{1});
        require(done.has_value(), "append_sync: an event was not stored");
      }
    });
  }
  for (auto& one : threads) one.join();
  return time.seconds();
}

double write_raw(const std::filesystem::path& file, const std::vector<std::size_t>& groups) {
  std::size_t largest = 0;
  for (const auto bytes : groups) largest = std::max(largest, bytes);
  const std::string data(largest, 'r');
  const int to = open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  // Or each write would change the file's size, which is one more thing to flush.
  const auto all = std::accumulate(groups.begin(), groups.end(), std::size_t{0});
  require(to >= 0 && posix_fallocate(to, 0, static_cast<off_t>(all)) == 0 && fsync(to) == 0,
          "append_sync: no file");
  const stopwatch time;
  for (const auto bytes : groups) {
    require(write(to, data.data(), bytes) == static_cast<ssize_t>(bytes), "append_sync: write");
    require(fdatasync(to) == 0, "append_sync: fdatasync");
  }
  const auto seconds = time.seconds();
  close(to);
  return seconds;
}

/// A database of one table, as durable as we are: each transaction is on the disk when it ends.
class sqlite {
 public:
  explicit sqlite(const std::filesystem::path& file) {
    require(sqlite3_open(file.c_str(), &base_) == SQLITE_OK, "append_sync: SQLite does not open");
    execute("PRAGMA journal_mode=WAL");
    execute("PRAGMA synchronous=FULL");
    execute("CREATE TABLE events (number INTEGER PRIMARY KEY, bytes BLOB)");
    require(sqlite3_prepare_v2(base_, "INSERT INTO events (bytes) VALUES (?)", -1, &insert_,
                               nullptr) == SQLITE_OK,
            "append_sync: SQLite");
  }
  ~sqlite() {
    sqlite3_finalize(insert_);
    sqlite3_close(base_);
  }
  sqlite(const sqlite&) = delete;
  sqlite& operator=(const sqlite&) = delete;

  void store(const std::string& value, std::uint64_t events) {
    execute("BEGIN");
    for (; events > 0; --events) {
      sqlite3_bind_blob(insert_, 1, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
      require(sqlite3_step(insert_) == SQLITE_DONE, "append_sync: SQLite does not insert");
      sqlite3_reset(insert_);
    }
    execute("COMMIT");
  }

 private:
  void execute(const char* what) {
    require(sqlite3_exec(base_, what, nullptr, nullptr, nullptr) == SQLITE_OK,
            "append_sync: SQLite");
  }
  sqlite3* base_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

/// Seconds for as many rows, in transactions that share them as the groups share their bytes.
double insert_grouped(sqlite& into, const std::vector<std::size_t>& groups, std::uint64_t events,
                      std::size_t size) {
  const std::string value(size, 's');
  const auto all = std::accumulate(groups.begin(), groups.end(), std::size_t{0});
  std::size_t bytes = 0;
  std::uint64_t stored = 0;
  const stopwatch time;
  for (const auto group : groups) {
    bytes += group;
    const auto until = events * bytes / all;
    into.store(value, until - stored);
    stored = until;
  }
  return time.seconds();
}

double put_each(store::store& into, std::uint64_t events, std::size_t size) {
  const std::string value(size, 'n');
  store::changes one;
  const stopwatch time;
  for (std::uint64_t i = 0; i < events; ++i) {
    one.clear();
    one.put(store::table::log, "naive/" + std::to_string(i), value);
    require(into.commit(one).has_value(), "append_sync: a put failed");
  }
  return time.seconds();
}

void append_sync_of(unsigned publishers, std::size_t size, const run_options& options,
                    report& out) {
  const scratch room;
  const auto disk = open_store(room / "store");
  const auto naive = open_store(room / "naive");
  node in{on(disk)};
  const auto to = blobs_of(in);
  require(in.start().has_value(), "append_sync: the node does not start");
  const auto each = options.scaled(publishers == 1 ? 300 : 200);
  const auto events = each * publishers;
  const auto puts = options.scaled(300);
  sqlite peer{room / "sqlite"};
  std::vector<double> ours, raw, rows, each_put, groups;
  for (unsigned round = 0; round < options.rounds; ++round) {
    static_cast<void>(disk->take_groups());
    ours.push_back(static_cast<double>(events) / publish_awaited(in, to, publishers, each, size));
    const auto flushed = disk->take_groups();
    groups.push_back(static_cast<double>(events) / static_cast<double>(flushed.size()));
    raw.push_back(static_cast<double>(events) / write_raw(room / "raw", flushed));
    rows.push_back(static_cast<double>(events) / insert_grouped(peer, flushed, events, size));
    each_put.push_back(static_cast<double>(puts) / put_each(*naive, puts, size));
  }
  out.add(row{}
              .add("publishers", publishers)
              .add("bytes", static_cast<double>(size))
              .add("weir", median(ours))
              .add("raw", median(raw))
              .add("sqlite", median(rows))
              .add("naive", median(each_put))
              .add("group", median(groups), 1)
              .add("of_raw", median_ratio(ours, raw), 2)
              .add("of_sqlite", median_ratio(ours, rows), 1)
              .add("of_naive", median_ratio(ours, each_put), 1));
}

}  // namespace

void measure_append_sync(const run_options& options, report& out) {
  for (const std::size_t size : {100, 1'000}) {
    for (const unsigned publishers : {1, 16, 64}) append_sync_of(publishers, size, options, out);
  }
}

}  // namespace weir::bench
