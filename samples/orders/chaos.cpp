// SPDX-License-Identifier: BSD-3-Clause
// The plan and what each of its points does.
#include "weir/samples/orders/chaos.hpp"

#include <stdexcept>

#include "weir/runtime/core/hash.hpp"

namespace orders {

chaos::chaos(std::optional<std::uint64_t> seed) : plan_(seed.value_or(0)) {
  if (!seed) return;
  plan_.set("handler-throws", 0.05)
      .set("handler-always-throws", 0.005)
      .set("order-rejected", 0.005)
      .set("subscriber-dies", 0.01)
      .set("order-kills-subscriber", 0.003)
      .set("request-unknown", 0.01)
      .set("service-down", 0.02)
      .set("service-stutters", 0.2);
}

bool chaos::fires(std::string_view point, std::string_view stage, const std::string& subject,
                  unsigned delivery, unsigned attempt) const {
  if (plan_.probability(point) <= 0) return false;
  std::string which{stage};
  which.append("/").append(subject).append("/").append(std::to_string(delivery));
  which.append("/").append(std::to_string(attempt));
  return plan_.fires(point, weir::stable_hash(which));
}

weir::result<void> chaos::strike(std::string_view stage, const std::string& order,
                                 const weir::context& where) {
  if (fires("handler-always-throws", stage, order) ||
      fires("handler-throws", stage, order, where.delivery_count(), where.attempt())) {
    if (where.attempt() <= retries) ++retried_;
    throw std::runtime_error(std::string{stage} + " does not answer");
  }
  return strike_joining(stage, order, where);
}

weir::result<void> chaos::strike_joining(std::string_view stage, const std::string& order,
                                         const weir::context& where) {
  if (fires("order-rejected", stage, order)) {
    return weir::fail(weir::errc::rejected, std::string{stage} + " refuses order " + order);
  }
  if (fires("order-kills-subscriber", stage, order) ||
      fires("subscriber-dies", stage, order, where.delivery_count(), where.attempt())) {
    ++deaths_;
    throw subscriber_death{};
  }
  return {};
}

weir::result<void> chaos::strike_service(std::string_view service, const std::string& request) {
  if (fires("request-unknown", service, request)) {
    return weir::fail(weir::errc::not_found, std::string{service} + " does not know " + request);
  }
  if (fires("service-down", service, request)) {
    return weir::fail(weir::errc::unavailable, std::string{service} + " is down for " + request);
  }
  if (fires("service-stutters", service, request)) {
    const std::lock_guard lock{access_};
    if (stuttered_.insert(std::string{service} + "/" + request).second) {
      return weir::fail(weir::errc::unavailable, std::string{service} + " is asked too early");
    }
  }
  return {};
}

}  // namespace orders
