// SPDX-License-Identifier: BSD-3-Clause
// append_sync: publishers that wait until each event is flushed, against the bare disk: the bytes
// of the same flushes in the same groups, write and fdatasync; and against one synced put per event
// into the same engine. append_stream: one publisher that does not wait. exactly_once: handling a
// stored topic with a state of a million keys, transactional and not.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <unordered_map>

#include "weir/actors/node/node.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"

namespace weir::bench {
namespace {

struct blob {
  std::int64_t number;
  std::string bytes;
};
WEIR_EVENT(blob, "bench.blob", 1, (number, bytes))

blob blob_of(std::int64_t number, std::size_t size) {
  return {number, std::string(size - sizeof number, static_cast<char>('a' + number % 26))};
}

/// A directory of its own, gone at the end.
class scratch {
 public:
  scratch() {
    auto name = (std::filesystem::temp_directory_path() / "weir-bench-XXXXXX").string();
    require(mkdtemp(name.data()) != nullptr, "durable: no room for a directory");
    path_ = name;
  }
  ~scratch() { std::filesystem::remove_all(path_); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// The engine, and how large the groups were that it flushed.
class counting_store final : public store::store {
 public:
  explicit counting_store(std::unique_ptr<store> engine) : engine_(std::move(engine)) {}
  result<void> commit(const weir::store::changes& group) override {
    groups_.push_back(group.bytes());
    return engine_->commit(group);
  }
  result<bool> get(weir::store::table where, std::string_view key,
                   std::string& value) const override {
    return engine_->get(where, key, value);
  }
  result<void> scan(weir::store::table where, std::string_view from, std::string_view to,
                    const weir::store::visitor& visit) const override {
    return engine_->scan(where, from, to, visit);
  }
  result<bool> last(weir::store::table where, std::string_view from, std::string_view to,
                    weir::store::record& found) const override {
    return engine_->last(where, from, to, found);
  }
  result<void> checkpoint(const std::filesystem::path& directory) override {
    return engine_->checkpoint(directory);
  }
  /// Those of the time since the last call; nobody commits meanwhile.
  std::vector<std::size_t> take_groups() { return std::exchange(groups_, {}); }

 private:
  std::unique_ptr<store> engine_;
  std::vector<std::size_t> groups_;
};

std::shared_ptr<counting_store> open_store(const std::filesystem::path& directory) {
  auto opened = store::rocksdb_store::open(directory);
  require(opened.has_value(), "durable: the store does not open");
  return std::make_shared<counting_store>(std::move(*opened));
}

node_options on(const std::shared_ptr<store::store>& disk) {
  node_options options{.threads = worker_threads(), .store = disk};
  options.log_threshold = log_level::error;
  return options;
}

topic_handle blobs_of(node& in) {
  return in.topic("blobs", {.partitions = 1, .durable = true});
}

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
  std::vector<double> ours, raw, each_put, groups;
  for (unsigned round = 0; round < options.rounds; ++round) {
    static_cast<void>(disk->take_groups());
    ours.push_back(static_cast<double>(events) / publish_awaited(in, to, publishers, each, size));
    const auto flushed = disk->take_groups();
    groups.push_back(static_cast<double>(events) / static_cast<double>(flushed.size()));
    raw.push_back(static_cast<double>(events) / write_raw(room / "raw", flushed));
    each_put.push_back(static_cast<double>(puts) / put_each(*naive, puts, size));
  }
  out.add(row{}
              .add("publishers", publishers)
              .add("bytes", static_cast<double>(size))
              .add("weir", median(ours))
              .add("raw", median(raw))
              .add("naive", median(each_put))
              .add("group", median(groups), 1)
              .add("of_raw", median_ratio(ours, raw), 2)
              .add("of_naive", median_ratio(ours, each_put), 1));
}

double handle_all(const std::shared_ptr<store::store>& disk, const std::string& name, bool keeps,
                  std::uint64_t events) {
  node in{on(disk)};
  blobs_of(in);
  std::unordered_map<std::int64_t, std::int64_t> sums;
  std::uint64_t seen = 0;
  auto declared = in.subscribe(
      name, "blobs", [&, keeps](const blob& one, context& where) -> result<void> {
        ++seen;
        const auto key = one.number * 7'919 % 1'000'000;
        if (keeps) {
          return where.state<std::int64_t, std::int64_t>("sums").update(
              key, [&](std::int64_t& sum) { sum += one.number; });
        }
        sums[key] += one.number;
        return {};
      });
  declared.starting(from_earliest()).credit(16);
  if (keeps) declared.transactional().state_bytes(std::uint64_t{256} << 20);
  const stopwatch time;
  require(in.start().has_value() && in.drain(std::chrono::minutes{5}).drained,
          "exactly_once: not everything was handled");
  const auto seconds = time.seconds();
  require(seen == events, "exactly_once: an event is missing");
  return static_cast<double>(events) / seconds;
}

std::uint64_t fill(const std::shared_ptr<store::store>& disk, std::uint64_t events,
                   std::size_t size, double& seconds) {
  node in{on(disk)};
  const auto to = blobs_of(in);
  auto from = in.make_publisher(to);
  require(from.has_value(), "append_stream: no publisher");
  const stopwatch time;
  for (std::uint64_t i = 0; i + 1 < events; ++i) {
    require(from->publish(blob_of(static_cast<std::int64_t>(i), size)).has_value(),
            "append_stream: publish");
  }
  const auto last = static_cast<std::int64_t>(events - 1);
  require(from->publish(blob_of(last, size), wait_for::stored, std::chrono::minutes{1}).has_value(),
          "append_stream: the last event was not stored");
  seconds = time.seconds();
  require(in.stop(std::chrono::minutes{1}).drained, "append_stream: not drained");
  return events;
}

}  // namespace

void measure_append_sync(const run_options& options, report& out) {
  for (const std::size_t size : {100, 1'000}) {
    for (const unsigned publishers : {1, 16, 64}) append_sync_of(publishers, size, options, out);
  }
}

void measure_append_stream(const run_options& options, report& out) {
  std::vector<double> rates;
  for (unsigned round = 0; round < options.rounds; ++round) {
    const scratch room;
    double seconds = 0;
    const auto events = fill(open_store(room / "store"), options.scaled(2'000'000), 100, seconds);
    rates.push_back(static_cast<double>(events) / seconds);
  }
  out.add(row{}.add("bytes", 100).add("events_per_second", median(rates)));
}

void measure_exactly_once(const run_options& options, report& out) {
  const scratch room;
  const auto disk = open_store(room / "store");
  const auto events = options.scaled(2'000'000);
  double seconds = 0;
  fill(disk, events, 100, seconds);
  std::vector<double> plain, transactional;
  for (unsigned round = 0; round < options.rounds; ++round) {
    const auto number = std::to_string(round);
    plain.push_back(handle_all(disk, "plain-" + number, false, events));
    transactional.push_back(handle_all(disk, "transactional-" + number, true, events));
  }
  out.add(row{}
              .add("keys", 1'000'000)
              .add("plain", median(plain))
              .add("transactional", median(transactional))
              .add("ratio", median_ratio(transactional, plain), 2));
}

}  // namespace weir::bench
