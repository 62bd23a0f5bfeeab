// SPDX-License-Identifier: BSD-3-Clause
// What a transactional subscription keeps for one key of events, without its types: to put it where
// a test begins.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weir/runtime/delivery/state_part.hpp"

namespace weir::delivery {

/// One value of a state, as its row says it (FORMAT.md).
struct kept_value {
  std::string name;
  std::string key;
  std::string value;

  bool operator==(const kept_value&) const = default;
};

struct state_snapshot {
  /// The subscription keeps states of events of this topic, whatever their keys.
  bool keeps = false;
  /// Those whose key is that of the event, as text or as a whole number; by name.
  std::vector<kept_value> values;
};

/// As of the last flush: rows, and what the journal says over them. Errors of store::scan;
/// errc::malformed and errc::newer_format of the journal.
result<state_snapshot> states_for_key(const state_place& place, std::string_view event_key);

/// Adds the row of a value to a commit.
void put_row(const state_place& place, const kept_value& one, store::changes& to);

}  // namespace weir::delivery
