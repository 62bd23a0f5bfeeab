// SPDX-License-Identifier: BSD-3-Clause
// All keyed states of one subscription in one partition, and how far their commits have come. They
// go where the partition's lane goes. A commit adds one record to the journal; the oldest records
// give way to rows where the journal, or what is remembered for it, grows too large.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "weir/runtime/delivery/keyed_state.hpp"

namespace weir::delivery {

/// What is flushed, told by whoever flushes: any thread.
using flush_mark = std::shared_ptr<std::atomic<std::uint64_t>>;

/// One thread at a time.
class partition_state {
 public:
  /// A subscription has at most so many states.
  static constexpr std::size_t names_max = 64;
  static constexpr std::size_t name_bytes_max = 128;

  /// The journal has at most a quarter as many bytes as are remembered, and so many; it is read
  /// when the first state of a run is used.
  static constexpr std::size_t journal_bytes_max = std::size_t{32} << 20;
  /// A commit writes rows of about so many bytes, and eight times its own record, at most.
  static constexpr std::size_t saved_bytes_max = std::size_t{256} << 10;

  /// `bytes_max`: what is remembered, once it is flushed.
  partition_state(state_place place, std::size_t bytes_max)
      : place_(std::move(place)), prefix_(place_.prefix()), bytes_max_(bytes_max) {}
  partition_state(const partition_state&) = delete;
  partition_state& operator=(const partition_state&) = delete;

  /// The state of this name, which is made at its first use. Throws std::logic_error if it has been
  /// used with other types, for a name that is empty or too long, and for one too many.
  template <state_key K, class V>
  keyed_state<K, V>& get(std::string_view name) {
    if (!left_.loaded()) [[unlikely]] read_journal_left();
    for (auto& one : parts_) {
      if (one.name != name) continue;
      if (*one.types != typeid(keyed_state<K, V>)) refuse(name, "is used with other types");
      return static_cast<keyed_state<K, V>&>(*one.part);
    }
    if (name.empty() || name.size() > name_bytes_max) refuse(name, "is no name: 1 to 128 bytes");
    if (parts_.size() == names_max) refuse(name, "is one too many: 64 names");
    parts_.push_back({std::string{name}, &typeid(keyed_state<K, V>),
                      std::make_unique<keyed_state<K, V>>(place_, name, left_)});
    return static_cast<keyed_state<K, V>&>(*parts_.back().part);
  }

  void accept() noexcept {
    for (auto& one : parts_) one.part->accept();
  }
  void reject() {
    for (auto& one : parts_) one.part->reject();
  }
  /// Adds what has been accepted since the last call to a commit; gives its number, to be put on
  /// the mark once it is flushed.
  std::uint64_t write(store::changes& to);
  const flush_mark& mark() const noexcept { return flushed_; }
  const state_place& place() const noexcept { return place_; }

 private:
  [[noreturn]] void refuse(std::string_view name, const char* why) const;
  void read_journal_left();
  void forget_flushed();
  void write_journal(store::changes& to, std::uint64_t number);
  void save_oldest(store::changes& to, std::uint64_t number);
  bool journal_too_large() const;
  void trim();

  struct named {
    std::string name;
    const std::type_info* types;
    std::unique_ptr<state_part> part;
  };
  struct journaled {
    std::uint64_t number;
    std::size_t bytes;
  };
  /// Rows up to a number that are on their way in a commit.
  struct saving {
    std::uint64_t commit;
    std::uint64_t number;
  };
  state_place place_;
  std::string prefix_;
  std::size_t bytes_max_;
  state_overlay left_;
  std::size_t left_saved_ = 0;      // of its records, how many have their rows
  std::size_t left_forgotten_ = 0;  // and how many of those are flushed
  std::deque<journaled> journal_;   // records that are there, the oldest first
  std::size_t journal_bytes_ = 0;
  std::deque<saving> savings_;
  std::uint64_t safe_ = 0;  // rows up to this number are flushed
  std::string bytes_;       // of a record
  std::vector<named> parts_;
  std::uint64_t commits_ = 0;
  flush_mark flushed_ = std::make_shared<std::atomic<std::uint64_t>>(0);
};

/// Takes one value of a state: the end of its row's key, and the row's value.
using stored_visitor = std::function<result<void>(std::string_view key, std::string_view value)>;
/// What scan_stored does, without its types. An error of `visit` gets the place in front.
result<void> visit_stored(const store::store& where, std::string_view subscription,
                          std::string_view name, const stored_visitor& visit);

/// Visits what is stored of a state, over all topics and partitions of the subscription, as of the
/// last flush: `visit(key, value)` (a key may come from several partitions). Any thread. Errors as
/// of keyed_state.
template <state_key K, class V, class Visit>
result<void> scan_stored(const store::store& where, std::string_view subscription,
                         std::string_view name, Visit&& visit) {
  return visit_stored(where, subscription, name,
                      [&](std::string_view bytes, std::string_view value) -> result<void> {
                        K key{};
                        auto decoded = read_value<V>(value);
                        if (!decoded) return fail(std::move(decoded.error()));
                        if (!read_key(bytes, key)) {
                          return fail(errc::store_corrupt, "a key of another kind");
                        }
                        visit(key, *decoded);
                        return {};
                      });
}

}  // namespace weir::delivery
