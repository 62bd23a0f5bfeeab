// SPDX-License-Identifier: BSD-3-Clause
// The decision table for failures: the error's class first, then the count of attempts.
#include "weir/runtime/policy/recoverability.hpp"

#include <algorithm>

namespace weir {
namespace {

verdict_kind exhausted(exhausted_action action) noexcept {
  switch (action) {
    case exhausted_action::dead_letter: return verdict_kind::dead_letter;
    case exhausted_action::skip: return verdict_kind::skip;
    case exhausted_action::halt: return verdict_kind::halt;
  }
  // A number outside the enum: stopping loses nothing.
  return verdict_kind::halt;
}

}  // namespace

result<void> retry_policy::check() const {
  if (retries > retries_max) {
    return fail(errc::invalid_argument, "retry: " + std::to_string(retries) + " retries, at most " +
                                            std::to_string(retries_max) + " are allowed");
  }
  return delays.check();
}

result<void> recoverability::check() const {
  if (max_deliveries < 1 || max_deliveries > deliveries_limit) {
    return fail(errc::invalid_argument, "max_deliveries " + std::to_string(max_deliveries) +
                                            " is not in 1.." + std::to_string(deliveries_limit));
  }
  return in_place.check();
}

verdict decide(const recoverability& policy, const error& failure, unsigned attempts,
               random& chance) noexcept {
  const unsigned made = std::max(attempts, 1U);
  switch (failure.kind()) {
    case error_class::poison: return {verdict_kind::dead_letter, duration::zero()};
    case error_class::fatal: return {verdict_kind::halt, duration::zero()};
    case error_class::transient: break;
  }
  if (made <= policy.in_place.retries) {
    return {verdict_kind::retry, policy.in_place.delays.delay(made, chance)};
  }
  return {exhausted(policy.on_exhausted), duration::zero()};
}

std::string_view to_string(exhausted_action action) noexcept {
  return to_string(exhausted(action));
}

std::string_view to_string(verdict_kind kind) noexcept {
  switch (kind) {
    case verdict_kind::retry: return "retry";
    case verdict_kind::dead_letter: return "dead_letter";
    case verdict_kind::skip: return "skip";
    case verdict_kind::halt: return "halt";
  }
  return "unknown";
}

std::string to_string(const recoverability& policy) {
  std::string text = std::to_string(policy.in_place.retries);
  text.append(policy.in_place.retries == 1 ? " retry" : " retries");
  if (policy.in_place.retries > 0)
    text.append(" (").append(to_string(policy.in_place.delays)).append(")");
  text.append(", then ").append(to_string(policy.on_exhausted));
  text.append("; at most ").append(std::to_string(policy.max_deliveries)).append(" deliveries");
  return text;
}

}  // namespace weir
