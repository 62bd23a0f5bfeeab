// SPDX-License-Identifier: BSD-3-Clause
// How old an event may be when it is handled. One comparison a batch where it is not set.
#pragma once

#include "weir/runtime/event/batch.hpp"

namespace weir::delivery {

class time_to_live {
 public:
  /// No limit.
  time_to_live() = default;
  /// `limit` > 0: events older than that have expired.
  explicit time_to_live(duration limit) : limit_(limit) {}

  /// The first event of [from, to) that has expired by `now`, or, if `expired` is false, that has
  /// not; `to` if there is none. Without a limit, nothing ever has.
  std::uint32_t first(bool expired, const batch& events, std::uint32_t from, std::uint32_t to,
                      timestamp now) const noexcept {
    if (limit_ == duration::zero()) return expired ? to : from;
    while (from < to && (now - events.envelopes()[from].time > limit_) != expired) ++from;
    return from;
  }

 private:
  duration limit_ = duration::zero();
};

}  // namespace weir::delivery
