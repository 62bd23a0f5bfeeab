// SPDX-License-Identifier: BSD-3-Clause
// Event ids that sort by time. The layout is UUID version 7 (RFC 9562): 48 bits of Unix
// milliseconds, then a 32-bit sequence that restarts each millisecond, then 42 random bits that
// name the source. Invariant: the ids of one source strictly increase, even if its clock is set
// back.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/core/random.hpp"

namespace weir {

/// 128 bits; the zero id means "none". Ordered by time of creation.
struct event_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend auto operator<=>(const event_id&, const event_id&) = default;
  explicit operator bool() const noexcept { return (high | low) != 0; }
  /// The millisecond in which the id was made.
  timestamp time() const noexcept;
};

/// 36 characters as UUIDs are written: `018c5f2e-7b00-7000-8000-0123456789ab`.
std::string to_string(event_id id);

/// Makes ids. One thread at a time; two sources of different seeds never make the same id (up to
/// the 42 random bits that tell them apart).
class event_id_source {
 public:
  explicit event_id_source(random& seed) noexcept : source_(seed() & source_mask) {}

  event_id next(timestamp now) noexcept {
    const auto nanoseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
    // A comparison instead of a division: most events fall into the millisecond of the one before.
    if (nanoseconds >= next_millisecond_) [[unlikely]] {
      milliseconds_ = nanoseconds / 1'000'000U;
      next_millisecond_ = (milliseconds_ + 1) * 1'000'000U;
      sequence_ = 0;
    } else if (++sequence_ == 0) [[unlikely]] {
      ++milliseconds_;
      next_millisecond_ += 1'000'000U;
    }
    return {(milliseconds_ << 16U) | 0x7000U | (sequence_ >> 20U),
            0x8000'0000'0000'0000U | (std::uint64_t{sequence_ & 0xfffffU} << 42U) | source_};
  }

 private:
  static constexpr std::uint64_t source_mask = (std::uint64_t{1} << 42U) - 1;
  std::uint64_t source_;
  std::uint64_t milliseconds_ = 0;
  std::uint64_t next_millisecond_ = 1'000'000U;
  std::uint32_t sequence_ = 0;
};

}  // namespace weir
