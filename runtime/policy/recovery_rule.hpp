// SPDX-License-Identifier: BSD-3-Clause
// What a subscription does about some of its failures: which, and what. Rules are values; the first
// that matches decides, whatever the class of the error.
//
// Example:
//   subscription.recover(on_failure().code(errc::timeout).retry(10, exponential(100ms)))
//               .recover(on_failure().thrown<unknown_customer>().then_skip())
//               .recover(on_failure().event<payment>([](const payment& one, const error&) {
//                  return one.cents == 0;
//                }).then_skip());
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include <boost/core/demangle.hpp>

#include "weir/runtime/core/error.hpp"
#include "weir/runtime/core/result.hpp"
#include "weir/runtime/event/batch.hpp"
#include "weir/runtime/policy/backoff.hpp"

namespace weir {

/// Retries in place: the partition waits, so order holds.
struct retry_policy {
  /// More would hide a broken handler for days.
  static constexpr unsigned retries_max = 1000;

  /// Retries after the first attempt; 0 never retries.
  unsigned retries = 0;
  backoff delays;

  /// errc::invalid_argument for more than `retries_max`, or what `backoff::check` says.
  result<void> check() const;
  bool operator==(const retry_policy&) const = default;
};

/// Redeliveries later: the event waits outside of its partition, which goes on meanwhile, and is
/// delivered again after each of these delays in turn, with as many retries in place as before.
struct redelivery_policy {
  static constexpr std::size_t delays_max = 100;
  static constexpr duration delay_max = std::chrono::hours{24 * 30};

  std::vector<duration> delays{};

  /// errc::invalid_argument for more than `delays_max`, or a delay that is negative or longer than
  /// `delay_max`.
  result<void> check() const;
  bool operator==(const redelivery_policy&) const = default;
};
/// `10s 1min`; empty if there are none.
std::string to_string(const redelivery_policy& later);

/// What happens when the last allowed attempt failed too. `restart`: the subscriber ends and begins
/// anew with fresh handlers, as if the event had ended it: the event comes again with a higher
/// delivery count and is a dead letter after `max_deliveries`.
enum class exhausted_action : std::uint8_t { dead_letter, skip, halt, restart };
std::string_view to_string(exhausted_action action) noexcept;

/// A failed attempt, as rules see it.
struct failed_event {
  const event_view& event;
  /// What stands for an event that could not be decoded has the name and version of that.
  std::string_view type_name;
  std::uint32_t type_version = 0;
  const error& failure;
};

/// Made by on_failure(). Whoever asks for more narrows it: all that is asked for must hold.
class recovery_rule {
 public:
  recovery_rule& code(errc code) {
    code_ = code;
    return *this;
  }
  recovery_rule& kind(error_class kind) {
    kind_ = kind;
    return *this;
  }
  /// Some exception of the chain was of exactly this type.
  template <class Exception>
  recovery_rule& thrown() {
    return thrown(boost::core::demangle(typeid(Exception).name()));
  }
  /// The same by name, as dead letters show it.
  recovery_rule& thrown(std::string type) {
    exception_ = std::move(type);
    return *this;
  }
  /// The event is of this type: `order.created`, or `order.created@2`.
  recovery_rule& event(std::string type) {
    event_type_ = std::move(type);
    return *this;
  }
  /// The event is a T, and `holds(event, failure)` is true for it. Called on the subscriber's
  /// thread, after each attempt that failed; if it throws, the rule does not match.
  template <class T, class Predicate>
  recovery_rule& event(Predicate holds) {
    predicate_ = [holds = std::move(holds)](const failed_event& failed) {
      return failed.event.is<T>() && holds(failed.event.as<T>(), failed.failure);
    };
    return *this;
  }
  template <class T>
  recovery_rule& event() {
    return event<T>([](const T&, const error&) { return true; });
  }

  /// Retries in place so often, the partition waits meanwhile; then what the next five say.
  recovery_rule& retry(unsigned retries, backoff delays = no_backoff()) {
    in_place_ = {retries, delays};
    return *this;
  }
  /// And then delivers it again later, after these delays in turn; with each, the retries in place
  /// begin anew.
  recovery_rule& redeliver(std::vector<duration> delays) {
    later_.delays = std::move(delays);
    return *this;
  }
  recovery_rule& then_dead_letter() { return then(exhausted_action::dead_letter); }
  recovery_rule& then_skip() { return then(exhausted_action::skip); }
  recovery_rule& then_halt() { return then(exhausted_action::halt); }
  recovery_rule& then_restart() { return then(exhausted_action::restart); }

  bool matches(const failed_event& failed) const noexcept;
  const retry_policy& in_place() const noexcept { return in_place_; }
  const redelivery_policy& later() const noexcept { return later_; }
  exhausted_action then() const noexcept { return then_; }

  /// Predicates cannot be compared, but whether there is one.
  bool operator==(const recovery_rule& other) const;
  friend std::string to_string(const recovery_rule& rule);

 private:
  recovery_rule& then(exhausted_action action) {
    then_ = action;
    return *this;
  }

  std::optional<errc> code_;
  std::optional<error_class> kind_;
  std::string exception_;
  std::string event_type_;
  std::function<bool(const failed_event&)> predicate_;
  retry_policy in_place_;
  redelivery_policy later_;
  exhausted_action then_ = exhausted_action::dead_letter;
};

/// A rule for any failure: a dead letter at once, until it says otherwise.
inline recovery_rule on_failure() { return {}; }

/// `timeout of order.created: 3 retries (fixed 1s), then skip`.
std::string to_string(const recovery_rule& rule);

}  // namespace weir
