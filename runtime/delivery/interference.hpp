// SPDX-License-Identifier: BSD-3-Clause
// Faults around handlers, for simulations: whoever interferes is asked before each call of a
// handler and may let the attempt fail, throw, or end the subscriber, as the handler might; and
// hears what became of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "weir/runtime/delivery/handler.hpp"

namespace weir::delivery {

/// Called on the subscriber's thread. With `before` it interferes, without it there is none.
struct interference {
  /// With the event that the handler is about to get. An error, or a std::exception, fails the
  /// attempt; anything else that is thrown ends the subscriber. What it stages in the context is
  /// part of the attempt.
  std::function<result<void>(std::string_view subscription, context& where)> before{};
  /// Asked before the handler is called, after `before`: does the attempt fail when the handler has
  /// done all it does, with this error? Not if the handler waits for something then.
  std::function<std::optional<error>(std::string_view subscription, const context& where)> spoils{};
  /// The handler has returned; null if it has not failed. Handlers that wait may still fail.
  std::function<void(std::string_view subscription, const context& where, const error* failure)>
      after{};

  explicit operator bool() const noexcept { return before != nullptr; }
};

/// The same handlers, each asked for one event at a time, with `interfere` around it. Without it,
/// `inner`.
handler_factory interfered(handler_factory inner, std::string subscription,
                           interference interfere);

}  // namespace weir::delivery
