// SPDX-License-Identifier: BSD-3-Clause
// Counting outcomes, opening, looking, closing.
#include "weir/runtime/policy/circuit_breaker.hpp"

#include <algorithm>
#include <cmath>

#include "weir/runtime/policy/backoff.hpp"

namespace weir {

result<void> breaker_settings::check() const {
  // Written so that not-a-number is refused too.
  if (!(failure_share > 0.0 && failure_share <= 1.0)) {
    return fail(errc::invalid_argument,
                "circuit_breaker: failure_share " + std::to_string(failure_share) +
                    " is not above 0 and at most 1");
  }
  if (window < 1 || window > window_max) {
    return fail(errc::invalid_argument, "circuit_breaker: window " + std::to_string(window) +
                                            " is not in 1.." + std::to_string(window_max));
  }
  if (open_for < open_least || open_for > open_longest) {
    return fail(errc::invalid_argument, "circuit_breaker: open_for " + duration_text(open_for) +
                                            " is not in 1ms..24h");
  }
  return {};
}

std::string to_string(const breaker_settings& settings) {
  return "open for " + duration_text(settings.open_for) + " when " +
         std::to_string(std::lround(settings.failure_share * 100)) + " % of " +
         std::to_string(settings.window) + " fail";
}

circuit_breaker::circuit_breaker(const breaker_settings& settings)
    : settings_(settings), outcomes_(settings.window) {}

bool circuit_breaker::admits(timestamp now) const noexcept {
  if (state_ == state::closed) return true;
  return !probing_ && now >= open_until_;
}

std::uint32_t circuit_breaker::admit(std::uint32_t events, timestamp now) noexcept {
  if (state_ == state::closed) return events;
  if (!admits(now)) return 0;
  state_ = state::half_open;
  probing_ = true;
  return 1;
}

void circuit_breaker::succeeded(std::uint32_t events) noexcept {
  if (events == 0) return;
  if (state_ == state::half_open) return close();
  // Nothing but successes is known: one more says nothing new.
  if (failures_ == 0 && known_ == settings_.window) [[likely]] return;
  for (auto left = std::min(events, settings_.window); left > 0; --left) note(false);
}

void circuit_breaker::failed(timestamp now) noexcept {
  if (state_ == state::half_open) return open(now);
  note(true);
  const auto enough = settings_.failure_share * settings_.window;
  if (state_ == state::closed && known_ == settings_.window && failures_ >= enough) open(now);
}

void circuit_breaker::note(bool failure) noexcept {
  if (outcomes_[next_]) --failures_;
  outcomes_[next_] = failure;
  failures_ += failure ? 1 : 0;
  next_ = (next_ + 1) % settings_.window;
  known_ = std::min(known_ + 1, settings_.window);
}

void circuit_breaker::open(timestamp now) noexcept {
  state_ = state::open;
  probing_ = false;
  open_until_ = now + settings_.open_for;
}

void circuit_breaker::close() noexcept {
  state_ = state::closed;
  probing_ = false;
  // What failed before says nothing any more.
  std::fill(outcomes_.begin(), outcomes_.end(), false);
  known_ = failures_ = 0;
}

duration circuit_breaker::wait(timestamp now) const noexcept {
  if (state_ == state::closed || probing_) return duration::zero();
  // A clock that was set back does not keep it open for longer than it should be.
  return std::clamp(open_until_ - now, duration::zero(), settings_.open_for);
}

std::string_view to_string(circuit_breaker::state state) noexcept {
  switch (state) {
    case circuit_breaker::state::closed: return "closed";
    case circuit_breaker::state::open: return "open";
    case circuit_breaker::state::half_open: break;
  }
  return "half_open";
}

}  // namespace weir
