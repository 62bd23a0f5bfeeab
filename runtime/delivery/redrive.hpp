// SPDX-License-Identifier: BSD-3-Clause
// Dead letters as events again: of a topic that the program handles them from, in a store that no
// node has open.
#pragma once

#include <cstddef>
#include <string>

#include "weir/runtime/delivery/letter_filter.hpp"

namespace weir::delivery {

struct redrive_request {
  /// Which letters, of those that are dead.
  letter_filter which{};
  /// The topic that gets their events; not asked for by park_letters().
  std::string into{};
  /// At most so many, the oldest first: a canary.
  std::size_t limit = ~std::size_t{0};
  /// Only says what would be done.
  bool dry_run = false;
};

struct redrive_report {
  std::size_t redriven = 0;
  /// Not redriven, because their payload is no JSON: what was stored could not be decoded.
  std::size_t undecoded = 0;
};

/// Appends the events to the log of `into`, with their ids, keys, times, lineage and partition, in
/// the order in which they died, and marks their letters as redriven: one commit, so each is
/// redriven once. Errors of store::scan and store::commit.
result<redrive_report> redrive(store::store& where, const redrive_request& request);

/// Has the events handled by the subscription that they failed in, as soon as a node that has it
/// starts on the store: their letters are parked, and gone when they are handled. One commit.
/// Errors of store::scan and store::commit.
result<redrive_report> park_letters(store::store& where, const redrive_request& request);

/// Gives a dead or parked letter another payload that fits the fields of its event's type, which
/// this program must know; what it was and the note stay in its story. errc::not_found,
/// errc::invalid_argument, what check_payload() says, and errors of store::scan and store::commit.
result<void> edit_letter(store::store& where, std::uint64_t number, const std::string& payload,
                         const std::string& note, timestamp now);

}  // namespace weir::delivery
