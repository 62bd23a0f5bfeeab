// SPDX-License-Identifier: BSD-3-Clause
// Everything that goes wrong, by one seed. Invariant: whether a fault strikes is a function of the
// seed, the stage, the order and how often that stage has had it. Threads, partitions and batches
// have no say, so the same seed gives the same numbers however the run is scheduled.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "weir/runtime/delivery/context.hpp"
#include "weir/runtime/sim/fault_plan.hpp"

namespace orders {

/// Retries in place of the consumers, and deliveries before a killer is a dead letter.
inline constexpr unsigned retries = 3;
inline constexpr unsigned deliveries_max = 3;

/// Thrown to end a subscriber: being no std::exception, it is no failure of the event.
struct subscriber_death {};

/// Any thread.
class chaos {
 public:
  /// Without a seed nothing ever goes wrong.
  explicit chaos(std::optional<std::uint64_t> seed);

  /// For a consumer: may throw std::runtime_error (retried; for a few orders every time), return
  /// errc::rejected (poison), or throw subscriber_death (for a few orders every time).
  weir::result<void> strike(std::string_view stage, const std::string& order,
                            const weir::context& where);
  /// For an enricher, whose events wait for answers and are not retried in place: poison and death.
  weir::result<void> strike_joining(std::string_view stage, const std::string& order,
                                    const weir::context& where);
  /// For a service: errc::not_found or errc::unavailable for some requests, always; and for some
  /// the first time only.
  weir::result<void> strike_service(std::string_view service, const std::string& request);

  std::uint64_t deaths() const noexcept { return deaths_; }
  std::uint64_t retried() const noexcept { return retried_; }
  /// The plan in words.
  std::string text() const { return plan_.text(); }

 private:
  bool fires(std::string_view point, std::string_view stage, const std::string& subject,
             unsigned delivery = 0, unsigned attempt = 0) const;

  weir::sim::fault_plan plan_;
  std::atomic<std::uint64_t> deaths_{0};
  std::atomic<std::uint64_t> retried_{0};
  std::mutex access_;
  std::set<std::string> stuttered_;
};

}  // namespace orders
