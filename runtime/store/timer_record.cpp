// SPDX-License-Identifier: BSD-3-Clause
// Timers to bytes and back, without knowing the C++ type.
#include "weir/runtime/store/timer_record.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <new>

#include "weir/runtime/codec/byte_reader.hpp"
#include "weir/runtime/codec/codec.hpp"
#include "weir/runtime/store/key.hpp"

namespace weir::store {
namespace {

using codec::byte_reader;
using codec::byte_writer;

constexpr std::uint8_t format_number = 1;

struct stored_timer {
  payload_format format = payload_format::binary;
  timestamp due;
  std::string_view type_name;
  std::uint32_t type_version = 0;
  std::uint64_t fingerprint = 0;
  topic::publish_options options;
  std::string_view payload;
};

std::uint64_t fingerprint_of(const codec::event_codec& codec) {
  return codec.fingerprint != nullptr ? codec.fingerprint() : 0;
}

bool read(byte_reader& bytes, event_id& id) noexcept {
  return bytes.fixed(id.high) && bytes.fixed(id.low);
}

bool read(byte_reader& bytes, stored_timer& into) noexcept {
  std::uint8_t format = 0;
  std::int64_t due = 0;
  std::uint64_t version = 0;
  if (!bytes.fixed(due) || !bytes.byte(format) ||
      format > static_cast<std::uint8_t>(payload_format::binary) ||
      !bytes.text(into.type_name) || !bytes.varint(version) ||
      version > std::numeric_limits<std::uint32_t>::max() ||
      !bytes.fixed(into.fingerprint) ||
      !bytes.text(into.options.key) || !read(bytes, into.options.correlation_id) ||
      !read(bytes, into.options.causation_id) || !bytes.text(into.payload)) {
    return false;
  }
  into.format = static_cast<payload_format>(format);
  into.due = timestamp{duration{due}};
  into.type_version = static_cast<std::uint32_t>(version);
  return bytes.done();
}

result<stored_timer> parse(std::string_view record) {
  byte_reader bytes{record};
  std::uint8_t number = 0;
  if (bytes.byte(number) && number > format_number) {
    return fail(errc::newer_format, "timer: its format is " + std::to_string(number) +
                                        ", this program reads " + std::to_string(format_number));
  }
  stored_timer found;
  if (number == format_number && read(bytes, found)) return found;
  return fail(errc::malformed, "timer: the " + std::to_string(record.size()) +
                                   " bytes break off or go wrong");
}

/// Memory for one value of a type, and the value once it is there.
class value_of {
 public:
  explicit value_of(const event_type& type)
      : type_(type),
        storage_(::operator new(type.size, std::align_val_t{type.alignment})) {}
  value_of(const value_of&) = delete;
  value_of& operator=(const value_of&) = delete;
  ~value_of() {
    const event_slot slot{&type_, storage_};
    if (built_ && type_.destroy != nullptr) type_.destroy(&slot, 1);
    ::operator delete(storage_, std::align_val_t{type_.alignment});
  }
  template <class Decode>
  result<void> build(Decode decode, std::string_view bytes) {
    auto done = decode(bytes, storage_);
    built_ = done.has_value();
    return done;
  }
  void* get() noexcept { return storage_; }

 private:
  const event_type& type_;
  void* storage_;
  bool built_ = false;
};

error about(const stored_timer& timer, errc code, std::string_view why) {
  return {code, std::string{timer.type_name} + "@" + std::to_string(timer.type_version) + ": " +
                    std::string{why}};
}

// The writer ends, and with it the string is what was written, before anybody moves it.
void write(byte_writer&& bytes, payload_format format, const event_type& type,
           const codec::event_codec& codec, const void* payload,
           const topic::publish_options& options) {
  bytes.byte(static_cast<std::uint8_t>(format));
  bytes.text(type.name);
  bytes.varint(type.version);
  bytes.fixed(fingerprint_of(codec));
  bytes.text(options.key);
  for (const auto& id : {options.correlation_id, options.causation_id}) {
    bytes.fixed(id.high);
    bytes.fixed(id.low);
  }
  bytes.measured(0, [&](byte_writer& inner) {
    if (format == payload_format::binary) return codec.encode_binary(payload, inner);
    inner.append([&](std::string& text) { codec.encode(payload, text); });
  });
}

}  // namespace

std::string timer_prefix(std::string_view topic) { return key_writer{}.text(topic).take(); }

std::string timer_key(std::string_view topic, std::uint64_t number) {
  return key_writer{}.text(topic).u64(number).take();
}

std::uint64_t timer_number(std::string_view topic, std::string_view key) noexcept {
  key.remove_prefix(std::min(key.size(), timer_prefix(topic).size()));
  return key_reader{key}.u64();
}

result<std::vector<std::string>> topics_with_timers(const store& from) {
  std::vector<std::string> topics;
  for (std::string next;;) {
    bool any = false;
    const auto seen = from.scan(table::timers, next, "", [&](std::string_view key, auto) {
      topics.push_back(key_reader{key}.text());
      any = true;
      return false;
    });
    if (!seen && seen.error().code != errc::store_corrupt) return fail(seen.error());
    if (any) next = prefix_end(timer_prefix(topics.back()));
    if (!any || next.empty()) return topics;
  }
}

result<std::string> encode_timer(const topic::settings& topic, const event_type& type,
                                 const void* payload, const topic::publish_options& options) {
  const auto format = topic.options.stored_as;
  const auto* codec = codec::find_codec(type.index);
  const bool json = format == payload_format::json;
  if (codec == nullptr || (json ? codec->encode == nullptr : codec->encode_binary == nullptr)) {
    return fail(errc::no_codec, to_string(type) + " cannot be written as " +
                                    std::string{to_string(format)});
  }
  std::string encoded;
  write(byte_writer{encoded}, format, type, *codec, payload, options);
  return encoded;
}

void put_timer(changes& to, std::string_view topic, std::uint64_t number, timestamp due,
               std::string_view encoded) {
  std::string head;
  {
    byte_writer bytes{head};
    bytes.byte(format_number);
    bytes.fixed(std::int64_t{due.time_since_epoch().count()});
  }
  const std::string_view pieces[] = {head, encoded};
  to.put(table::timers, timer_key(topic, number), pieces);
}

result<timer> decode_timer(const topic::settings& topic, std::string_view record) {
  const auto stored = parse(record);
  if (!stored) return fail(stored.error());
  const auto* type = find_event_type(stored->type_name, stored->type_version);
  const auto make = type == nullptr ? nullptr : topic::find_maker(type->index);
  if (make == nullptr) {
    return fail(about(*stored, errc::unknown_event_type,
                      "this program schedules no such type"));
  }
  const auto* codec = codec::find_codec(type->index);
  const bool json = stored->format == payload_format::json;
  const auto decode = codec == nullptr ? nullptr : json ? codec->decode : codec->decode_binary;
  if (decode == nullptr) {
    return fail(about(*stored, errc::no_codec, "this program has no codec for it"));
  }
  if (!json && fingerprint_of(*codec) != stored->fingerprint) {
    return fail(about(*stored, errc::schema_mismatch,
                      "it was written with other fields than it has in this program"));
  }
  value_of value{*type};
  if (auto built = value.build(decode, stored->payload); !built) {
    return fail(about(*stored, built.error().code, built.error().message));
  }
  auto event = make(topic, value.get(), stored->options);
  if (!event) return fail(std::move(event.error()));
  return timer{stored->due, std::move(*event)};
}

}  // namespace weir::store
