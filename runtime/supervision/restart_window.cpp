// SPDX-License-Identifier: BSD-3-Clause
// A ring of restart times. More than n restarts lie within a window exactly if the n-th before the
// latest does, so n + 1 times decide.
#include "weir/runtime/supervision/restart_window.hpp"

#include <algorithm>
#include <cstdint>

namespace weir::supervision {
namespace {

intensity clamped(intensity limit) noexcept {
  limit.restarts = std::min(limit.restarts, intensity::restarts_max);
  limit.window = std::clamp(limit.window, duration{1}, intensity::window_max);
  return limit;
}

// The distance is taken unsigned: between the ends of time it does not fit a signed number.
bool within(timestamp then, timestamp now, duration window) noexcept {
  if (now <= then) return true;
  const auto distance = static_cast<std::uint64_t>(now.time_since_epoch().count()) -
                        static_cast<std::uint64_t>(then.time_since_epoch().count());
  return distance <= static_cast<std::uint64_t>(window.count());
}

}  // namespace

result<void> intensity::check() const {
  if (restarts > restarts_max) {
    return fail(errc::invalid_argument, "intensity: " + std::to_string(restarts) +
                                            " restarts, at most " + std::to_string(restarts_max) +
                                            " are allowed");
  }
  if (window <= duration::zero() || window > window_max) {
    return fail(
        errc::invalid_argument,
        "intensity: the window of " + std::to_string(window.count()) + "ns is not in 1ns..7 days");
  }
  return {};
}

std::string to_string(const intensity& limit) {
  const auto window = std::chrono::ceil<std::chrono::milliseconds>(limit.window).count();
  return std::to_string(limit.restarts) + " restarts in " + std::to_string(window) + "ms";
}

restart_window::restart_window(intensity limit)
    : limit_(clamped(limit)), times_(std::size_t{limit_.restarts} + 1) {}

bool restart_window::allow(timestamp now) {
  if (count_ > 0) now = std::max(now, times_[(oldest_ + count_ - 1) % times_.size()]);
  if (count_ == times_.size()) {
    oldest_ = (oldest_ + 1) % times_.size();
    --count_;
  }
  times_[(oldest_ + count_) % times_.size()] = now;
  ++count_;
  return recent(now) <= limit_.restarts;
}

std::size_t restart_window::recent(timestamp now) const noexcept {
  std::size_t found = 0;
  for (std::size_t age = 0; age < count_; ++age) {
    const auto then = times_[(oldest_ + count_ - 1 - age) % times_.size()];
    if (!within(then, now, limit_.window)) break;
    ++found;
  }
  return found;
}

void restart_window::clear() noexcept {
  oldest_ = 0;
  count_ = 0;
}

}  // namespace weir::supervision
