// SPDX-License-Identifier: BSD-3-Clause
// Field by field, in the order of FORMAT.md.
#include "weir/runtime/delivery/letter_record.hpp"

#include <limits>

#include "weir/runtime/codec/byte_reader.hpp"
#include "weir/runtime/store/key.hpp"

namespace weir::delivery {
namespace {

using codec::byte_reader;
using codec::byte_writer;

constexpr std::uint8_t format_number = 1;
constexpr std::uint8_t kind_memory = 0;
constexpr std::uint8_t kind_durable = 1;
// The least bytes of a cause and of an attempt: a count is held against what is left.
constexpr std::size_t cause_bytes_min = 2;
constexpr std::size_t attempt_bytes_min = 8 + 3;
constexpr std::size_t edit_bytes_min = 8 + 2;

void write(event_id id, byte_writer& out) {
  out.fixed(id.high);
  out.fixed(id.low);
}

void write(timestamp time, byte_writer& out) {
  out.fixed(std::int64_t{time.time_since_epoch().count()});
}

void write(const error& failure, byte_writer& out) {
  out.varint(static_cast<std::uint64_t>(failure.code));
  out.text(failure.message);
  out.varint(failure.causes.size());
  for (const auto& link : failure.causes) {
    out.text(link.type);
    out.text(link.message);
  }
}

bool read(byte_reader& bytes, event_id& id) noexcept {
  return bytes.fixed(id.high) && bytes.fixed(id.low);
}

bool read(byte_reader& bytes, timestamp& time) noexcept {
  std::int64_t ticks = 0;
  if (!bytes.fixed(ticks)) return false;
  time = timestamp{duration{ticks}};
  return true;
}

bool read(byte_reader& bytes, std::string& text) {
  std::string_view found;
  if (!bytes.text(found)) return false;
  text = found;
  return true;
}

// A number that has fewer than 64 bits.
template <class Number>
bool read_narrow(byte_reader& bytes, Number& number) noexcept {
  std::uint64_t wide = 0;
  if (!bytes.varint(wide) || wide > std::numeric_limits<Number>::max()) return false;
  number = static_cast<Number>(wide);
  return true;
}

bool read(byte_reader& bytes, error& failure) {
  std::uint16_t code = 0;
  std::uint64_t causes = 0;
  if (!read_narrow(bytes, code) || !read(bytes, failure.message) || !bytes.varint(causes)) {
    return false;
  }
  if (causes > bytes.left() / cause_bytes_min) return false;
  failure.code = static_cast<errc>(code);
  failure.causes.resize(causes);
  for (auto& link : failure.causes) {
    if (!read(bytes, link.type) || !read(bytes, link.message)) return false;
  }
  return true;
}

bool read_attempts(byte_reader& bytes, std::vector<attempt>& attempts) {
  std::uint64_t count = 0;
  if (!bytes.varint(count) || count > bytes.left() / attempt_bytes_min) return false;
  attempts.resize(count);
  for (auto& one : attempts) {
    if (!read(bytes, one.time) || !read(bytes, one.failure)) return false;
  }
  return true;
}

bool read_edits(byte_reader& bytes, std::vector<letter_edit>& edits) {
  std::uint64_t count = 0;
  if (!bytes.varint(count) || count > bytes.left() / edit_bytes_min) return false;
  edits.resize(count);
  for (auto& one : edits) {
    if (!read(bytes, one.time) || !read(bytes, one.note) || !read(bytes, one.payload_before)) {
      return false;
    }
  }
  return true;
}

bool read_state(byte_reader& bytes, letter_state& state) noexcept {
  std::uint8_t number = 0;
  if (!bytes.byte(number) || number > static_cast<std::uint8_t>(letter_state::discarded)) {
    return false;
  }
  state = static_cast<letter_state>(number);
  return true;
}

bool read_event(byte_reader& bytes, dead_letter& into) {
  return read(bytes, into.id) && read(bytes, into.correlation_id) &&
         read(bytes, into.causation_id) && read(bytes, into.published_at) &&
         read(bytes, into.key) && read(bytes, into.type_name) &&
         read_narrow(bytes, into.type_version) && read(bytes, into.payload);
}

bool read_story(byte_reader& bytes, dead_letter& into) {
  return read(bytes, into.subscription) && read(bytes, into.topic) &&
         read_narrow(bytes, into.partition) && bytes.varint(into.offset) &&
         read(bytes, into.failure) && read_narrow(bytes, into.attempt_count) &&
         read_narrow(bytes, into.delivery_count) && read(bytes, into.died_at) &&
         read_attempts(bytes, into.attempts) && read_narrow(bytes, into.redeliveries) &&
         read(bytes, into.due) && read_edits(bytes, into.edits);
}

}  // namespace

void encode_letter(const dead_letter& letter, std::uint64_t number, std::string& out) {
  byte_writer bytes{out};
  bytes.byte(format_number);
  bytes.varint(number);
  bytes.byte(static_cast<std::uint8_t>(letter.state));
  write(letter.id, bytes);
  write(letter.correlation_id, bytes);
  write(letter.causation_id, bytes);
  write(letter.published_at, bytes);
  bytes.text(letter.key);
  bytes.text(letter.type_name);
  bytes.varint(letter.type_version);
  bytes.text(letter.payload);
  bytes.text(letter.subscription);
  bytes.text(letter.topic);
  bytes.varint(letter.partition);
  bytes.varint(letter.offset);
  write(letter.failure, bytes);
  bytes.varint(letter.attempt_count);
  bytes.varint(letter.delivery_count);
  write(letter.died_at, bytes);
  bytes.varint(letter.attempts.size());
  for (const auto& one : letter.attempts) {
    write(one.time, bytes);
    write(one.failure, bytes);
  }
  bytes.varint(letter.redeliveries);
  write(letter.due, bytes);
  bytes.varint(letter.edits.size());
  for (const auto& one : letter.edits) {
    write(one.time, bytes);
    bytes.text(one.note);
    bytes.text(one.payload_before);
  }
}

result<numbered_letter> decode_letter(std::string_view record) {
  byte_reader bytes{record};
  std::uint8_t format = 0;
  if (bytes.byte(format) && format > format_number) {
    return fail(errc::newer_format, "dead letter: its format is " + std::to_string(format) +
                                        ", this program reads " + std::to_string(format_number));
  }
  numbered_letter found;
  auto& letter = found.letter;
  if (format == format_number && bytes.varint(found.number) && read_state(bytes, letter.state) &&
      read_event(bytes, letter) && read_story(bytes, letter) && bytes.done()) {
    letter.number = found.number;
    return found;
  }
  return fail(errc::malformed, "dead letter: the " + std::to_string(record.size()) +
                                   " bytes break off or go wrong " + std::to_string(bytes.left()) +
                                   " bytes before their end");
}

std::string key_of_letter(const dead_letter& letter, std::uint64_t number, bool durable) {
  store::key_writer key;
  if (!durable) return key.u8(kind_memory).u64(number).take();
  return key.u8(kind_durable)
      .text(letter.subscription)
      .text(letter.topic)
      .u32(letter.partition)
      .u64(letter.offset)
      .take();
}

letter_key read_letter_key(std::string_view key) noexcept {
  store::key_reader fields{key};
  if (fields.u8() != kind_memory) return {true, 0};
  return {false, fields.u64()};
}

}  // namespace weir::delivery
