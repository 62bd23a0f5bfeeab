// SPDX-License-Identifier: BSD-3-Clause
// What all handlers share; it outlives them.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <unordered_map>

#include "weir/actors/broker/scheduled.hpp"
#include "weir/samples/ride_hailing/books.hpp"
#include "weir/samples/ride_hailing/desk.hpp"
#include "weir/samples/ride_hailing/fleet.hpp"
#include "weir/samples/ride_hailing/world.hpp"

namespace ride_hailing {

/// A second here is a quarter of an hour there.
struct pace {
  /// How long a driver has for an answer, before the next is asked.
  weir::duration patience = std::chrono::milliseconds{100};
  /// The longest that one who answers thinks, and the longest trip.
  weir::duration reaction = std::chrono::milliseconds{12};
  weir::duration trip = std::chrono::milliseconds{40};
  /// What the router's and the map's network take.
  weir::duration router = std::chrono::milliseconds{2};
  weir::duration map = std::chrono::milliseconds{4};
  /// What is older on the map is wrong.
  weir::duration freshness = std::chrono::milliseconds{60};
  /// Rides for which drivers are looked for at once.
  std::uint32_t at_once = 64;
};

/// The timer of each ride that waits for an answer. Any thread.
class timers {
 public:
  void keep(std::int64_t ride, weir::scheduled timer) {
    const std::lock_guard lock{access_};
    waiting_[ride] = std::move(timer);
  }
  /// True if it will not fire.
  bool cancel(std::int64_t ride) {
    const std::lock_guard lock{access_};
    const auto found = waiting_.find(ride);
    if (found == waiting_.end()) return false;
    const bool cancelled = found->second.cancel();
    waiting_.erase(found);
    return cancelled;
  }

 private:
  std::mutex access_;
  std::unordered_map<std::int64_t, weir::scheduled> waiting_;
};

struct tallies {
  std::atomic<std::uint64_t> offers{0}, accepted{0}, timed_out{0}, too_late{0};
  std::atomic<std::uint64_t> nobody_free{0}, timers_cancelled{0}, metres_driven{0};
};

struct city {
  city(std::uint64_t seed, std::int64_t count, pace chosen)
      : people(seed, count), drivers(people.homes()), driven(people.homes()), times(chosen) {}

  const world people;
  fleet drivers;
  /// Where the odometer saw each driver last; its handler's alone.
  std::vector<point> driven;
  desk slips;
  books done;
  timers answers;
  tallies counts;
  const pace times;
};

}  // namespace ride_hailing
