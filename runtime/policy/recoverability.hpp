// SPDX-License-Identifier: BSD-3-Clause
// What becomes of an event whose handler failed: the pure answer to (policy, failure, attempts so
// far). Invariant: every failure gets exactly one verdict; unless a rule says so, nothing retries
// poison or forgets a fatal error. Owned by the subscription; the subscriber's shell carries the
// verdict out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/runtime/core/error.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/policy/recovery_rule.hpp"

namespace weir {

/// A subscription's answer to failures. One that says nothing never tries again; what subscriptions
/// do unless told otherwise is default_recoverability().
struct recoverability {
  static constexpr unsigned deliveries_limit = 1000;
  static constexpr std::size_t rules_max = 64;

  /// The first that matches decides; what follows them is for failures that none matches.
  std::vector<recovery_rule> rules{};
  retry_policy in_place;
  redelivery_policy later{};
  /// An event that ended its subscriber this many times is a dead letter; 1..1000.
  unsigned max_deliveries = 3;
  exhausted_action on_exhausted = exhausted_action::dead_letter;
  /// Events wait behind an earlier one of their key that is to be delivered again later, or is a
  /// dead letter, until that is done, redriven or discarded: the order of keys holds through both.
  bool park_key = false;

  /// errc::invalid_argument naming the first number out of range.
  result<void> check() const;
  bool operator==(const recoverability&) const = default;
};

/// What may pass is tried three more times in place (after 10, 20 and 40 ms), and then, the event
/// having left its partition, after 10 s, 1 min and 10 min, each time with as many in place.
recoverability default_recoverability();

enum class verdict_kind : std::uint8_t { retry, redeliver, dead_letter, skip, halt, restart };
std::string_view to_string(verdict_kind kind) noexcept;

/// What to do now; `delay` is what a retry or redelivery waits first, zero otherwise.
struct verdict {
  verdict_kind kind = verdict_kind::dead_letter;
  duration delay{0};
  bool operator==(const verdict&) const = default;
};

/// `attempts` handler calls were made in this delivery, the last ended in `failed` (0 counts as 1);
/// it was delivered again later `redeliveries` times. A rule that matches retries while `attempts`
/// is at most its retries, then redelivers while it has delays left, then does what it says.
/// Otherwise, transient: the same with `in_place`, `later` and `on_exhausted`; poison:
/// a dead letter at once, even if `on_exhausted` says skip, because skipping would lose what nobody
/// looked at; fatal: halt.
verdict decide(const recoverability& policy, const failed_event& failed, unsigned attempts,
               random& chance, unsigned redeliveries = 0) noexcept;

/// True if an event delivered `deliveries` times that ended its subscriber again is not to be
/// delivered once more.
constexpr bool deliveries_exhausted(const recoverability& policy, unsigned deliveries) noexcept {
  return deliveries >= policy.max_deliveries;
}

/// `5 retries (exponential from 100ms, x2, at most 30s), then dead_letter; at most 3 deliveries`.
std::string to_string(const recoverability& policy);

}  // namespace weir
