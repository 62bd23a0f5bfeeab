// SPDX-License-Identifier: BSD-3-Clause
// The tables of a store. Their numbers are part of every record's seal and their names are the
// names on disk: both are frozen.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::store {

/// What a record is. The numbers are frozen: a record sealed for one table is damaged in another.
enum class table : std::uint8_t {
  log = 1,           ///< batches of partitions
  positions = 2,     ///< where subscriptions are
  state = 3,         ///< what handlers keep
  outbox = 4,        ///< published by handlers, not yet in its log
  inbox = 5,         ///< ids of events that came from outside
  dead_letters = 6,  ///< what no handler could process
  timers = 7,        ///< scheduled events
  meta = 8,          ///< about the node and its topics
};

/// Every table, in the order of its number.
inline constexpr std::array all_tables{table::log,    table::positions,    table::state,
                                       table::outbox, table::inbox,        table::dead_letters,
                                       table::timers, table::meta};

/// The name on disk ("dead_letters"); a number outside the table gives "unknown".
constexpr std::string_view to_string(table which) noexcept {
  switch (which) {
    case table::log: return "log";
    case table::positions: return "positions";
    case table::state: return "state";
    case table::outbox: return "outbox";
    case table::inbox: return "inbox";
    case table::dead_letters: return "dead_letters";
    case table::timers: return "timers";
    case table::meta: return "meta";
  }
  return "unknown";
}

}  // namespace weir::store
