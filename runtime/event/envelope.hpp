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

/// Where an event comes from that does not start a conversation.
struct lineage {
  event_id correlation_id;
  event_id causation_id;
};

struct envelope {
  event_id id;
  /// When it was published.
  timestamp time;
  /// Events with the same key share a partition and keep their order. Empty: no key. The bytes
  /// live in the batch, as long as the batch does.
  std::string_view key;
  const event_type* type;
  /// Null if it starts a conversation, as most events do: they need not carry 32 bytes that say so.
  /// The bytes live in the batch.
  const lineage* origin;

  /// The first event of the conversation; an event that starts one carries its own id.
  event_id correlation_id() const noexcept {
    return origin != nullptr ? origin->correlation_id : id;
  }
  /// The event whose handling published this one; zero if none.
  event_id causation_id() const noexcept {
    return origin != nullptr ? origin->causation_id : event_id{};
  }
};

static_assert(std::is_trivially_destructible_v<envelope>, "a batch drops envelopes without a loop");

}  // namespace weir
