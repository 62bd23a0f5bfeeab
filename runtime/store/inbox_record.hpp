// SPDX-License-Identifier: BSD-3-Clause
// Ids of messages that came from outside, as records of the table inbox: numbered per topic in the
// order they came, written with the events they have become. FORMAT.md has the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/store/changes.hpp"
#include "weir/runtime/store/key.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::store {

inline constexpr std::size_t message_id_bytes_max = 256;

/// Remembers the id under this number, and forgets the one that is `horizon` numbers older.
void put_message(changes& to, std::string_view topic, std::uint64_t number, std::string_view id,
                 std::uint64_t horizon);
/// Forgets every id of the topic below `number`.
void forget_messages(changes& to, std::string_view topic, std::uint64_t number);

/// Calls `visit(number, id)` for each id of the topic, in the order of their numbers. Errors of
/// store::scan; errc::store_corrupt.
template <class Visit>
result<void> visit_messages(const store& where, std::string_view topic, Visit&& visit);

/// The beginning of the keys of a topic, and the number in one of them.
std::string messages_of(std::string_view topic);
std::uint64_t message_number(std::string_view key) noexcept;

template <class Visit>
result<void> visit_messages(const store& where, std::string_view topic, Visit&& visit) {
  const auto all = messages_of(topic);
  return where.scan(table::inbox, all, prefix_end(all),
                    [&](std::string_view key, std::string_view id) {
                      visit(message_number(key.substr(all.size())), id);
                      return true;
                    });
}

}  // namespace weir::store
