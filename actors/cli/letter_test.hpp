// SPDX-License-Identifier: BSD-3-Clause
// A dead letter as a test: source text for Catch2 that gives the event to a handler, in a simulated
// node, at the time of the attempt that failed and with the states that were kept for its key, and
// fails as long as the handler does.
#pragma once

#include <string>

#include "weir/runtime/core/result.hpp"
#include "weir/runtime/delivery/letter_filter.hpp"
#include "weir/runtime/delivery/state_snapshot.hpp"

namespace weir::cli {

/// What the program calls things: the header that declares the event and the handler, the event's
/// C++ type, and the handler, as it would be given to node::subscribe.
struct test_names {
  std::string header;
  std::string event;
  std::string handler;
};

/// If `states.keeps`, the subscription is transactional in the test too, and begins with the
/// values. errc::invalid_argument: the payload is no JSON, so there is no event to be made of it.
result<std::string> test_of(const delivery::found_letter& one, const test_names& names,
                            const delivery::state_snapshot& states = {});

}  // namespace weir::cli
