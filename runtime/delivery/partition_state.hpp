// SPDX-License-Identifier: BSD-3-Clause
// All keyed states of one subscription in one partition, and how far their commits have come. They
// go where the partition's lane goes.
#pragma once

#include <atomic>
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

  /// `bytes_max`: what is remembered, once it is flushed.
  partition_state(state_place place, std::size_t bytes_max)
      : place_(std::move(place)), bytes_max_(bytes_max) {}

  /// The state of this name, which is made at its first use. Throws std::logic_error if it has been
  /// used with other types, for a name that is empty or too long, and for one too many.
  template <state_key K, class V>
  keyed_state<K, V>& get(std::string_view name) {
    for (auto& one : parts_) {
      if (one.name != name) continue;
      if (*one.types != typeid(keyed_state<K, V>)) refuse(name, "is used with other types");
      return static_cast<keyed_state<K, V>&>(*one.part);
    }
    if (name.empty() || name.size() > name_bytes_max) refuse(name, "is no name: 1 to 128 bytes");
    if (parts_.size() == names_max) refuse(name, "is one too many: 64 names");
    parts_.push_back({std::string{name}, &typeid(keyed_state<K, V>),
                      std::make_unique<keyed_state<K, V>>(place_, name)});
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

  struct named {
    std::string name;
    const std::type_info* types;
    std::unique_ptr<state_part> part;
  };
  state_place place_;
  std::size_t bytes_max_;
  std::vector<named> parts_;
  std::uint64_t commits_ = 0;
  flush_mark flushed_ = std::make_shared<std::atomic<std::uint64_t>>(0);
};

/// Visits what is stored of a state, over all topics and partitions of the subscription, as of the
/// last flush: `visit(key, value)` (a key may come from several partitions). Any thread. Errors as
/// of keyed_state.
template <state_key K, class V, class Visit>
result<void> scan_stored(const store::store& where, std::string_view subscription,
                         std::string_view name, Visit&& visit) {
  const auto all = store::key_writer{}.text(subscription).take();
  std::optional<error> bad;
  const auto seen = where.scan(
      store::table::state, all, store::prefix_end(all),
      [&](std::string_view bytes, std::string_view value) {
        store::key_reader read{bytes};
        static_cast<void>(read.text());
        const auto topic = read.text();
        const auto partition = read.u32();
        if (read.text() != name) return true;
        K key{};
        auto decoded = read_value<V>(value);
        if (read.ok() && read_key(read.rest(), key) && decoded) {
          visit(key, *decoded);
          return true;
        }
        bad = error{decoded ? errc::store_corrupt : decoded.error().code,
                    "state " + std::string{name} + " of " + std::string{subscription} + " in " +
                        topic + "/" + std::to_string(partition) + ": " +
                        (decoded ? "a key of another kind" : decoded.error().message)};
        return false;
      });
  if (!seen) return seen;
  if (bad) return fail(std::move(*bad));
  return {};
}

}  // namespace weir::delivery
