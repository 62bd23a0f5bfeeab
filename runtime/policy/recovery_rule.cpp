// SPDX-License-Identifier: BSD-3-Clause
// Matching, comparing, telling.
#include "weir/runtime/policy/recovery_rule.hpp"

#include <algorithm>

namespace weir {

result<void> retry_policy::check() const {
  if (retries > retries_max) {
    return fail(errc::invalid_argument, "retry: " + std::to_string(retries) + " retries, at most " +
                                            std::to_string(retries_max) + " are allowed");
  }
  return delays.check();
}

result<void> redelivery_policy::check() const {
  if (delays.size() > delays_max) {
    return fail(errc::invalid_argument, "redeliver: " + std::to_string(delays.size()) +
                                            " delays, at most " + std::to_string(delays_max) +
                                            " are allowed");
  }
  for (const auto delay : delays) {
    if (delay >= duration::zero() && delay <= delay_max) continue;
    return fail(errc::invalid_argument,
                "redeliver: a delay of " + text_of(delay) + " is not in 0..30 days");
  }
  return {};
}

std::string to_string(const redelivery_policy& later) {
  std::string text;
  for (const auto delay : later.delays) text += (text.empty() ? "" : " ") + text_of(delay);
  return text;
}

std::string_view to_string(exhausted_action action) noexcept {
  switch (action) {
    case exhausted_action::dead_letter: return "dead_letter";
    case exhausted_action::skip: return "skip";
    case exhausted_action::halt: return "halt";
    case exhausted_action::restart: return "restart";
  }
  // A number outside the enum: stopping loses nothing.
  return "halt";
}

bool recovery_rule::matches(const failed_event& failed) const noexcept {
  const auto& failure = failed.failure;
  if (code_ && failure.code != *code_) return false;
  if (kind_ && failure.kind() != *kind_) return false;
  if (!exception_.empty() &&
      std::none_of(failure.causes.begin(), failure.causes.end(),
                   [&](const cause& one) { return one.type == exception_; })) {
    return false;
  }
  if (!event_type_.empty() && event_type_ != failed.type_name) {
    const auto at = event_type_.rfind('@');
    if (at == std::string::npos || event_type_.compare(0, at, failed.type_name) != 0 ||
        event_type_.substr(at + 1) != std::to_string(failed.type_version)) {
      return false;
    }
  }
  try {
    return !predicate_ || predicate_(failed);
  } catch (...) {
    return false;
  }
}

bool recovery_rule::operator==(const recovery_rule& other) const {
  return code_ == other.code_ && kind_ == other.kind_ && exception_ == other.exception_ &&
         event_type_ == other.event_type_ && !predicate_ == !other.predicate_ &&
         in_place_ == other.in_place_ && later_ == other.later_ && then_ == other.then_;
}

std::string to_string(const recovery_rule& rule) {
  std::string text;
  const auto add = [&](std::string_view word) {
    text.append(text.empty() ? "" : " ").append(word);
  };
  if (rule.code_) add(to_string(*rule.code_));
  if (rule.kind_) add(to_string(*rule.kind_));
  if (!rule.exception_.empty()) add(rule.exception_);
  if (text.empty()) add("any failure");
  if (!rule.event_type_.empty()) add("of " + rule.event_type_);
  if (rule.predicate_) add("where a predicate holds");
  text += ": ";
  if (rule.in_place_.retries > 0) {
    text += std::to_string(rule.in_place_.retries) +
            (rule.in_place_.retries == 1 ? " retry (" : " retries (") +
            to_string(rule.in_place_.delays) + "), then ";
  }
  if (!rule.later_.delays.empty()) {
    text += "again after " + to_string(rule.later_) + ", then ";
  }
  return text.append(to_string(rule.then_));
}

}  // namespace weir
