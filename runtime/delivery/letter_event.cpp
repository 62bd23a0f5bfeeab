// SPDX-License-Identifier: BSD-3-Clause
// Objects and bytes.
#include "weir/runtime/delivery/letter_event.hpp"

#include "weir/runtime/codec/byte_reader.hpp"
#include "weir/runtime/codec/json_writer.hpp"
#include "weir/runtime/observe/event_text.hpp"

namespace weir::delivery {
namespace {

std::string quoted(const std::string& text) { return codec::to_json(text); }

}  // namespace

std::string cloud_event_of(const found_letter& one) {
  const auto& letter = one.letter;
  codec::stored_event event;
  event.offset = letter.offset;
  event.id = letter.id;
  event.time = letter.published_at;
  event.key = letter.key;
  event.payload = letter.payload;
  event.origin = lineage{letter.correlation_id, letter.causation_id};
  const codec::stored_type type{letter.type_name, letter.type_version, 0};
  const auto format = has_json(letter) ? payload_format::json : payload_format::binary;
  auto line =
      observe::cloud_event_of({letter.topic, letter.partition, event, type, format});
  line.pop_back();
  line += R"(,"deadletternumber":)" + quoted(std::to_string(one.number)) +
          R"(,"deadletterstate":)" + quoted(std::string{to_string(letter.state)}) +
          R"(,"deadlettersubscription":)" + quoted(letter.subscription) +
          R"(,"deadlettertime":)" + quoted(weir::to_string(letter.died_at)) +
          R"(,"deadlettercode":)" + quoted(std::string{to_string(letter.failure.code)}) +
          R"(,"deadletterreason":)" + quoted(to_string(letter.failure)) +
          R"(,"deadletterfingerprint":)" + quoted(letter.fingerprint()) +
          R"(,"deadletterattempts":)" + std::to_string(letter.attempt_count) +
          R"(,"deadletterdeliveries":)" + std::to_string(letter.delivery_count) +
          R"(,"deadletterredeliveries":)" + std::to_string(letter.redeliveries) +
          R"(,"deadletteredits":)" + std::to_string(letter.edits.size());
  return line + '}';
}

std::string json_of(const letter_group& group) {
  const auto& newest = group.newest;
  return R"({"fingerprint":)" + quoted(group.fingerprint) + R"(,"letters":)" +
         std::to_string(group.letters) + R"(,"first":)" +
         quoted(weir::to_string(group.first_died)) + R"(,"last":)" +
         quoted(weir::to_string(group.last_died)) + R"(,"newest":)" +
         quoted(std::to_string(group.newest_number)) + R"(,"subscription":)" +
         quoted(newest.subscription) + R"(,"type":)" +
         quoted(newest.type_name + "@" + std::to_string(newest.type_version)) + R"(,"code":)" +
         quoted(std::string{to_string(newest.failure.code)}) + R"(,"reason":)" +
         quoted(to_string(newest.failure)) + '}';
}

std::string bundle_of(const found_letters& letters) {
  std::string bytes;
  {
    std::string record;
    codec::byte_writer out{bytes};
    out.varint(letters.damaged);
    for (const auto& one : letters.letters) {
      record.clear();
      encode_letter(one.letter, one.number, record);
      out.text(record);
    }
  }
  return bytes;
}

result<found_letters> read_bundle(std::string_view bytes) {
  codec::byte_reader in{bytes};
  found_letters found;
  std::uint64_t damaged = 0;
  if (!in.varint(damaged)) return fail(errc::malformed, "dead letters without their count");
  found.damaged = damaged;
  while (!in.done()) {
    std::string_view record;
    if (!in.text(record)) return fail(errc::malformed, "the last dead letter is cut short");
    auto letter = decode_letter(record);
    if (!letter) return fail(std::move(letter.error()));
    found.letters.push_back({letter->number, {}, std::move(letter->letter)});
  }
  return found;
}

}  // namespace weir::delivery
