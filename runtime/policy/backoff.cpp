// SPDX-License-Identifier: BSD-3-Clause
// The arithmetic of waiting. It runs in doubles and is clamped at the end: a double holds a day in
// nanoseconds exactly to 16 ns, and overflow becomes infinity, which clamps to `max`.
#include "weir/runtime/policy/backoff.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace weir {
namespace {

double undisturbed(const backoff& delays, double steps) noexcept {
  const auto first = static_cast<double>(delays.first.count());
  switch (delays.kind) {
    case backoff_kind::none: return 0.0;
    case backoff_kind::fixed: return first;
    case backoff_kind::linear: return first + static_cast<double>(delays.step.count()) * steps;
    case backoff_kind::exponential: return first * std::pow(delays.factor, steps);
  }
  return 0.0;
}

bool within(double value, double low, double high) noexcept {
  return value >= low && value <= high;
}

std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

}  // namespace

std::string text_of(duration value) {
  const auto count = value.count();
  if (count % 1'000'000'000 == 0) return std::to_string(count / 1'000'000'000) + "s";
  if (count % 1'000'000 == 0) return std::to_string(count / 1'000'000) + "ms";
  if (count % 1'000 == 0) return std::to_string(count / 1'000) + "us";
  return std::to_string(count) + "ns";
}

std::string duration_text(duration value) { return text_of(value); }

std::string_view to_string(backoff_kind kind) noexcept {
  switch (kind) {
    case backoff_kind::none: return "none";
    case backoff_kind::fixed: return "fixed";
    case backoff_kind::linear: return "linear";
    case backoff_kind::exponential: return "exponential";
  }
  return "unknown";
}

backoff backoff::with_jitter(double share) const noexcept {
  backoff changed = *this;
  changed.jitter = share;
  return changed;
}

duration backoff::delay(unsigned retry, random& chance) const noexcept {
  if (retry == 0 || kind == backoff_kind::none || max <= duration::zero()) return duration::zero();
  const auto ceiling = static_cast<double>(max.count());
  double wanted = undisturbed(*this, static_cast<double>(retry - 1));
  // Written so that NaN, which compares false with everything, becomes no delay.
  if (!(wanted > 0.0)) return duration::zero();
  wanted = std::min(wanted, ceiling);
  if (jitter > 0.0) wanted -= wanted * std::min(jitter, 1.0) * chance.fraction();
  if (wanted >= ceiling) return max;
  return duration{static_cast<duration::rep>(wanted)};
}

result<void> backoff::check() const {
  const auto wrong = [](std::string text) {
    return fail(errc::invalid_argument, "backoff: " + text);
  };
  if (!within(jitter, 0.0, 1.0)) return wrong("jitter " + text_of(jitter) + " is not in 0..1");
  if (kind == backoff_kind::none) return {};
  if (first <= duration::zero())
    return wrong("the first delay " + text_of(first) + " is not positive");
  if (max > longest) return wrong("max " + text_of(max) + " is longer than " + text_of(longest));
  if (max < first) return wrong("max " + text_of(max) + " is under the first " + text_of(first));
  if (kind == backoff_kind::linear && (step < duration::zero() || step > longest)) {
    return wrong("step " + text_of(step) + " is not in 0.." + text_of(longest));
  }
  if (kind == backoff_kind::exponential && !within(factor, 1.0, factor_max)) {
    return wrong("factor " + text_of(factor) + " is not in 1..100");
  }
  return {};
}

backoff fixed(duration pause) noexcept {
  backoff made;
  made.kind = backoff_kind::fixed;
  made.first = pause;
  made.max = pause;
  return made;
}

backoff linear(duration first, duration step, duration max) noexcept {
  backoff made;
  made.kind = backoff_kind::linear;
  made.first = first;
  made.step = step;
  made.max = max;
  return made;
}

backoff linear(duration first) noexcept { return linear(first, first); }

backoff exponential(duration first, duration max, double factor) noexcept {
  backoff made;
  made.kind = backoff_kind::exponential;
  made.first = first;
  made.max = max;
  made.factor = factor;
  return made;
}

std::string to_string(const backoff& delays) {
  std::string text{to_string(delays.kind)};
  if (delays.kind == backoff_kind::none) return text;
  text.append(delays.kind == backoff_kind::fixed ? " " : " from ").append(text_of(delays.first));
  if (delays.kind == backoff_kind::linear) text.append(", +").append(text_of(delays.step));
  if (delays.kind == backoff_kind::exponential) text.append(", x").append(text_of(delays.factor));
  if (delays.kind != backoff_kind::fixed) text.append(", at most ").append(text_of(delays.max));
  if (delays.jitter > 0.0)
    text.append(", jitter ").append(text_of(delays.jitter * 100)).append("%");
  return text;
}

}  // namespace weir
