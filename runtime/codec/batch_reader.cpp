// SPDX-License-Identifier: BSD-3-Clause
// Lays events out as the publisher does: payload, key behind it, lineage behind the key.
#include "weir/runtime/codec/batch_reader.hpp"

#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "weir/runtime/codec/undecoded_event.hpp"
#include "weir/runtime/core/invariant.hpp"

namespace weir::codec {
namespace {

constexpr std::size_t lineage_bytes = sizeof(lineage) + alignof(lineage) - 1;
// A batch ends once its events own this much heap, as a publisher's block does.
constexpr std::size_t heap_max = 256 * 1024;
constexpr std::uint32_t stand_ins_per_block = 32;

const lineage* put_lineage(char* behind_key, const lineage& origin) noexcept {
  void* place = behind_key;
  auto room = lineage_bytes;
  std::align(alignof(lineage), sizeof(lineage), place, room);
  return new (place) lineage(origin);
}

std::string_view reason(errc why) noexcept {
  switch (why) {
    case errc::unknown_event_type: return "this program has no such type";
    case errc::no_codec: return "this program has no codec for it";
    default: return "it was written with other fields than it has in this program";
  }
}

}  // namespace

batch_reader::known_type batch_reader::find(const stored_type& stored,
                                            const known_type& last) const {
  known_type found;
  // Mostly the same type as in the record before.
  found.type = last.type != nullptr && last.type->version == stored.version &&
                       last.type->name == stored.name
                   ? last.type
                   : find_event_type(stored.name, stored.version);
  if (found.type == nullptr) return found;
  found.codec = find_codec(found.type->index);
  found.why = errc::no_codec;
  if (found.codec == nullptr) return found;
  if (header().format == payload_format::json) {
    found.decode = found.codec->decode;
    return found;
  }
  const auto fingerprint = found.codec->fingerprint;
  if ((fingerprint != nullptr ? fingerprint() : 0) != stored.fingerprint) {
    found.why = errc::schema_mismatch;
  } else {
    found.decode = found.codec->decode_binary;
  }
  return found;
}

result<void> batch_reader::open(std::string_view record, std::uint64_t from) {
  waiting_ = false;
  why_.reset();
  auto opened = walker_.open(record);
  if (!opened) {
    why_ = opened.error();
    return opened;
  }
  known_.resize(types().size());
  for (std::size_t i = 0; i < known_.size(); ++i) known_[i] = find(types()[i], known_[i]);
  while (header().first_offset < from && fetch() && event_.offset < from) waiting_ = false;
  return {};
}

// False at the end of the record or if it is broken.
bool batch_reader::fetch() {
  if (waiting_) return true;
  auto found = walker_.next(event_);
  if (found) return waiting_ = *found;
  why_ = std::move(found.error());
  return false;
}

bool batch_reader::refuse(error why) {
  why.message = to_string(types()[event_.type]) + " at offset " + std::to_string(event_.offset) +
                ": " + why.message;
  why_ = std::move(why);
  return false;
}

// True if the event is of a type that cannot be decoded: then with `why_`.
bool batch_reader::refuse_type() {
  const auto& known = known_[event_.type];
  if (known.decode != nullptr) return false;
  refuse({known.why, std::string{reason(known.why)}});
  return true;
}

// False if the event has no place in `memory`, or cannot be decoded at all: then with `why_`.
bool batch_reader::build(block& memory) {
  const auto& known = known_[event_.type];
  if (refuse_type()) [[unlikely]] return false;
  const auto behind = event_.key.size() + (event_.origin ? lineage_bytes : 0);
  const auto place = memory.reserve(known.type->size, known.type->alignment, behind);
  if (place.payload == nullptr) [[unlikely]] {
    if (memory.built() > 0) return false;
    return refuse({errc::event_too_large,
                   std::to_string(known.type->size + behind) + " bytes do not fit into a block"});
  }
  if (auto done = known.decode(event_.payload, place.payload); !done) [[unlikely]] {
    return refuse(std::move(done.error()));
  }
  if (!event_.key.empty()) std::memcpy(place.key, event_.key.data(), event_.key.size());
  const auto* const origin =
      event_.origin ? put_lineage(place.key + event_.key.size(), *event_.origin) : nullptr;
  memory.push({.id = event_.id,
               .time = event_.time,
               .key = {place.key, event_.key.size()},
               .type = known.type,
               .origin = origin},
              place.payload, known.codec->heap != nullptr ? known.codec->heap(place.payload) : 0,
              known.type->destroy != nullptr);
  return true;
}

result<batch> batch_reader::next(block_pool& pool) {
  if (!fetch()) {
    if (why_) return fail(*why_);
    return batch{};
  }
  const auto first = event_.offset;
  const auto memory = pool.take();
  while (memory->built_heap() < heap_max && fetch() && build(*memory)) waiting_ = false;
  if (memory->built() == 0) return fail(*why_);
  memory->commit();
  memory->seal();
  batch made{memory, 0, memory->committed(), memory->bytes()};
  made.set_first_offset(first);
  return made;
}

void batch_reader::skip() {
  WEIR_INVARIANT(failed() != nullptr, "nothing has failed that could be skipped");
  waiting_ = false;
  why_.reset();
}

bool batch_reader::stand_in(block& memory) {
  const auto place = memory.reserve(sizeof(undecoded_event), alignof(undecoded_event), 0);
  if (place.payload == nullptr) return false;
  const auto& type = types()[event_.type];
  auto* const made = new (place.payload)
      undecoded_event{std::string{type.name},       type.version,  std::string{event_.payload},
                      std::string{event_.key}, event_.origin, std::move(*why_)};
  memory.push({.id = event_.id,
               .time = event_.time,
               .key = made->key,
               .type = &type_of<undecoded_event>(),
               .origin = made->origin ? &*made->origin : nullptr},
              made, made->heap_bytes(), true);
  skip();
  return true;
}

batch batch_reader::take_failed() {
  WEIR_INVARIANT(failed() != nullptr, "nothing has failed that something could stand for");
  if (stand_ins_ == nullptr) {
    stand_ins_ = new block_pool{{.events = stand_ins_per_block,
                                 .arena_bytes = stand_ins_per_block * sizeof(undecoded_event)}};
  }
  const auto first = event_.offset;
  const auto memory = stand_ins_->take();
  while (stand_in(*memory) && memory->built_heap() < heap_max && fetch() && refuse_type()) {
  }
  memory->commit();
  memory->seal();
  batch made{memory, 0, memory->committed(), memory->bytes()};
  made.set_first_offset(first);
  return made;
}

}  // namespace weir::codec
