// SPDX-License-Identifier: BSD-3-Clause
// Reading the machine's time and printing any time.
#include "weir/runtime/core/clock.hpp"

#include <cstdio>

#include "weir/runtime/core/invariant.hpp"

namespace weir {
timestamp clock::now() const noexcept {
  if (manual_) return timestamp{duration{now_.load(std::memory_order_relaxed)}};
  timespec spec{};
  clock_gettime(CLOCK_REALTIME, &spec);
  return timestamp{std::chrono::seconds{spec.tv_sec} + duration{spec.tv_nsec}};
}

void clock::advance(duration step) noexcept {
  WEIR_INVARIANT(manual_, "only a manual clock can be moved");
  WEIR_INVARIANT(step >= duration::zero(), "time advances forward; use set() to go back");
  now_.fetch_add(step.count(), std::memory_order_relaxed);
}

void clock::set(timestamp time) noexcept {
  WEIR_INVARIANT(manual_, "only a manual clock can be set");
  now_.store(time.time_since_epoch().count(), std::memory_order_relaxed);
}

const clock& machine_clock() noexcept {
  static const clock machine;
  return machine;
}

std::string to_string(timestamp time) {
  // Milliseconds first: the day in which the first nanosecond falls begins before it.
  const auto cut = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(cut);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock_time{cut - day};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock_time.hours().count()),
                static_cast<int>(clock_time.minutes().count()),
                static_cast<int>(clock_time.seconds().count()),
                static_cast<int>(clock_time.subseconds().count()));
  return text;
}

}  // namespace weir
