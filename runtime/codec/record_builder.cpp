// SPDX-License-Identifier: BSD-3-Clause
// The events are written as they come; what stands in front of them once they are all there.
#include "weir/runtime/codec/record_builder.hpp"

#include <algorithm>

#include "weir/runtime/codec/record_parts.hpp"
#include "weir/runtime/core/invariant.hpp"

namespace weir::codec {

std::size_t record_builder::place_of(const stored_type& type) {
  const auto found = std::find_if(types_.begin(), types_.end(), [&](const known_type& one) {
    return one.name == type.name && one.version == type.version &&
           one.fingerprint == type.fingerprint;
  });
  const auto place = static_cast<std::size_t>(found - types_.begin());
  if (found == types_.end()) {
    types_.push_back({std::string{type.name}, type.version, type.fingerprint});
  }
  return place;
}

void record_builder::add(const stored_event& event, const stored_type& type,
                         payload_format format) {
  if (header_.events == 0) {
    header_.format = format;
    header_.first_time = header_.latest_time = before_ = event.time;
  }
  WEIR_INVARIANT(format == header_.format, "a record has payloads of one format");
  ++header_.events;
  header_.latest_time = std::max(header_.latest_time, event.time);
  byte_writer out{body_};
  internal::write_envelope(event, place_of(type), before_, out);
  out.text(event.payload);
  before_ = event.time;
}

void record_builder::finish(std::uint64_t first_offset, std::string& out) {
  WEIR_INVARIANT(header_.events > 0, "a record has at least one event");
  header_.first_offset = first_offset;
  {
    byte_writer writer{out};
    internal::write_header(header_, writer);
    writer.varint(types_.size());
    for (const auto& type : types_) {
      internal::write_type({type.name, type.version, type.fingerprint}, writer);
    }
  }
  out += body_;
  header_ = {};
  types_.clear();
  body_.clear();
}

}  // namespace weir::codec
