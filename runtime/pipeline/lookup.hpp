// SPDX-License-Identifier: BSD-3-Clause
// The stage that joins a value with an entry of a table in memory. The table is the caller's: it
// must outlive the pipeline and not change while the pipeline runs.
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weir/runtime/pipeline/outcome.hpp"

namespace weir::pipeline {

/// A key as a message shows it: quoted text, a number, or what `to_string` found by its type gives.
template <class Key>
std::string key_text(const Key& key) {
  if constexpr (std::convertible_to<const Key&, std::string_view>) {
    return "'" + std::string{std::string_view{key}} + "'";
  } else {
    using std::to_string;
    return std::string{to_string(key)};
  }
}

template <class Table, class Key, class Join>
class lookup_stage {
 public:
  lookup_stage(const Table& table, Key key, Join join)
      : table_(&table), key_(std::move(key)), join_(std::move(join)) {}

  template <class T>
  requires std::invocable<const Key&, const T&>
  auto operator()(T value) const {
    using entry = typename Table::mapped_type;
    using joined = std::invoke_result_t<const Join&, T&, const entry&>;
    if constexpr (std::is_void_v<joined>) {
      return look_up<T>(std::move(value), [this](T& found, const entry& with) -> outcome<T> {
        std::invoke(join_, found, with);
        return std::move(found);
      });
    } else {
      using next = std::remove_cvref_t<joined>;
      return look_up<next>(std::move(value), [this](T& found, const entry& with) -> outcome<next> {
        return std::invoke(join_, found, with);
      });
    }
  }

 private:
  template <class Next, class T, class Found>
  outcome<Next> look_up(T value, const Found& on_found) const {
    // A key that is part of the value is a reference to it: no copy.
    decltype(auto) key = std::invoke(key_, std::as_const(value));
    const auto entry = table_->find(key);
    if (entry == table_->end())
      return error{errc::lookup_failed, "no entry for key " + key_text(key)};
    return on_found(value, entry->second);
  }

  const Table* table_;
  Key key_;
  Join join_;
};

/// Finds `key(value)` (a function or a member) in `table` (anything with `find` and `end` as a map)
/// and joins: `join(T&, const entry&)` changes the value in place if it returns nothing, else what
/// it returns is the next value. No entry: errc::lookup_failed, naming the key. Keys of type
/// string_view find in a map of strings without a copy if its comparison is transparent.
template <class Table, class Key, class Join>
lookup_stage<Table, Key, Join> lookup(const Table& table, Key key, Join join) {
  return {table, std::move(key), std::move(join)};
}
/// A temporary table would be gone before the first event.
template <class Table, class Key, class Join>
void lookup(const Table&& table, Key key, Join join) = delete;

}  // namespace weir::pipeline
