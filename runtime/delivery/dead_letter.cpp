// SPDX-License-Identifier: BSD-3-Clause
// Making, sizing and fingerprinting dead letters.
#include "weir/runtime/delivery/dead_letter.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "weir/runtime/codec/codec.hpp"
#include "weir/runtime/codec/undecoded_event.hpp"
#include "weir/runtime/core/digits.hpp"
#include "weir/runtime/core/hash.hpp"

namespace weir::delivery {
namespace {

/// What it takes to find a letter by its place, beyond the names of topic and subscription.
constexpr std::size_t place_bytes = 128;

std::size_t bytes_of(const error& failure) noexcept {
  auto total = sizeof failure + failure.message.size();
  for (const auto& link : failure.causes) {
    total += sizeof link + link.type.size() + link.message.size();
  }
  return total;
}

}  // namespace

std::string_view to_string(letter_state state) noexcept {
  switch (state) {
    case letter_state::dead: return "dead";
    case letter_state::parked: return "parked";
    case letter_state::redriven: return "redriven";
    case letter_state::discarded: return "discarded";
    case letter_state::handled: return "handled";
  }
  return "unknown";
}

std::string dead_letter::fingerprint() const {
  auto text = type_name + '\n' + std::string{to_string(failure.code)} + '\n';
  if (!failure.causes.empty()) text += failure.causes.back().type;
  text += '\n' + without_digits(failure.message);
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016" PRIx64, stable_hash(text));
  return digits;
}

std::size_t dead_letter::bytes() const noexcept {
  const auto names = topic.size() + subscription.size();
  auto total = sizeof *this + key.size() + type_name.size() + payload.size() + names +
               bytes_of(failure) + place_bytes + names;
  for (const auto& one : attempts) total += sizeof one + bytes_of(one.failure);
  for (const auto& one : edits) {
    total += sizeof one + one.note.size() + one.payload_before.size();
  }
  return total;
}

dead_letter letter_of(const event_view& event) {
  dead_letter letter;
  letter.id = event.header.id;
  letter.correlation_id = event.header.correlation_id();
  letter.causation_id = event.header.causation_id();
  letter.published_at = event.header.time;
  letter.key = event.header.key;
  letter.offset = event.offset;
  if (const auto* undecoded = codec::undecoded_in(event)) {
    letter.type_name = undecoded->type_name;
    letter.type_version = undecoded->type_version;
    letter.payload = undecoded->payload;
    return letter;
  }
  letter.type_name = event.header.type->name;
  letter.type_version = event.header.type->version;
  if (const auto* codec = codec::find_codec(event.header.type->index)) {
    codec->encode(event.payload, letter.payload);
  }
  return letter;
}

}  // namespace weir::delivery
