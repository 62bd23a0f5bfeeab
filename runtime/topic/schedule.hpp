// SPDX-License-Identifier: BSD-3-Clause
// Events that wait for their time, as a hierarchical timing wheel (Varghese and Lauck, SOSP 1987,
// scheme 7). No clock: times go in, due events come out, by time and then by order of scheduling.
//
// A time is eleven digits of six bits. An event is filed at the highest digit in which its time
// differs from the wheel's own, the base, under the value of that digit. When the base reaches a
// slot, its events are filed again lower down; at the lowest digit all events of a slot have the
// same time. So adding and cancelling touch one list, and an event is moved ten times at most.
//
// Why equal times keep their order: both events are always filed in the same slot, and nothing is
// added to a lower slot before the one above it has been filed again, in its order.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/topic/scheduled_event.hpp"

namespace weir::topic {

struct schedule_limits {
  /// Events at a time; 0: none may be scheduled.
  std::uint64_t events_max = 100'000;
  /// What they may take together, as scheduled_event::bytes says.
  std::uint64_t bytes_max = 32 * 1024 * 1024;
};

/// Names one scheduled event; never names another.
struct schedule_ticket {
  std::uint64_t order = 0;  // of scheduling, from 1; 0 names none
  std::uint32_t place = 0;
};

/// One thread at a time.
class schedule {
 public:
  explicit schedule(schedule_limits limits) noexcept : limits_(limits) {}

  /// Schedules an event for `at`, or for `now` if that has passed. errc::schedule_full, and the
  /// event stays where it is. `now` may go back from call to call: then events wait longer.
  result<schedule_ticket> add(std::unique_ptr<scheduled_event>& event, timestamp at,
                              timestamp now);
  /// Gives the event back, or nothing if it was taken or cancelled before.
  std::unique_ptr<scheduled_event> cancel(const schedule_ticket& ticket) noexcept;
  /// The next event whose time is not after `now`, or nothing. It counts until release().
  std::unique_ptr<scheduled_event> take(timestamp now) noexcept;
  /// `events` that were taken, of `bytes` together, are published and take no room any more.
  void release(std::uint64_t events, std::uint64_t bytes) noexcept;

  /// Nothing is due before this: exact if few events are near, else the begin of a slot, at which
  /// take() should be called. Nothing if no event waits.
  std::optional<timestamp> next_due() const noexcept;
  /// Events that wait for their time.
  std::uint64_t waiting() const noexcept { return waiting_; }
  /// Events that count: waiting, or taken and not released.
  std::uint64_t held() const noexcept { return held_; }
  std::uint64_t held_bytes() const noexcept { return held_bytes_; }

  /// Memory per event beside the event's own.
  static constexpr std::size_t entry_bytes = 32;

 private:
  static constexpr unsigned digit_bits = 6;
  static constexpr unsigned level_count = 11;
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static constexpr std::uint32_t chunk_entries = 1024;

  struct entry {
    std::uint64_t due = 0;
    std::uint64_t order = 0;  // 0: free
    std::unique_ptr<scheduled_event> event;
    std::uint32_t before = none;
    std::uint32_t after = none;  // of a free entry: the next free one
  };
  static_assert(sizeof(entry) == entry_bytes);
  struct list {
    std::uint32_t first = none;
    std::uint32_t last = none;
  };
  struct wheel {
    std::uint64_t used = 0;  // one bit per slot
    std::array<list, 1U << digit_bits> slots{};
  };
  struct place {
    unsigned level;
    unsigned slot;
  };

  entry& at(std::uint32_t index) noexcept {
    return chunks_[index / chunk_entries][index % chunk_entries];
  }
  const entry& at(std::uint32_t index) const noexcept {
    return chunks_[index / chunk_entries][index % chunk_entries];
  }
  std::uint32_t open_entry();
  std::unique_ptr<scheduled_event> close_entry(std::uint32_t index) noexcept;
  place place_of(std::uint64_t due) const noexcept;
  /// The begin of a slot, as a time.
  std::uint64_t begin_of(place where) const noexcept;
  /// The slot that comes first; there must be one.
  place first_place() const noexcept;
  std::uint64_t due_of(place where) const noexcept;
  void file(std::uint32_t index) noexcept;
  void unfile(std::uint32_t index) noexcept;
  list empty(place where) noexcept;
  void file_lower(place where) noexcept;
  void move_back(std::uint64_t base) noexcept;

  schedule_limits limits_;
  std::uint64_t base_ = 0;  // no event is due before it
  std::uint32_t levels_used_ = 0;  // one bit per level
  std::array<wheel, level_count> levels_{};
  std::vector<std::unique_ptr<entry[]>> chunks_;
  std::uint32_t free_ = none;
  std::uint64_t last_order_ = 0;
  std::uint64_t waiting_ = 0;
  std::uint64_t held_ = 0;
  std::uint64_t held_bytes_ = 0;
};

}  // namespace weir::topic
