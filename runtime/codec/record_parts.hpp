// SPDX-License-Identifier: BSD-3-Clause
// How the parts of a batch record are written, for those who make one: encode_record from a batch,
// record_builder from events that are stored already. FORMAT.md has the grammar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "weir/runtime/codec/batch_record.hpp"
#include "weir/runtime/codec/byte_writer.hpp"

namespace weir::codec::internal {

inline constexpr std::uint8_t record_format = 1;
inline constexpr std::uint8_t has_producer = 1;  // the only flag

inline std::uint64_t ticks(timestamp time) noexcept {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

inline void write_header(const record_header& header, byte_writer& out) {
  out.byte(record_format);
  out.byte(static_cast<std::uint8_t>(header.format));
  out.byte(header.producer ? has_producer : 0);
  out.varint(header.events);
  out.varint(header.first_offset);
  out.fixed(ticks(header.first_time));
  out.varint(ticks(header.latest_time) - ticks(header.first_time));
  if (!header.producer) return;
  out.fixed(header.producer->id);
  out.varint(header.producer->epoch);
  out.varint(header.producer->first_sequence);
}

inline void write_type(const stored_type& type, byte_writer& out) {
  out.text(type.name);
  out.varint(type.version);
  out.fixed(type.fingerprint);
}

inline void write_id(event_id id, byte_writer& out) {
  out.fixed(id.high);
  out.fixed(id.low);
}

/// All of an event that stands before its payload. `Event` is an envelope or a stored_event,
/// `place` that of its type in the record, `before` the time of the event in front of it.
template <class Event>
void write_envelope(const Event& event, std::size_t place, timestamp before, byte_writer& out) {
  const bool follows = static_cast<bool>(event.origin);
  out.varint(place << 1U | (follows ? 1U : 0U));
  write_id(event.id, out);
  out.signed_varint(static_cast<std::int64_t>(ticks(event.time) - ticks(before)));
  out.text(event.key);
  if (!follows) return;
  write_id(event.origin->correlation_id, out);
  write_id(event.origin->causation_id, out);
}

}  // namespace weir::codec::internal
