// SPDX-License-Identifier: BSD-3-Clause
// The bucket is full at full_at_; before that a token is missing for every interval begun.
#include "weir/runtime/policy/rate_limit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace weir {
namespace {

constexpr duration worth_a_timer = std::chrono::milliseconds{1};

std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

}  // namespace

result<void> rate_limit::check() const {
  // Written so that NaN, which compares false with everything, is refused.
  if (!(per_second >= per_second_min && per_second <= per_second_max)) {
    return fail(errc::invalid_argument, "rate_limit: " + text_of(per_second) +
                                            " events/s is not in 0.001..1000000");
  }
  if (burst < 1 || burst > burst_max) {
    return fail(errc::invalid_argument,
                "rate_limit: burst " + std::to_string(burst) + " is not in 1..1000000");
  }
  return {};
}

std::string to_string(const rate_limit& limit) {
  return text_of(limit.per_second) + " events/s, bursts of " + std::to_string(limit.burst);
}

token_bucket::token_bucket(const rate_limit& limit) noexcept
    : interval_(static_cast<duration::rep>(std::ceil(1e9 / limit.per_second))),
      burst_(limit.burst) {}

std::uint32_t token_bucket::available(timestamp now) noexcept {
  full_at_ = std::min(full_at_, now + interval_ * burst_);
  if (full_at_ <= now) return burst_;
  const auto missing = (full_at_ - now + interval_ - duration{1}) / interval_;
  return burst_ - static_cast<std::uint32_t>(missing);
}

void token_bucket::take(std::uint32_t tokens, timestamp now) noexcept {
  if (tokens > 0) full_at_ = std::max(full_at_, now) + interval_ * tokens;
}

duration token_bucket::wait(timestamp now) const noexcept {
  const auto wanted = std::clamp<std::int64_t>(worth_a_timer / interval_, 1, burst_);
  const auto there_at = full_at_ - interval_ * (burst_ - wanted);
  return std::max(there_at - now, duration::zero());
}

}  // namespace weir
