// SPDX-License-Identifier: BSD-3-Clause
// What stands for a stored event that this program cannot decode, at its place among the others: so
// that whoever is to handle it fails as for any event, with a dead letter that has its bytes.
#pragma once

#include <optional>
#include <string>

#include "weir/runtime/core/error.hpp"
#include "weir/runtime/event/batch.hpp"
#include "weir/runtime/event/describe.hpp"
#include "weir/runtime/event/event_type.hpp"

namespace weir::codec {

/// Never published and never given to a handler. Its envelope has the id, time, key and lineage of
/// the event it stands for.
struct undecoded_event {
  std::string type_name;
  std::uint32_t type_version = 0;
  /// As it is stored: JSON, or bytes.
  std::string payload;
  std::string key;
  std::optional<lineage> origin;
  error why;

  /// What it owns beside itself.
  std::size_t heap_bytes() const noexcept {
    return type_name.size() + payload.size() + key.size() + why.message.size();
  }
};

constexpr event_signature weir_event_signature(const undecoded_event*) noexcept {
  return {"weir.undecoded", 1};
}

/// The event that could not be decoded at this place, or null if it could.
inline const undecoded_event* undecoded_at(const event_slot& slot) {
  if (slot.type != &type_of<undecoded_event>()) [[likely]] return nullptr;
  return static_cast<const undecoded_event*>(slot.payload);
}
inline const undecoded_event* undecoded_in(const event_view& event) {
  return event.is<undecoded_event>() ? &event.as<undecoded_event>() : nullptr;
}

}  // namespace weir::codec
