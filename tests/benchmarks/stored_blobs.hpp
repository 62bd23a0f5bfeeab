// SPDX-License-Identifier: BSD-3-Clause
// What the benchmarks of stored topics share: events of any size, a directory, a store that notes
// what it flushes.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/actors/node/node.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"
#include "weir/tests/benchmarks/benchmarks.hpp"

namespace weir::bench {

struct blob {
  std::int64_t number;
  std::string bytes;
};
WEIR_EVENT(blob, "bench.blob", 1, (number, bytes))

inline blob blob_of(std::int64_t number, std::size_t size) {
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

inline std::shared_ptr<counting_store> open_store(const std::filesystem::path& directory) {
  auto opened = store::rocksdb_store::open(directory);
  require(opened.has_value(), "durable: the store does not open");
  return std::make_shared<counting_store>(std::move(*opened));
}

inline node_options on(const std::shared_ptr<store::store>& disk) {
  node_options options{.threads = worker_threads(), .store = disk};
  options.log_threshold = log_level::error;
  return options;
}

inline topic_handle blobs_of(node& in) {
  return in.topic("blobs", {.partitions = 1, .durable = true});
}

}  // namespace weir::bench
