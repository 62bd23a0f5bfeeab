// SPDX-License-Identifier: BSD-3-Clause
// What a transactional handler keeps from one event to the next: values by key, per subscription
// and partition. What an attempt changes is there for the next event if it succeeds and gone if it
// fails, and is written in the one commit that also moves the subscription on.
//
// Invariants: what is remembered is newer than the store or the same; what has no row yet, or one
// on its way, is remembered until the row is flushed.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "weir/runtime/codec/binary_reader.hpp"
#include "weir/runtime/codec/binary_writer.hpp"
#include "weir/runtime/codec/fingerprint.hpp"
#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/delivery/state_key.hpp"
#include "weir/runtime/delivery/state_part.hpp"
#include "weir/runtime/event/footprint.hpp"

namespace weir {
namespace delivery {

/// Tells values of another layout apart, as codec::fingerprint_of does events.
template <class V>
std::uint64_t value_fingerprint() {
  static const std::uint64_t made = stable_hash(codec::internal::type_text<V>());
  return made;
}

template <class V>
void write_value(const V& value, std::string& out) {
  codec::byte_writer writer{out};
  writer.fixed(value_fingerprint<V>());
  codec::to_binary(value, writer);
}

/// errc::schema_mismatch: it was written by another layout of V; or what decoding gives.
template <class V>
result<V> read_value(std::string_view bytes) {
  codec::byte_reader reader{bytes};
  std::uint64_t fingerprint = 0;
  if (!reader.fixed(fingerprint)) return fail(errc::malformed, "the value is cut short");
  if (fingerprint != value_fingerprint<V>()) {
    return fail(errc::schema_mismatch,
                "the value has another layout than " + codec::internal::type_text<V>());
  }
  return codec::from_binary<V>(bytes.substr(sizeof fingerprint));
}

}  // namespace delivery

/// Got from context::state; valid during the call that got it, on that thread. V is anything that
/// an event's field may be. Errors of reading are those of the store, errc::schema_mismatch if V
/// has changed since it was written, and errc::too_long for a key of more than
/// `state_key_bytes_max`.
template <state_key K, class V>
class keyed_state final : public delivery::state_part {
 public:
  using delivery::state_part::state_part;

  /// The value of `key`; null if it has none. Valid until the state changes.
  result<const V*> get(const K& key) {
    auto found = look(key);
    if (!found) return tl::unexpected<error>(std::move(found.error()));
    return *found != nullptr && (*found)->second.value ? &*(*found)->second.value : nullptr;
  }
  result<void> put(const K& key, V value) { return set(key, std::optional<V>{std::move(value)}); }
  /// It need not have a value.
  result<void> erase(const K& key) { return set(key, std::optional<V>{}); }
  /// `change(V&)` on the value of `key`, or on a fresh V{}; what that becomes is its value.
  template <class Change>
  result<void> update(const K& key, Change&& change) {
    auto found = look(key);
    if (!found) return tl::unexpected<error>(std::move(found.error()));
    auto* const one = *found;
    V value = one != nullptr && one->second.value ? *one->second.value : V{};
    change(value);
    if (one != nullptr) {
      replace(*one, true, std::move(value));
      return {};
    }
    return put(key, std::move(value));
  }
  /// Calls `visit(key, value)` in the order of the keys until it returns false, if it returns
  /// anything. Looks through all of the partition's keys; `visit` changes nothing.
  template <class Visit>
  result<void> scan(Visit&& visit);

  void accept() noexcept override {
    attempt_.clear();
    accepted_ = changed_.size();
  }
  void reject() override;
  bool changed() const noexcept override { return !changed_.empty(); }
  void write(codec::byte_writer& to, std::string_view name, std::uint64_t commit) override;
  void save(store::changes& to, std::uint64_t commit) override;
  void trim(std::uint64_t saved, std::size_t bytes_max) override;
  std::size_t bytes() const noexcept override { return bytes_; }
  std::size_t unsaved_bytes() const noexcept override {
    return cache_.empty() ? 0 : bytes_ / cache_.size() * unsaved_;
  }

 private:
  struct memory {
    std::optional<V> value;
    std::uint64_t commit = 0;  // that changed it last
    bool changed = false;      // since then
  };
  using cache = std::unordered_map<K, memory>;
  using cached = typename cache::value_type;
  /// What a commit has changed and no row says yet, or a later commit has changed again.
  struct segment {
    std::uint64_t commit;
    std::vector<cached*> entries;
  };
  struct undo {
    cached* what;
    std::optional<V> before;
    bool was_changed;
    bool was_cached;
  };
  // A node of the map, roughly.
  static constexpr std::size_t entry_bytes = sizeof(cached) + 4 * sizeof(void*);

  static std::size_t bytes_of(const std::optional<V>& value) {
    return value ? heap_bytes(*value) : 0;
  }
  void begin() {
    if (!std::exchange(begun_, true)) complete_ = nothing_stored();
  }
  std::string_view key_of(const K& key) {
    writer_.clear().rest(prefix_);
    delivery::write_key(key, writer_);
    return writer_.bytes();
  }
  std::string_view short_key_of(const K& key) {
    writer_.clear();
    delivery::write_key(key, writer_);
    return writer_.bytes();
  }
  static bool too_long(const K& key) noexcept {
    if constexpr (std::same_as<K, std::string>) return key.size() > state_key_bytes_max;
    return false;
  }
  cached* remember(const K& key, std::optional<V> value) {
    bytes_ += entry_bytes + heap_bytes(key) + bytes_of(value);
    return &*cache_.emplace(key, memory{std::move(value)}).first;
  }
  void forget(const cached& one) {
    bytes_ -= entry_bytes + heap_bytes(one.first) + bytes_of(one.second.value);
    cache_.erase(cache_.find(one.first));
  }
  result<cached*> look(const K& key);
  void replace(cached& one, bool was_cached, std::optional<V> value);
  result<void> set(const K& key, std::optional<V> value);

  cache cache_;
  bool begun_ = false;
  bool complete_ = false;  // what is not remembered is not there
  std::vector<cached*> changed_;
  std::size_t accepted_ = 0;  // of those; the others are the attempt's
  std::vector<undo> attempt_;
  std::deque<segment> journaled_;  // the oldest first
  std::size_t unsaved_ = 0;        // entries without a row
  std::uint64_t saved_ = 0;        // commits up to this one have their rows
  std::size_t bytes_ = 0;
  std::size_t hand_ = 0;  // the bucket that is looked at next for what may be forgotten
  store::key_writer writer_;
  std::string value_;
};

template <state_key K, class V>
result<typename keyed_state<K, V>::cached*> keyed_state<K, V>::look(const K& key) {
  if (unread()) [[unlikely]] return fail(why_unread());
  begin();
  if (const auto found = cache_.find(key); found != cache_.end()) return &*found;
  if (complete_) return nullptr;
  if (too_long(key)) return fail(wrong({errc::too_long, "the key is too long"}));
  const auto stored = read(key_of(key), value_);
  if (!stored) return tl::unexpected<error>(stored.error());
  if (!*stored) return remember(key, std::nullopt);
  auto value = delivery::read_value<V>(value_);
  if (!value) return fail(wrong(value.error()));
  return remember(key, std::move(*value));
}

template <state_key K, class V>
result<void> keyed_state<K, V>::set(const K& key, std::optional<V> value) {
  if (unread()) [[unlikely]] return fail(why_unread());
  begin();
  if (too_long(key)) return fail(wrong({errc::too_long, "the key is too long"}));
  const auto found = cache_.find(key);
  const bool was_cached = found != cache_.end();
  replace(was_cached ? *found : *remember(key, std::nullopt), was_cached, std::move(value));
  return {};
}

template <state_key K, class V>
void keyed_state<K, V>::replace(cached& one, bool was_cached, std::optional<V> value) {
  auto& entry = one.second;
  bytes_ += bytes_of(value);
  bytes_ -= bytes_of(entry.value);
  attempt_.push_back(
      {&one, std::exchange(entry.value, std::move(value)), entry.changed, was_cached});
  if (!std::exchange(entry.changed, true)) changed_.push_back(&one);
}

template <state_key K, class V>
void keyed_state<K, V>::reject() {
  changed_.resize(accepted_);
  for (; !attempt_.empty(); attempt_.pop_back()) {
    auto& last = attempt_.back();
    auto& entry = last.what->second;
    bytes_ += bytes_of(last.before);
    bytes_ -= bytes_of(entry.value);
    entry.value = std::move(last.before);
    entry.changed = last.was_changed;
    if (!last.was_cached) forget(*last.what);
  }
}

template <state_key K, class V>
void keyed_state<K, V>::write(codec::byte_writer& to, std::string_view name,
                              std::uint64_t commit) {
  WEIR_INVARIANT(attempt_.empty(), "a state is written in the midst of an attempt");
  delivery::begin_journal_part(to, name, delivery::value_fingerprint<V>(), changed_.size());
  std::size_t length = 0;
  for (auto* one : changed_) {
    auto& entry = one->second;
    if (entry.commit <= saved_) ++unsaved_;
    entry.changed = false;
    entry.commit = commit;
    const auto key = short_key_of(one->first);
    if (entry.value) {
      length = delivery::journal_value(to, key, length, [&](codec::byte_writer& value) {
        codec::to_binary(*entry.value, value);
      });
    } else {
      delivery::journal_erased(to, key);
    }
  }
  journaled_.push_back({commit, std::exchange(changed_, {})});
  accepted_ = 0;
}

template <state_key K, class V>
void keyed_state<K, V>::save(store::changes& to, std::uint64_t commit) {
  for (; !journaled_.empty() && journaled_.front().commit <= commit; journaled_.pop_front()) {
    for (const auto* one : journaled_.front().entries) {
      const auto& entry = one->second;
      if (entry.commit != journaled_.front().commit) continue;
      --unsaved_;
      if (entry.value) {
        value_.clear();
        delivery::write_value(*entry.value, value_);
        to.put(store::table::state, key_of(one->first), value_);
      } else {
        to.erase(store::table::state, key_of(one->first));
      }
    }
  }
  saved_ = commit;
}

template <state_key K, class V>
void keyed_state<K, V>::trim(std::uint64_t saved, std::size_t bytes_max) {
  // Bucket after bucket, so that it costs what it frees.
  const auto buckets = cache_.bucket_count();
  std::vector<const cached*> old;
  for (std::size_t looked = 0; looked < buckets && bytes_ > bytes_max; ++looked) {
    hand_ = (hand_ + 1) % buckets;
    for (auto one = cache_.begin(hand_); one != cache_.end(hand_); ++one) {
      if (!one->second.changed && one->second.commit <= saved) old.push_back(&*one);
    }
    if (!old.empty()) complete_ = false;
    for (const auto* one : old) forget(*one);
    old.clear();
  }
}

template <state_key K, class V>
template <class Visit>
result<void> keyed_state<K, V>::scan(Visit&& visit) {
  if (unread()) [[unlikely]] return fail(why_unread());
  begin();
  // What has no row is remembered then.
  std::optional<error> left_wrong;
  left_.visit_keys(prefix_, [&](std::string_view row) {
    K key{};
    if (!delivery::read_key(row.substr(prefix_.size()), key)) {
      left_wrong = wrong({errc::store_corrupt, "a key of another kind"});
    } else if (auto known = look(key); !known) {
      left_wrong = known.error();
    }
  });
  if (left_wrong) return fail(std::move(*left_wrong));
  std::vector<const cached*> remembered;
  for (const auto& one : cache_) remembered.push_back(&one);
  std::sort(remembered.begin(), remembered.end(),
            [](const auto* left, const auto* right) { return left->first < right->first; });
  auto next = remembered.begin();
  const auto give = [&](const K& key, const V& value) {
    if constexpr (std::is_void_v<decltype(visit(key, value))>) {
      visit(key, value);
      return true;
    } else {
      return static_cast<bool>(visit(key, value));
    }
  };
  // What is remembered and comes before `key`, or all of it; false if that was enough.
  const auto up_to = [&](const K* key) {
    for (; next != remembered.end() && (key == nullptr || (*next)->first < *key); ++next) {
      if ((*next)->second.value && !give((*next)->first, *(*next)->second.value)) return false;
    }
    return true;
  };
  bool going = true;
  std::optional<error> bad;
  const auto seen = where_->scan(
      store::table::state, prefix_, store::prefix_end(prefix_),
      [&](std::string_view bytes, std::string_view value) {
        K key{};
        if (!delivery::read_key(bytes.substr(prefix_.size()), key)) {
          bad = wrong({errc::store_corrupt, "a key of another kind"});
          return false;
        }
        going = up_to(&key);
        if (!going) return false;
        // Its newer value comes at its turn.
        if (next != remembered.end() && (*next)->first == key) return true;
        auto decoded = delivery::read_value<V>(value);
        if (!decoded) bad = wrong(decoded.error());
        going = decoded && give(key, *decoded);
        return going;
      });
  if (!seen) return fail(wrong(seen.error()));
  if (bad) return fail(std::move(*bad));
  if (going) up_to(nullptr);
  return {};
}

}  // namespace weir
