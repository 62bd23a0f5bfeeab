// SPDX-License-Identifier: BSD-3-Clause
// What is kept of an event that could not be processed: everything needed to understand it, to find
// its like, and to handle it again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/runtime/core/error.hpp"
#include "weir/runtime/event/batch.hpp"

namespace weir::delivery {

/// One call of the handler that failed.
struct attempt {
  timestamp time;
  error failure;
};

/// `parked`: it waits, for its time or behind an earlier event of its key. `handled`: after waiting
/// it was handled after all; a store that gets such a letter forgets it.
enum class letter_state : std::uint8_t { dead, parked, redriven, discarded, handled };
std::string_view to_string(letter_state state) noexcept;

/// A letter keeps this many attempts: the first and the latest halves.
inline constexpr std::size_t attempts_kept_max = 32;

/// Somebody has changed the payload.
struct letter_edit {
  timestamp time;
  /// Who, and why, in their own words.
  std::string note;
  std::string payload_before;
};
/// A letter is edited so often at most.
inline constexpr std::size_t letter_edits_max = 16;

struct dead_letter {
  /// In the order in which letters were kept, from 1; given by the store, 0 before.
  std::uint64_t number = 0;
  event_id id;
  event_id correlation_id;
  event_id causation_id;
  timestamp published_at;
  std::string key;
  std::string type_name;
  std::uint32_t type_version = 0;
  /// The payload as JSON; what came from outside and never became an event, as it came; what was
  /// stored and cannot be decoded, as it was stored.
  std::string payload;

  std::string topic;
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  std::string subscription;

  error failure;
  std::vector<attempt> attempts;
  unsigned attempt_count = 0;
  unsigned delivery_count = 1;
  timestamp died_at;
  letter_state state = letter_state::dead;
  /// So often it was delivered again later.
  unsigned redeliveries = 0;
  /// Of a parked letter: when it is delivered again; zero: as soon as those before it are done.
  timestamp due{};
  std::vector<letter_edit> edits;

  /// Letters with the same fingerprint have the same cause: event type, error code, exception type
  /// and message with the digits taken out, hashed to 16 hex digits.
  std::string fingerprint() const;
  /// What it takes in a store, with what finds it there.
  std::size_t bytes() const noexcept;
};

/// The letter of one event of a batch; where it came from and why is the caller's to fill in.
dead_letter letter_of(const event_view& event);

}  // namespace weir::delivery
