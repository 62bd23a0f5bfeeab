// SPDX-License-Identifier: BSD-3-Clause
// The dispatcher's desk: one slip per ride that is looking for a driver or under way, and what an
// answer or a timeout means for it. Timers are cancelled when an answer comes, but one may have
// fired already, so every answer and timeout says which round it is about.
//
// Invariant: of one ride's events only one is handled at a time (they share a key); different rides
// meet here from any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace ride_hailing {

/// Drivers asked before a ride expires.
inline constexpr std::int64_t rounds_max = 3;
inline constexpr std::int64_t nobody = -1;

/// What a timeout leads to.
enum class next_step { ignore, ask_another, give_up };

class desk {
 public:
  /// The round that begins now, from 1; a ride that is new gets its slip.
  std::int64_t begin_round(std::int64_t ride);
  /// Who is asked in this round, perhaps `nobody`.
  void ask(std::int64_t ride, std::int64_t driver);
  /// Who was asked so far.
  std::vector<std::int64_t> asked(std::int64_t ride) const;

  /// True if the ride has a driver by this answer; false if it came too late.
  bool accept(std::int64_t ride, std::int64_t round);
  next_step time_out(std::int64_t ride, std::int64_t round) const;
  /// Who is asked now or drives; `nobody` if none is.
  std::int64_t driver_of(std::int64_t ride) const;
  /// The ride has ended: false if it had before.
  bool close(std::int64_t ride);
  /// Rides with a slip.
  std::uint64_t open() const;

 private:
  struct slip {
    std::int64_t round = 0;
    std::int64_t driver = nobody;
    bool taken = false;
    std::vector<std::int64_t> asked;
  };
  const slip* find(std::int64_t ride) const;

  mutable std::mutex access_;
  std::unordered_map<std::int64_t, slip> slips_;
};

}  // namespace ride_hailing
