// SPDX-License-Identifier: BSD-3-Clause
// A record of one event, read back: so a letter's event is decoded as one of a durable topic is.
#include "weir/runtime/delivery/event_of_letter.hpp"

#include <utility>

#include "weir/runtime/codec/batch_reader.hpp"
#include "weir/runtime/codec/undecoded_event.hpp"
#include "weir/runtime/core/invariant.hpp"

namespace weir::delivery {
namespace {

/// What an event takes in a block beside its payload and key: alignment of both.
constexpr std::size_t block_slack = 256;

}  // namespace

void add_event(codec::record_builder& to, const dead_letter& letter) {
  codec::stored_event event;
  event.id = letter.id;
  event.time = letter.published_at;
  event.key = letter.key;
  event.payload = letter.payload;
  // An event of its own conversation has none written down.
  if (letter.correlation_id != letter.id || letter.causation_id) {
    event.origin = lineage{letter.correlation_id, letter.causation_id};
  }
  // JSON names its fields: nobody compares a fingerprint.
  to.add(event, {letter.type_name, letter.type_version, 0}, payload_format::json);
}

batch event_of(const dead_letter& letter) {
  codec::record_builder builder;
  add_event(builder, letter);
  std::string record;
  builder.finish(letter.offset, record);
  const auto* type = find_event_type(letter.type_name, letter.type_version);
  const auto size = type == nullptr ? 0 : type->size;
  const boost::intrusive_ptr<block_pool> pool{new block_pool{
      {.events = 1, .arena_bytes = static_cast<std::uint32_t>(size + letter.key.size() +
                                                              block_slack)}}};
  codec::batch_reader reader;
  const auto opened = reader.open(record);
  WEIR_INVARIANT(opened.has_value(), "a record that was just built cannot be read");
  auto read = reader.next(*pool);
  return read ? std::move(*read) : reader.take_failed();
}

result<void> may_edit(const dead_letter& letter, const std::string& payload) {
  const auto name = "dead letter " + std::to_string(letter.number) + ": ";
  if (letter.state != letter_state::dead && letter.state != letter_state::parked) {
    return fail(errc::invalid_argument, name + "it is " + std::string{to_string(letter.state)});
  }
  if (letter.edits.size() >= letter_edits_max) {
    return fail(errc::invalid_argument, name + "it was edited too often");
  }
  auto sound = check_payload(letter, payload);
  if (sound) return sound;
  return fail(sound.error().code, name + "the payload does not fit: " + sound.error().message);
}

void edit(dead_letter& letter, const std::string& payload, const std::string& note,
          timestamp now) {
  letter.edits.push_back({now, note, std::exchange(letter.payload, payload)});
}

result<void> check_payload(const dead_letter& letter, const std::string& payload) {
  auto edited = letter;
  edited.payload = payload;
  const auto events = event_of(edited);
  if (const auto* undecoded = codec::undecoded_in(events[0])) return fail(undecoded->why);
  return {};
}

}  // namespace weir::delivery
