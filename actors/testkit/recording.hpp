// SPDX-License-Identifier: BSD-3-Clause
// Handlers that write down what they are given before they handle it: for transcripts, and for a
// check of the order that does not believe the runtime. A recording outlives the handlers that
// share it, because a subscriber's handlers are copied at each restart.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "weir/runtime/delivery/handler.hpp"
#include "weir/runtime/sim/order_checker.hpp"
#include "weir/runtime/sim/transcript.hpp"

namespace weir::testkit {

/// Feeds one call of a handler to the checker: within a subscription, the events that one publisher
/// made under one key must come in the order it made them; a call for the same event must have a
/// higher delivery or attempt than the one before.
void check_order(sim::order_checker& order, std::string_view subscription, const context& where);

/// What was handed to whom, in which order. One thread at a time.
class recording {
 public:
  /// One line per call of a handler: subscription, event type, partition@offset, key, delivery and
  /// attempt. Feeds the order checker.
  void called(std::string_view subscription, const context& where);

  const sim::transcript& lines() const noexcept { return lines_; }
  const sim::order_checker& order() const noexcept { return order_; }

 private:
  sim::transcript lines_;
  sim::order_checker order_;
};

/// A handler around another that records first. Behaves like the inner one in every other respect.
template <class F>
class recorded {
 public:
  using event = delivery::handled_type<F>;
  using returned = typename delivery::typed_handler<F>::returned;

  recorded(std::shared_ptr<recording> to, std::string subscription, F handler)
      : to_(std::move(to)), subscription_(std::move(subscription)), handler_(std::move(handler)) {}

  returned operator()(const event& value, context& where) {
    to_->called(subscription_, where);
    if constexpr (delivery::typed_handler<F>::wants_context) {
      return handler_(value, where);
    } else {
      return handler_(value);
    }
  }

 private:
  std::shared_ptr<recording> to_;
  std::string subscription_;
  F handler_;
};

}  // namespace weir::testkit
