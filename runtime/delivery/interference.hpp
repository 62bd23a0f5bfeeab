// SPDX-License-Identifier: BSD-3-Clause
// Faults in front of handlers, for simulations: whoever interferes is asked before each call of a
// handler, and may let the attempt fail, throw, or end the subscriber, as the handler might.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "weir/runtime/delivery/handler.hpp"

namespace weir::delivery {

/// Called on the subscriber's thread with the event that the handler is about to get. An error, or
/// a std::exception, fails the attempt; anything else that is thrown ends the subscriber.
using interference =
    std::function<result<void>(std::string_view subscription, const context& where)>;

/// The same handlers, each asked for one event at a time, after `interfere`. Without it, `inner`.
handler_factory interfered(handler_factory inner, std::string subscription,
                           interference interfere);

}  // namespace weir::delivery
