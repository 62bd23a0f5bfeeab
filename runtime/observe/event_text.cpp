// SPDX-License-Identifier: BSD-3-Clause
// Lines.
#include "weir/runtime/observe/event_text.hpp"

#include <algorithm>
#include <new>
#include <optional>

#include "weir/runtime/codec/codec.hpp"
#include "weir/runtime/codec/json_writer.hpp"

namespace weir::observe {
namespace {

constexpr std::size_t bytes_shown = 32;

/// A payload that has been decoded into raw memory.
class decoded_payload {
 public:
  explicit decoded_payload(const event_type& type)
      : type_(type), storage_(::operator new(type.size, std::align_val_t{type.alignment})) {}
  decoded_payload(const decoded_payload&) = delete;
  decoded_payload& operator=(const decoded_payload&) = delete;
  ~decoded_payload() {
    const event_slot slot{&type_, storage_};
    if (holds_ && type_.destroy != nullptr) type_.destroy(&slot, 1);
    ::operator delete(storage_, std::align_val_t{type_.alignment});
  }
  bool read(const codec::event_codec& codec, std::string_view bytes) {
    holds_ = codec.decode_binary(bytes, storage_).has_value();
    return holds_;
  }
  const void* get() const noexcept { return storage_; }

 private:
  const event_type& type_;
  void* storage_;
  bool holds_ = false;
};

/// The payload's JSON, if it is that or can be made that.
std::optional<std::string> json_of(const found_event& found) {
  if (found.format == payload_format::json) return std::string{found.event.payload};
  const auto* type = find_event_type(found.type.name, found.type.version);
  const auto* codec = type == nullptr ? nullptr : codec::find_codec(type->index);
  if (codec == nullptr || codec->decode_binary == nullptr || codec->fingerprint == nullptr ||
      codec->fingerprint() != found.type.fingerprint) {
    return std::nullopt;
  }
  decoded_payload payload{*type};
  if (!payload.read(*codec, found.event.payload)) return std::nullopt;
  std::string json;
  codec->encode(payload.get(), json);
  return json;
}

/// RFC 4648, section 4.
std::string base64_of(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto left = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8U | (i < left ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= left ? digits[group >> (18U - 6U * i) & 63U] : '=';
    }
  }
  return text;
}

}  // namespace

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char one : bytes) {
    const auto byte = static_cast<unsigned char>(one);
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::string text_of(const found_event& found) {
  const auto& event = found.event;
  std::string line = to_string(event.time) + ' ' + std::string{found.topic} + '/' +
                     std::to_string(found.partition) + " @" + std::to_string(event.offset) + ' ' +
                     codec::to_string(found.type) + ' ';
  line += event.key.empty() ? "-" : std::string{event.key};
  if (const auto json = json_of(found)) {
    line += ' ' + *json;
  } else {
    line += ' ' + std::to_string(event.payload.size()) + " bytes " +
            hex_of(event.payload.substr(0, bytes_shown)) +
            (event.payload.size() > bytes_shown ? "..." : "");
  }
  for (auto& letter : line) {
    if (static_cast<unsigned char>(letter) < ' ' || letter == '\x7f') letter = ' ';
  }
  return line;
}

std::string cloud_event_of(const found_event& found) {
  const auto& event = found.event;
  const auto quoted = [](std::string_view text) { return codec::to_json(std::string{text}); };
  std::string line = R"({"specversion":"1.0","id":)" + quoted(to_string(event.id)) +
                     R"(,"source":)" + quoted("/topics/" + std::string{found.topic}) +
                     R"(,"type":)" + quoted(found.type.name) + R"(,"time":)" +
                     quoted(to_string(event.time));
  if (!event.key.empty()) line += R"(,"subject":)" + quoted(event.key);
  line += R"(,"partition":)" + std::to_string(found.partition) + R"(,"offset":)" +
          quoted(std::to_string(event.offset)) + R"(,"typeversion":)" +
          std::to_string(found.type.version);
  if (event.origin) {
    line += R"(,"correlationid":)" + quoted(to_string(event.origin->correlation_id));
    if (event.origin->causation_id) {
      line += R"(,"causationid":)" + quoted(to_string(event.origin->causation_id));
    }
  }
  if (const auto json = json_of(found)) {
    line += R"(,"datacontenttype":"application/json","data":)" + *json;
  } else {
    line += R"(,"datacontenttype":"application/octet-stream","data_base64":")" +
            base64_of(event.payload) + '"';
  }
  return line + '}';
}

}  // namespace weir::observe
