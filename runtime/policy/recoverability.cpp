// SPDX-License-Identifier: BSD-3-Clause
// The decision table for failures: rules first, then the error's class, then the count of attempts.
#include "weir/runtime/policy/recoverability.hpp"

#include <algorithm>

namespace weir {
namespace {

verdict_kind exhausted(exhausted_action action) noexcept {
  switch (action) {
    case exhausted_action::dead_letter: return verdict_kind::dead_letter;
    case exhausted_action::skip: return verdict_kind::skip;
    case exhausted_action::halt: return verdict_kind::halt;
    case exhausted_action::restart: return verdict_kind::restart;
  }
  // A number outside the enum: stopping loses nothing.
  return verdict_kind::halt;
}

}  // namespace

result<void> recoverability::check() const {
  if (max_deliveries < 1 || max_deliveries > deliveries_limit) {
    return fail(errc::invalid_argument, "max_deliveries " + std::to_string(max_deliveries) +
                                            " is not in 1.." + std::to_string(deliveries_limit));
  }
  if (rules.size() > rules_max) {
    return fail(errc::invalid_argument, std::to_string(rules.size()) + " rules, at most " +
                                            std::to_string(rules_max) + " are allowed");
  }
  for (const auto& rule : rules) {
    if (auto sound = rule.in_place().check(); !sound) return sound;
    if (auto sound = rule.later().check(); !sound) return sound;
  }
  if (auto sound = later.check(); !sound) return sound;
  return in_place.check();
}

recoverability default_recoverability() {
  recoverability made;
  made.in_place = {3, exponential(std::chrono::milliseconds{10})};
  made.later.delays = {std::chrono::seconds{10}, std::chrono::minutes{1}, std::chrono::minutes{10}};
  return made;
}

verdict decide(const recoverability& policy, const failed_event& failed, unsigned attempts,
               random& chance, unsigned redeliveries) noexcept {
  const unsigned made = std::max(attempts, 1U);
  const auto after = [&](const retry_policy& in_place, const redelivery_policy& later,
                         exhausted_action then) -> verdict {
    if (made <= in_place.retries) {
      return {verdict_kind::retry, in_place.delays.delay(made, chance)};
    }
    if (redeliveries < later.delays.size()) {
      return {verdict_kind::redeliver, later.delays[redeliveries]};
    }
    return {exhausted(then), duration::zero()};
  };
  for (const auto& rule : policy.rules) {
    if (rule.matches(failed)) return after(rule.in_place(), rule.later(), rule.then());
  }
  switch (failed.failure.kind()) {
    case error_class::poison: return {verdict_kind::dead_letter, duration::zero()};
    case error_class::fatal: return {verdict_kind::halt, duration::zero()};
    case error_class::transient: break;
  }
  return after(policy.in_place, policy.later, policy.on_exhausted);
}

std::string_view to_string(verdict_kind kind) noexcept {
  switch (kind) {
    case verdict_kind::retry: return "retry";
    case verdict_kind::redeliver: return "redeliver";
    case verdict_kind::dead_letter: return "dead_letter";
    case verdict_kind::skip: return "skip";
    case verdict_kind::halt: return "halt";
    case verdict_kind::restart: return "restart";
  }
  return "unknown";
}

std::string to_string(const recoverability& policy) {
  std::string text;
  for (const auto& rule : policy.rules) text += to_string(rule) + "; ";
  text += std::to_string(policy.in_place.retries);
  text.append(policy.in_place.retries == 1 ? " retry" : " retries");
  if (policy.in_place.retries > 0)
    text.append(" (").append(to_string(policy.in_place.delays)).append(")");
  if (!policy.later.delays.empty()) text += ", then again after " + to_string(policy.later);
  text.append(", then ").append(to_string(policy.on_exhausted));
  if (policy.park_key) text += ", later events of the key wait behind it";
  text.append("; at most ").append(std::to_string(policy.max_deliveries)).append(" deliveries");
  return text;
}

}  // namespace weir
