// SPDX-License-Identifier: BSD-3-Clause
// Filing by digits, filing again, and going back when a clock does.
#include "weir/runtime/topic/schedule.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include "weir/runtime/core/invariant.hpp"

namespace weir::topic {
namespace {

constexpr std::uint64_t sign = std::uint64_t{1} << 63;

/// Times as numbers whose order is that of the times, those before 1970 included.
std::uint64_t number_of(timestamp time) noexcept {
  return static_cast<std::uint64_t>(time.time_since_epoch().count()) ^ sign;
}
timestamp time_of(std::uint64_t number) noexcept {
  return timestamp{duration{static_cast<std::int64_t>(number ^ sign)}};
}

}  // namespace

result<schedule_ticket> schedule::add(std::unique_ptr<scheduled_event>& event, timestamp when,
                                      timestamp now) {
  const auto bytes = event->bytes();
  if (held_ >= limits_.events_max || bytes > limits_.bytes_max - held_bytes_) {
    return fail(errc::schedule_full,
                std::to_string(held_) + " events of " + std::to_string(held_bytes_) +
                    " bytes are scheduled; the limits are " + std::to_string(limits_.events_max) +
                    " and " + std::to_string(limits_.bytes_max));
  }
  const auto index = open_entry();
  const auto earliest = number_of(now);
  if (waiting_ == 0) base_ = earliest;
  if (earliest < base_) move_back(earliest);
  auto& added = at(index);
  added.due = std::max(number_of(when), earliest);
  added.order = ++last_order_;
  added.event = std::move(event);
  file(index);
  ++waiting_;
  ++held_;
  held_bytes_ += bytes;
  return schedule_ticket{added.order, index};
}

std::unique_ptr<scheduled_event> schedule::cancel(const schedule_ticket& ticket) noexcept {
  if (ticket.order == 0 || ticket.place / chunk_entries >= chunks_.size()) return nullptr;
  if (at(ticket.place).order != ticket.order) return nullptr;
  unfile(ticket.place);
  auto event = close_entry(ticket.place);
  release(1, event->bytes());
  return event;
}

std::unique_ptr<scheduled_event> schedule::take(timestamp now) noexcept {
  const auto latest = number_of(now);
  while (waiting_ > 0) {
    const auto where = first_place();
    const auto due = due_of(where);
    if (due > latest) {
      // Up to the slot, but not into it, the base may follow the clock: what is added later is then
      // filed lower.
      base_ = std::max(base_, std::min(latest, begin_of(where) - (where.level > 0 ? 1 : 0)));
      return nullptr;
    }
    const auto& slot = levels_[where.level].slots[where.slot];
    if (where.level == 0 || slot.first == slot.last) {
      const auto index = slot.first;
      unfile(index);
      base_ = due;
      return close_entry(index);
    }
    file_lower(where);
  }
  return nullptr;
}

void schedule::release(std::uint64_t events, std::uint64_t bytes) noexcept {
  WEIR_INVARIANT(events <= held_ - waiting_ && bytes <= held_bytes_,
                 "only what was taken is released");
  held_ -= events;
  held_bytes_ -= bytes;
}

std::optional<timestamp> schedule::next_due() const noexcept {
  if (waiting_ == 0) return std::nullopt;
  return time_of(due_of(first_place()));
}

std::uint32_t schedule::open_entry() {
  if (free_ == none) {
    const auto first = static_cast<std::uint32_t>(chunks_.size()) * chunk_entries;
    chunks_.push_back(std::make_unique<entry[]>(chunk_entries));
    for (auto i = chunk_entries; i-- > 0;) {
      chunks_.back()[i].after = free_;
      free_ = first + i;
    }
  }
  const auto index = free_;
  free_ = at(index).after;
  return index;
}

std::unique_ptr<scheduled_event> schedule::close_entry(std::uint32_t index) noexcept {
  auto& closed = at(index);
  closed.order = 0;
  closed.after = std::exchange(free_, index);
  --waiting_;
  return std::move(closed.event);
}

schedule::place schedule::place_of(std::uint64_t due) const noexcept {
  const auto differs = due ^ base_;
  const auto level =
      differs == 0 ? 0U : static_cast<unsigned>(std::bit_width(differs) - 1) / digit_bits;
  return {level, static_cast<unsigned>(due >> (level * digit_bits)) & ((1U << digit_bits) - 1)};
}

std::uint64_t schedule::begin_of(place where) const noexcept {
  const auto low = where.level * digit_bits;
  const auto above = low + digit_bits >= 64 ? 0 : base_ >> (low + digit_bits) << (low + digit_bits);
  return above | std::uint64_t{where.slot} << low;
}

schedule::place schedule::first_place() const noexcept {
  const auto level = static_cast<unsigned>(std::countr_zero(levels_used_));
  return {level, static_cast<unsigned>(std::countr_zero(levels_[level].used))};
}

std::uint64_t schedule::due_of(place where) const noexcept {
  const auto& slot = levels_[where.level].slots[where.slot];
  return slot.first == slot.last ? at(slot.first).due : begin_of(where);
}

void schedule::file(std::uint32_t index) noexcept {
  auto& filed = at(index);
  const auto where = place_of(filed.due);
  auto& slot = levels_[where.level].slots[where.slot];
  filed.before = slot.last;
  filed.after = none;
  (slot.last == none ? slot.first : at(slot.last).after) = index;
  slot.last = index;
  levels_[where.level].used |= std::uint64_t{1} << where.slot;
  levels_used_ |= 1U << where.level;
}

void schedule::unfile(std::uint32_t index) noexcept {
  const auto& filed = at(index);
  const auto where = place_of(filed.due);
  auto& slot = levels_[where.level].slots[where.slot];
  (filed.before == none ? slot.first : at(filed.before).after) = filed.after;
  (filed.after == none ? slot.last : at(filed.after).before) = filed.before;
  if (slot.first == none) static_cast<void>(empty(where));
}

schedule::list schedule::empty(place where) noexcept {
  auto& emptied = levels_[where.level];
  emptied.used &= ~(std::uint64_t{1} << where.slot);
  if (emptied.used == 0) levels_used_ &= ~(1U << where.level);
  return std::exchange(emptied.slots[where.slot], list{});
}

void schedule::file_lower(place where) noexcept {
  base_ = begin_of(where);
  for (auto index = empty(where).first; index != none;) {
    const auto next = at(index).after;
    file(index);
    index = next;
  }
}

void schedule::move_back(std::uint64_t base) noexcept {
  // Above the highest digit that changes nothing does, nor at it: all times are after both bases.
  // Whatever is filed below it has the old base's value of that digit, and belongs there now.
  const auto highest = place_of(base).level;
  list moved;
  for (unsigned level = 0; level < highest; ++level) {
    while (levels_[level].used != 0) {
      const auto slot = static_cast<unsigned>(std::countr_zero(levels_[level].used));
      const auto part = empty({level, slot});
      at(part.first).before = moved.last;
      (moved.last == none ? moved.first : at(moved.last).after) = part.first;
      moved.last = part.last;
    }
  }
  const auto old = base_;
  base_ = base;
  if (moved.first == none) return;
  const auto where = place_of(old);
  WEIR_INVARIANT(where.level == highest && levels_[highest].slots[where.slot].first == none,
                 "nothing is filed under the base's own digit");
  levels_[highest].slots[where.slot] = moved;
  levels_[highest].used |= std::uint64_t{1} << where.slot;
  levels_used_ |= 1U << highest;
}

}  // namespace weir::topic
