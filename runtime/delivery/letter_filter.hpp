// SPDX-License-Identifier: BSD-3-Clause
// Which dead letters somebody means, and which have the same cause: to look at them, and to work
// with them, in memory or in a store that no node has open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/delivery/letter_record.hpp"
#include "weir/runtime/store/store.hpp"

namespace weir::delivery {

/// Whether the payload could be that of an event: what came from outside, or could not be decoded,
/// need not be JSON.
bool has_json(const dead_letter& letter);

/// What is given must agree.
struct letter_filter {
  std::optional<std::uint64_t> number{};
  std::optional<std::string> topic{};
  std::optional<std::string> subscription{};
  /// The event's type, with its version (`order.created@1`) or without.
  std::optional<std::string> type{};
  /// The name of the failure's code, or the type of one of its exceptions.
  std::optional<std::string> failure{};
  std::optional<std::string> key{};
  std::optional<std::string> fingerprint{};
  std::optional<letter_state> state{};
  /// It died at this time or later; before this time.
  timestamp since = timestamp::min();
  timestamp until = timestamp::max();

  bool matches(std::uint64_t number, const dead_letter& letter) const;
};

struct found_letter {
  std::uint64_t number = 0;
  std::string key;  // of its record
  dead_letter letter;
};

/// Letters of one fingerprint.
struct letter_group {
  std::string fingerprint;
  std::size_t letters = 0;
  timestamp first_died;
  timestamp last_died;
  std::uint64_t newest_number = 0;
  dead_letter newest;
};
/// The largest first; of the same size, that which was seen last.
std::vector<letter_group> group_letters(const std::vector<found_letter>& letters);

struct found_letters {
  std::vector<found_letter> letters;  // in the order of their numbers
  std::size_t damaged = 0;               // records that cannot be read
};
/// Those in the store that match. Errors of store::scan; a record that cannot be read is counted
/// and `damaged` told what it is.
result<found_letters> find_letters(const store::store& where, const letter_filter& filter,
                                   const std::function<void(const std::string&)>& damaged);

/// Marks those that match, and are dead or parked, as discarded, in one commit: they stay, with
/// their story, but nobody waits for them any more. Returns how many. Errors of store::scan and
/// store::commit.
result<std::size_t> discard_letters(store::store& where, const letter_filter& filter);

}  // namespace weir::delivery
