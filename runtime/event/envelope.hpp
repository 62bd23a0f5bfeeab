// SPDX-License-Identifier: BSD-3-Clause
// What every event carries beside its payload. Built in place by the publisher, never changed
// after.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "weir/runtime/core/clock.hpp"
#include "weir/runtime/event/event_type.hpp"
#include "weir/runtime/event/id.hpp"

namespace weir {

struct envelope {
  event_id id;
  /// The first event of the conversation; an event that starts one carries its own id.
  event_id correlation_id;
  /// The event whose handling published this one; zero if none.
  event_id causation_id;
  /// When it was published.
  timestamp time;
  /// Events with the same key share a partition and keep their order. Empty: no key. The bytes
  /// live in the batch, as long as the batch does.
  std::string_view key;
  std::uint64_t key_hash;
  const event_type* type;
};

static_assert(std::is_trivially_destructible_v<envelope>, "a batch drops envelopes without a loop");

}  // namespace weir
