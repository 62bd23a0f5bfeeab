// SPDX-License-Identifier: BSD-3-Clause
// Points in time as text and back, between the year 0 and 9999, to the nanosecond. Durations too:
// both are counted in seconds and nanoseconds here, and converted to a type's own ticks exactly or
// not at all.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::codec::internal {

inline constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

/// Seconds since the Unix epoch and, forward from there, 0 to 999,999,999 nanoseconds.
struct split_time {
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
};

/// Appends `"2001-01-31T23:59:00Z"` with quotes; a fraction has 3, 6 or 9 digits, as few as keep
/// every nanosecond. Returns false and appends nothing if the year is not in 0 to 9999.
bool append_time(split_time time, std::string& out);

/// Reads RFC 3339: any offset, up to 9 digits of fraction, `t` and `z` in either case. Nothing on
/// anything else, a leap second included: the system clock has no place for one.
std::optional<split_time> parse_time(std::string_view text) noexcept;

/// The time in ticks of 1/Period, split; nothing if the seconds do not fit 64 bits.
template <class Duration>
std::optional<split_time> split(Duration since_epoch) noexcept {
  using period = typename Duration::period;
  if (!std::in_range<std::int64_t>(since_epoch.count())) return {};
  const auto count = static_cast<std::int64_t>(since_epoch.count());
  if constexpr (period::den == 1) {
    split_time whole;
    if (__builtin_mul_overflow(count, std::int64_t{period::num}, &whole.seconds)) return {};
    return whole;
  } else {
    static_assert(period::num == 1 && nanoseconds_per_second % period::den == 0,
                  "only ticks of whole seconds, or whole fractions of one down to nanoseconds");
    std::int64_t seconds = count / period::den;
    std::int64_t rest = count % period::den;
    if (rest < 0) {
      rest += period::den;
      --seconds;
    }
    return split_time{seconds, rest * (nanoseconds_per_second / period::den)};
  }
}

/// The way back: nothing if Duration is too coarse or too short for the time.
template <class Duration>
std::optional<Duration> join(split_time time) noexcept {
  using period = typename Duration::period;
  std::int64_t ticks = 0;
  if constexpr (period::den == 1) {
    if (time.nanoseconds != 0 || time.seconds % period::num != 0) return {};
    ticks = time.seconds / period::num;
  } else {
    constexpr std::int64_t tick = nanoseconds_per_second / period::den;
    if (time.nanoseconds % tick != 0) return {};
    std::int64_t rest = time.nanoseconds / tick;
    // Towards zero first: the earliest representable second begins before the earliest tick.
    if (time.seconds < 0 && rest > 0) {
      ++time.seconds;
      rest -= period::den;
    }
    if (__builtin_mul_overflow(time.seconds, std::int64_t{period::den}, &ticks)) return {};
    if (__builtin_add_overflow(ticks, rest, &ticks)) return {};
  }
  using rep = typename Duration::rep;
  if (!std::in_range<rep>(ticks)) return {};
  return Duration{static_cast<rep>(ticks)};
}

/// A duration as whole nanoseconds; nothing beyond 292 years either way.
template <class Duration>
std::optional<std::int64_t> to_nanoseconds(Duration length) noexcept {
  const auto parts = split(length);
  if (!parts) return {};
  const auto whole = join<std::chrono::duration<std::int64_t, std::nano>>(*parts);
  if (!whole) return {};
  return whole->count();
}

/// The way back: nothing if Duration cannot hold the nanoseconds exactly.
template <class Duration>
std::optional<Duration> from_nanoseconds(std::int64_t nanoseconds) noexcept {
  return join<Duration>(*split(std::chrono::duration<std::int64_t, std::nano>{nanoseconds}));
}

}  // namespace weir::codec::internal
