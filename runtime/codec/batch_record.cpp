// SPDX-License-Identifier: BSD-3-Clause
// Times are added and subtracted as unsigned numbers: bytes that nobody vouches for may overflow.
#include "weir/runtime/codec/batch_record.hpp"

#include <algorithm>
#include <limits>

#include "weir/runtime/codec/record_parts.hpp"
#include "weir/runtime/core/invariant.hpp"

namespace weir::codec {
namespace {

// Head, id, time, key length, payload length; name length, version, fingerprint.
constexpr std::size_t event_bytes_min = 1 + 16 + 1 + 1 + 1;
constexpr std::size_t type_bytes_min = 1 + 1 + 8;

using internal::ticks;

timestamp time_of(std::uint64_t ticks) noexcept {
  return timestamp{duration{static_cast<std::int64_t>(ticks)}};
}

struct written_type {
  const event_type* type;
  const event_codec* codec;
};

bool writes(const event_codec* codec, payload_format format) noexcept {
  if (codec == nullptr) return false;
  return format == payload_format::json ? codec->encode != nullptr
                                        : codec->encode_binary != nullptr;
}

std::size_t place_of(const std::vector<written_type>& types, const event_type* type) noexcept {
  const auto found =
      std::find_if(types.begin(), types.end(), [type](auto& one) { return one.type == type; });
  return static_cast<std::size_t>(found - types.begin());
}

// `visit(from, to)` for each run of events of one type.
template <class Visit>
void visit_runs(const batch& events, Visit&& visit) {
  for (std::uint32_t from = 0; from < events.size();) {
    const auto to = events.end_of_run(from);
    visit(from, to);
    from = to;
  }
}

result<std::vector<written_type>> types_of(const batch& events, payload_format format) {
  std::vector<written_type> types;
  visit_runs(events, [&](std::uint32_t from, std::uint32_t) {
    const auto* type = events.slots()[from].type;
    if (place_of(types, type) == types.size()) types.push_back({type, find_codec(type->index)});
  });
  for (const auto& [type, codec] : types) {
    if (writes(codec, format)) continue;
    return fail(errc::no_codec, to_string(*type) + " cannot be written as " +
                                    std::string{to_string(format)});
  }
  return types;
}

record_header header_of(const batch& events, payload_format format,
                        const std::optional<producer_stamp>& producer) {
  const auto* const first = events.envelopes();
  auto latest = first->time;
  for (std::uint32_t i = 1; i < events.size(); ++i) latest = std::max(latest, first[i].time);
  return {format, events.size(), events.first_offset(), first->time, latest, producer};
}

void write_payload(const event_codec& codec, payload_format format, const void* payload,
                   byte_writer& out) {
  if (format == payload_format::binary) return codec.encode_binary(payload, out);
  out.append([&](std::string& text) { codec.encode(payload, text); });
}

error damage(std::string what) { return {errc::malformed, "record: " + std::move(what)}; }
error cut_short(std::string_view part) {
  return damage("the bytes end in its " + std::string{part} + ", or a number there is broken");
}

// The part of fixed meaning in front of everything else.
std::optional<error> read_start(byte_reader& bytes, record_header& into, std::uint8_t& flags) {
  std::uint8_t number = 0;
  std::uint8_t format = 0;
  if (!bytes.byte(number)) return cut_short("header");
  if (number != internal::record_format) {
    return error{number < internal::record_format ? errc::malformed : errc::newer_format,
                 "record: its format is " + std::to_string(number) + ", this program reads " +
                     std::to_string(internal::record_format)};
  }
  if (!bytes.byte(format) || !bytes.byte(flags)) return cut_short("header");
  if (format > static_cast<std::uint8_t>(payload_format::binary)) {
    return damage("no payload format is " + std::to_string(format));
  }
  if (flags > internal::has_producer) return damage("unknown flags " + std::to_string(flags));
  into.format = static_cast<payload_format>(format);
  return {};
}

std::optional<error> parse_header(byte_reader& bytes, record_header& into) {
  std::uint8_t flags = 0;
  if (auto wrong = read_start(bytes, into, flags)) return wrong;
  std::uint64_t events = 0;
  std::uint64_t first = 0;
  std::uint64_t span = 0;
  if (!bytes.varint(events) || !bytes.varint(into.first_offset) || !bytes.fixed(first) ||
      !bytes.varint(span)) {
    return cut_short("header");
  }
  into.producer.reset();
  if (flags == internal::has_producer) {
    std::uint64_t epoch = 0;
    auto& stamp = into.producer.emplace();
    if (!bytes.fixed(stamp.id) || !bytes.varint(epoch) || !bytes.varint(stamp.first_sequence)) {
      return cut_short("header");
    }
    stamp.epoch = static_cast<std::uint32_t>(epoch);
    if (epoch != stamp.epoch) return damage("the epoch has over 32 bits");
  }
  if (events == 0 || events > bytes.left() / event_bytes_min ||
      events > std::numeric_limits<std::uint32_t>::max() ||
      into.first_offset > std::numeric_limits<std::uint64_t>::max() - events) {
    return damage(std::to_string(events) + " events from offset " +
                  std::to_string(into.first_offset) + " in " + std::to_string(bytes.left()) +
                  " bytes");
  }
  into.events = static_cast<std::uint32_t>(events);
  into.first_time = time_of(first);
  into.latest_time = time_of(first + span);
  return {};
}

// Each type has an event at least.
std::optional<error> read_types(byte_reader& bytes, std::uint32_t events,
                                std::vector<stored_type>& into) {
  std::uint64_t count = 0;
  if (!bytes.varint(count)) return cut_short("types");
  if (count > events || count > bytes.left() / type_bytes_min) {
    return damage(std::to_string(count) + " types in " + std::to_string(bytes.left()) + " bytes");
  }
  into.resize(count);
  for (auto& type : into) {
    std::uint64_t version = 0;
    if (!bytes.text(type.name) || !bytes.varint(version) || !bytes.fixed(type.fingerprint)) {
      return cut_short("types");
    }
    type.version = static_cast<std::uint32_t>(version);
    if (version != type.version) return damage("the version of a type has over 32 bits");
  }
  return {};
}

bool read_id(byte_reader& bytes, event_id& into) noexcept {
  return bytes.fixed(into.high) && bytes.fixed(into.low);
}

}  // namespace

std::string to_string(const stored_type& type) {
  return std::string{type.name} + "@" + std::to_string(type.version);
}

result<void> encode_record(const batch& events, payload_format format, std::string& out,
                           const std::optional<producer_stamp>& producer) {
  WEIR_INVARIANT(!events.empty(), "a record has at least one event");
  const auto types = types_of(events, format);
  if (!types) return fail(types.error());
  byte_writer writer{out};
  internal::write_header(header_of(events, format, producer), writer);
  writer.varint(types->size());
  for (const auto& [type, codec] : *types) {
    const auto fingerprint = codec->fingerprint != nullptr ? codec->fingerprint() : 0;
    internal::write_type({type->name, type->version, fingerprint}, writer);
  }
  auto before = events.envelopes()->time;
  std::size_t length = 0;
  visit_runs(events, [&](std::uint32_t from, std::uint32_t to) {
    const auto place = place_of(*types, events.slots()[from].type);
    const auto& codec = *(*types)[place].codec;
    for (; from < to; ++from) {
      const auto& header = events.envelopes()[from];
      internal::write_envelope(header, place, before, writer);
      before = header.time;
      length = writer.measured(length, [&](byte_writer& inner) {
        write_payload(codec, format, events.slots()[from].payload, inner);
      });
    }
  });
  return {};
}

result<record_header> read_header(std::string_view record) {
  byte_reader bytes{record};
  record_header header;
  if (auto wrong = parse_header(bytes, header)) return fail(std::move(*wrong));
  return header;
}

result<void> record_walker::open(std::string_view record) {
  bytes_ = byte_reader{record};
  auto wrong = parse_header(bytes_, header_);
  if (!wrong) wrong = read_types(bytes_, header_.events, types_);
  if (wrong) {
    header_ = {};
    bytes_ = {};
    offset_ = 0;
    return fail(std::move(*wrong));
  }
  offset_ = header_.first_offset;
  time_ = header_.first_time;
  return {};
}

bool record_walker::read_event(stored_event& into) noexcept {
  std::uint64_t head = 0;
  std::int64_t step = 0;
  if (!bytes_.varint(head) || head >> 1U >= types_.size()) return false;
  if (!read_id(bytes_, into.id) || !bytes_.signed_varint(step) || !bytes_.text(into.key)) {
    return false;
  }
  into.origin.reset();
  if ((head & 1U) != 0) {
    auto& origin = into.origin.emplace();
    if (!read_id(bytes_, origin.correlation_id) || !read_id(bytes_, origin.causation_id)) {
      return false;
    }
  }
  into.type = static_cast<std::uint32_t>(head >> 1U);
  into.time = time_of(ticks(time_) + static_cast<std::uint64_t>(step));
  into.offset = offset_;
  return bytes_.text(into.payload);
}

result<bool> record_walker::next(stored_event& into) {
  if (offset_ == header_.end_offset()) {
    if (bytes_.done()) return false;
    return fail(damage(std::to_string(bytes_.left()) + " bytes follow its last event"));
  }
  const auto before = bytes_;
  if (!read_event(into)) [[unlikely]] {
    bytes_ = before;
    return fail(damage("the bytes at offset " + std::to_string(offset_) + " are no event"));
  }
  time_ = into.time;
  ++offset_;
  return true;
}

}  // namespace weir::codec
