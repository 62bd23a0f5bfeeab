// SPDX-License-Identifier: BSD-3-Clause
// A store in memory, and the simulated one: it counts its calls, fails or dies at the one it is
// told to, fills up, and comes back from a crash with what a disk would have kept.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::store {

/// What a call of the store meets. `dies_before` and `dies_after`: the process dies, and what a
/// commit wrote is not there, or is there, although nobody has heard.
enum class store_fault : std::uint8_t { none, fails, dies_before, dies_after };

/// What goes wrong, and when. Calls are numbered from 1, across reopening; 0 is never.
struct memory_faults {
  /// Decides latencies, and which commits without an answer survive.
  std::uint64_t seed = 0;
  /// In this call the process dies: the call and all after it fail until `reopen`.
  std::uint64_t crash_at_call = 0;
  /// This call fails: a read with errc::store_io, a commit with errc::store_failed.
  std::uint64_t fail_at_call = 0;
  /// Of all keys and sealed values. A commit that could exceed it is errc::store_full, as a whole.
  std::uint64_t bytes_max = std::numeric_limits<std::uint64_t>::max();
  /// Asked in each call, `commit` or another, with its number. It must not call the store.
  std::function<store_fault(std::string_view what, std::uint64_t call)> meets{};
  /// Each read and each commit takes a random time up to these; counted, never waited.
  duration read_latency_max{0};
  duration commit_latency_max{0};
};

/// Keeps the contract of `store`; every function may be called by any thread. A commit that failed
/// or was crashed into is there after `reopen` whole or not at all, as the seed decides.
class memory_store final : public store {
 public:
  explicit memory_store(memory_faults faults = {}) : faults_(std::move(faults)) {}

  result<void> commit(const changes& group) override;
  result<bool> get(table where, std::string_view key, std::string& value) const override;
  result<void> scan(table where, std::string_view from, std::string_view to,
                    const visitor& visit) const override;
  result<bool> last(table where, std::string_view from, std::string_view to,
                    record& found) const override;
  /// Kept in this object under the name `directory`; nothing is written to disk.
  result<void> checkpoint(const std::filesystem::path& directory) override;
  /// A store of its own with what the checkpoint holds. errc::not_found.
  result<std::unique_ptr<memory_store>> open_checkpoint(
      const std::filesystem::path& directory) const;

  /// From now on these faults; the calls are not counted afresh.
  void set_faults(memory_faults faults);
  /// The process dies between two calls: all calls fail until `reopen`.
  void crash();
  /// As after a restart: what was acknowledged is there, and commits are taken again.
  void reopen();

  /// It takes no more commits until `reopen`: it has crashed, or a commit has failed.
  bool broken() const;
  /// How many calls there were (commit, get, scan, last, checkpoint): the points to crash at.
  std::uint64_t calls() const;
  /// How long they took altogether.
  duration latency() const;
  /// Of all keys and sealed values.
  std::uint64_t bytes() const;
  /// The sealed bytes of a record, for tests to damage; null if there is none. Not with other
  /// calls.
  std::string* sealed(table where, const std::string& key);

 private:
  using records = std::map<std::string, std::string, std::less<>>;
  using tables = std::array<records, all_tables.size()>;

  records& in(table where) { return tables_[static_cast<std::size_t>(where) - 1]; }
  const records& in(table where) const { return tables_[static_cast<std::size_t>(where) - 1]; }
  // Both want the lock held.
  result<void> begin_call(std::string_view what, duration latency_max) const;
  void apply(const changes& group);

  mutable std::mutex lock_;
  memory_faults faults_;
  mutable std::uint64_t calls_ = 0;
  mutable duration latency_{0};
  mutable bool crashed_ = false;
  tables tables_;
  std::uint64_t bytes_ = 0;
  std::string failure_;              // why no more commits are taken; "" if they are
  std::optional<changes> in_doubt_;  // the commit that had no answer
  mutable std::optional<bool> survives_;  // what becomes of it, if that is decided
  std::map<std::filesystem::path, tables> checkpoints_;
};

}  // namespace weir::store
