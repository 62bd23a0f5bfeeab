// SPDX-License-Identifier: BSD-3-Clause
// Who got what when, as values: one call of a handler, and the line and the place it is known by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/runtime/core/clock.hpp"

namespace weir::sim {

/// A call of a handler in a simulated run.
struct call_record {
  std::string subscription{};
  std::string type{};
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  unsigned delivery = 1;
  unsigned attempt = 1;
  std::string key{};
  /// Since the node's clock began.
  duration began{};
  duration ended{};
  /// Why the attempt failed; empty if it has not, or its handler waits for something.
  std::string failure{};
};

/// `billing order.created 0 @17`: one event, whatever becomes of it.
std::string event_place(const call_record& call);
/// `billing order.created 0 @17 (1.2)`: one attempt.
std::string call_place(const call_record& call);
/// `0.015000000`: seconds to the nanosecond.
std::string seconds_text(duration since_start);
/// `0.015000000 billing order.created 0 @17 (1.2) key c-7`
std::string call_line(const call_record& call);

}  // namespace weir::sim
