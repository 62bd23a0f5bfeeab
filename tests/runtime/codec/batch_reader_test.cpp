// SPDX-License-Identifier: BSD-3-Clause
// Records as batches again: in place, in as many blocks as it takes, and never past an event that
// cannot be decoded unless told so.
#include "weir/runtime/codec/batch_reader.hpp"

#include "weir/runtime/codec/undecoded_event.hpp"
#include "weir/tests/runtime/codec/golden_records.hpp"
#include "weir/tests/runtime/codec/stored_batches.hpp"

#include <catch2/catch.hpp>

using namespace codec_tests;
using namespace weir::codec;
using weir::errc;

namespace {

std::string record_of(const std::vector<spoken>& events, payload_format format,
                      std::uint64_t first_offset = 300) {
  std::string out;
  const auto done = encode_record(batch_of(events, first_offset), format, out);
  REQUIRE(done.has_value());
  return out;
}

// All batches of a record, as sizes and events; errors are fatal.
struct replayed {
  std::vector<std::uint32_t> sizes;
  std::vector<spoken> events;
};
replayed replay(batch_reader& reader, weir::block_pool& pool) {
  replayed all;
  auto offset = std::optional<std::uint64_t>{};
  for (;;) {
    const auto next = reader.next(pool);
    if (!next) FAIL(to_string(next.error()));
    if (next->empty()) return all;
    if (offset) CHECK(next->first_offset() == *offset);
    offset = next->end_offset();
    all.sizes.push_back(next->size());
    for (const auto event : *next) all.events.push_back(spoken_of(event));
  }
}

std::vector<spoken> ticks(std::int64_t count) {
  std::vector<spoken> events(static_cast<std::size_t>(count));
  for (auto& one : events) one.number = --count;
  return events;
}

std::string replaced(std::string record, std::string_view from, std::string_view to) {
  const auto at = record.find(from);
  REQUIRE(at != std::string::npos);
  return record.replace(at, from.size(), to);
}

// What next() says twice, as it must.
std::string refusal(batch_reader& reader, weir::block_pool& pool) {
  const auto once = reader.next(pool);
  REQUIRE_FALSE(once.has_value());
  CHECK(to_string(reader.next(pool).error()) == to_string(once.error()));
  return to_string(once.error());
}

}  // namespace

TEST_CASE("a record becomes the batch it was made of, in either form", "[codec]") {
  const auto pool = pool_of();
  for (const auto format : {payload_format::json, payload_format::binary}) {
    const auto record = record_of(sample(), format);
    batch_reader reader;
    REQUIRE(reader.open(record).has_value());
    CHECK(reader.header().events == 3);
    const auto batch = reader.next(*pool).value();
    REQUIRE(batch.size() == 3);
    CHECK(batch.first_offset() == 300);
    for (std::uint32_t i = 0; i < 3; ++i) CHECK(spoken_of(batch[i]) == sample()[i]);
    CHECK(reader.next(*pool).value().empty());
    CHECK(reader.next(*pool).value().empty());
  }
}

TEST_CASE("records of format 1 are read for ever", "[codec][format]") {
  const auto pool = pool_of();
  for (const auto& record : {golden_binary(), golden_json()}) {
    batch_reader reader;
    REQUIRE(reader.open(record).has_value());
    CHECK(reader.header().first_offset == 300);
    CHECK(replay(reader, *pool).events == sample());
  }
}

TEST_CASE("one reader reads records of different types one after the other", "[codec]") {
  const auto pool = pool_of();
  batch_reader reader;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::vector<spoken> events{sample()[i]};
    const auto record = record_of(events, payload_format::binary);
    REQUIRE(reader.open(record).has_value());
    CHECK(replay(reader, *pool).events == events);
  }
}

TEST_CASE("keys and lineages live in the batch, not in the record", "[codec]") {
  const auto pool = pool_of();
  auto record = record_of(sample(), payload_format::binary);
  batch_reader reader;
  REQUIRE(reader.open(record).has_value());
  const auto batch = reader.next(*pool).value();
  record.assign(record.size(), '\xFF');
  for (std::uint32_t i = 0; i < 3; ++i) CHECK(spoken_of(batch[i]) == sample()[i]);
}

TEST_CASE("a batch accounts for the heap of its payloads", "[codec]") {
  auto events = sample();
  const auto bytes_with = [&](std::size_t size) {
    events[0].order_id = std::string(size, 'o');
    const auto pool = pool_of();
    const auto record = record_of(events, payload_format::binary);
    batch_reader reader;
    REQUIRE(reader.open(record).has_value());
    return reader.next(*pool).value().bytes();
  };
  CHECK(bytes_with(100'000) == bytes_with(0) + 100'001);
}

TEST_CASE("events that need several blocks come in several batches of dense offsets", "[codec]") {
  const auto events = ticks(10);
  const auto record = record_of(events, payload_format::binary);
  batch_reader reader;
  const auto four = pool_of({.events = 4, .arena_bytes = 4096});
  REQUIRE(reader.open(record).has_value());
  const auto by_count = replay(reader, *four);
  CHECK(by_count.sizes == std::vector<std::uint32_t>{4, 4, 2});
  CHECK(by_count.events == events);
  const auto small = pool_of({.events = 64, .arena_bytes = 3 * sizeof(ticked)});
  REQUIRE(reader.open(record).has_value());
  const auto by_bytes = replay(reader, *small);
  CHECK(by_bytes.sizes == std::vector<std::uint32_t>{3, 3, 3, 1});
  CHECK(by_bytes.events == events);
}

TEST_CASE("a batch ends once its events own much heap", "[codec]") {
  std::vector<spoken> events(5);
  for (auto& one : events) one.order_id = std::string(150'000, 'o');
  const auto record = record_of(events, payload_format::binary);
  const auto pool = pool_of();
  batch_reader reader;
  REQUIRE(reader.open(record).has_value());
  CHECK(replay(reader, *pool).sizes == std::vector<std::uint32_t>{2, 2, 1});
}

TEST_CASE("a record is read from any of its offsets", "[codec]") {
  const auto pool = pool_of();
  const auto events = ticks(5);
  const auto record = record_of(events, payload_format::binary);
  batch_reader reader;
  for (std::uint64_t from = 298; from < 308; ++from) {
    REQUIRE(reader.open(record, from).has_value());
    const auto rest = reader.next(*pool).value();
    const auto first = std::clamp<std::uint64_t>(from, 300, 305);
    CHECK(rest.size() == 305 - first);
    if (!rest.empty()) CHECK(rest.first_offset() == first);
  }
}

TEST_CASE("a type this program does not have stops the reader at its event", "[codec]") {
  const auto pool = pool_of();
  const auto record = replaced(record_of(sample(), payload_format::binary), "tests.placed",
                               "tests.plaXed");
  batch_reader reader;
  REQUIRE(reader.open(record).has_value());
  CHECK(refusal(reader, *pool) ==
        "unknown_event_type: codec_tests.plaXed@2 at offset 300: this program has no such type");
  REQUIRE(reader.failed() != nullptr);
  CHECK(reader.failed()->offset == 300);
  CHECK(reader.failed()->key == "c-7");
  CHECK(reader.failed()->payload == "\x03o-1\x9e\x1f");
  reader.skip();
  CHECK(reader.failed() == nullptr);
  const auto rest = reader.next(*pool).value();
  CHECK(rest.first_offset() == 301);
  CHECK(rest.size() == 2);
}

TEST_CASE("events before one that fails come first, events after it only once it is skipped",
          "[codec]") {
  const auto pool = pool_of();
  auto events = ticks(3);
  events[1].order_id = "o-2";
  const auto record = replaced(record_of(events, payload_format::binary), "\x03o-2", "\x03o-\xFF");
  batch_reader reader;
  REQUIRE(reader.open(record).has_value());
  CHECK(reader.next(*pool).value().size() == 1);
  CHECK(refusal(reader, *pool) == "invalid_utf8: codec_tests.placed@2 at offset 301: order_id: "
                                  "byte 2 is not valid UTF-8");
  reader.skip();
  const auto rest = reader.next(*pool).value();
  CHECK(rest.first_offset() == 302);
  CHECK(spoken_of(rest[0]) == events[2]);
  CHECK(reader.next(*pool).value().empty());
  // Who resumes behind it meets no error.
  REQUIRE(reader.open(record, 302).has_value());
  CHECK(reader.next(*pool).value().first_offset() == 302);
}

TEST_CASE("binary bytes of another layout are refused, JSON is read by its names", "[codec]") {
  const auto pool = pool_of();
  auto other = codec_of<placed>();
  other.fingerprint = [] { return std::uint64_t{1}; };
  const std::vector<spoken> events{sample()[0]};
  const auto batch = batch_of(events, 7);
  const auto record = [&](payload_format format) {
    enroll(weir::type_of<placed>(), other);
    std::string out;
    REQUIRE(encode_record(batch, format, out).has_value());
    enroll<placed>();
    return out;
  };
  batch_reader reader;
  const auto binary = record(payload_format::binary);
  REQUIRE(reader.open(binary).has_value());
  CHECK(reader.types()[0].fingerprint == 1);
  CHECK(refusal(reader, *pool) ==
        "schema_mismatch: codec_tests.placed@2 at offset 7: it was written with other fields than "
        "it has in this program");
  const auto json = record(payload_format::json);
  REQUIRE(reader.open(json).has_value());
  CHECK(reader.next(*pool).value().size() == 1);
}

TEST_CASE("a type without codec is refused", "[codec]") {
  const auto pool = pool_of();
  const auto record = record_of(ticks(1), payload_format::binary);
  auto text_only = codec_of<ticked>();
  text_only.decode_binary = nullptr;
  enroll(weir::type_of<ticked>(), text_only);
  batch_reader reader;
  REQUIRE(reader.open(record).has_value());
  CHECK(refusal(reader, *pool) ==
        "no_codec: codec_tests.ticked@1 at offset 300: this program has no codec for it");
  enroll<ticked>();
}

TEST_CASE("an event larger than a block is refused", "[codec]") {
  const auto pool = pool_of({.events = 4, .arena_bytes = 64});
  std::vector<spoken> events = ticks(3);
  events[1].key = std::string(100, 'k');
  const auto record = record_of(events, payload_format::binary);
  batch_reader reader;
  REQUIRE(reader.open(record).has_value());
  CHECK(reader.next(*pool).value().size() == 1);
  CHECK(refusal(reader, *pool) == "event_too_large: codec_tests.ticked@1 at offset 301: 108 bytes "
                                  "do not fit into a block");
  reader.skip();
  CHECK(reader.next(*pool).value().first_offset() == 302);
}

TEST_CASE("a broken record ends with an error that cannot be skipped", "[codec]") {
  const auto pool = pool_of();
  auto record = record_of(sample(), payload_format::binary);
  record.pop_back();
  batch_reader reader;
  REQUIRE(reader.open(record).has_value());
  CHECK(reader.next(*pool).value().size() == 2);
  CHECK(refusal(reader, *pool) == "malformed: record: the bytes at offset 302 are no event");
  CHECK(reader.failed() == nullptr);
  REQUIRE_FALSE(reader.open("").has_value());
  CHECK_FALSE(reader.next(*pool).has_value());
  const auto whole = record_of(sample(), payload_format::binary);
  REQUIRE(reader.open(whole).has_value());
  CHECK(reader.next(*pool).value().size() == 3);
}

TEST_CASE("for what cannot be decoded something stands, with its envelope and its bytes",
          "[codec]") {
  const auto pool = pool_of();
  const auto record = replaced(record_of(sample(), payload_format::binary), "tests.placed",
                               "tests.plaXed");
  batch_reader reader;
  REQUIRE(reader.open(record).has_value());
  const auto why = refusal(reader, *pool);
  const auto batch = reader.take_failed();
  CHECK(reader.failed() == nullptr);
  REQUIRE(batch.size() == 1);
  CHECK(batch.first_offset() == 300);
  const auto* stands = undecoded_at(batch.slots()[0]);
  REQUIRE(stands != nullptr);
  CHECK(stands->type_name == "codec_tests.plaXed");
  CHECK(stands->type_version == 2);
  CHECK(stands->payload == "\x03o-1\x9e\x1f");
  CHECK(to_string(stands->why) == why);
  const auto& header = batch[0].header;
  CHECK(header.id == sample()[0].id);
  CHECK(header.key == "c-7");
  CHECK(header.time.time_since_epoch().count() == sample()[0].time);
  const auto rest = reader.next(*pool).value();
  CHECK(rest.first_offset() == 301);
  CHECK(rest.size() == 2);
  CHECK(undecoded_at(rest.slots()[0]) == nullptr);
}

TEST_CASE("the lineage of what cannot be decoded is kept", "[codec]") {
  const auto pool = pool_of();
  auto events = ticks(1);
  events[0].origin = weir::lineage{{3, 4}, {5, 6}};
  const auto record = replaced(record_of(events, payload_format::binary), "ticked", "tickXd");
  batch_reader reader;
  REQUIRE(reader.open(record).has_value());
  REQUIRE_FALSE(reader.next(*pool).has_value());
  const auto batch = reader.take_failed();
  CHECK(batch[0].header.correlation_id() == weir::event_id{3, 4});
  CHECK(batch[0].header.causation_id() == weir::event_id{5, 6});
}

TEST_CASE("many events of a type that cannot be decoded come in few batches of dense offsets",
          "[codec]") {
  const auto pool = pool_of();
  const auto record = replaced(record_of(ticks(100), payload_format::binary), "ticked", "tickXd");
  batch_reader reader;
  REQUIRE(reader.open(record).has_value());
  std::vector<std::uint32_t> sizes;
  for (std::uint64_t offset = 300; offset < 400;) {
    REQUIRE_FALSE(reader.next(*pool).has_value());
    const auto batch = reader.take_failed();
    CHECK(batch.first_offset() == offset);
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      CHECK(undecoded_at(batch.slots()[i])->why.message.find(std::to_string(offset + i)) !=
            std::string::npos);
    }
    offset = batch.end_offset();
    sizes.push_back(batch.size());
  }
  CHECK(sizes == std::vector<std::uint32_t>{32, 32, 32, 4});
  CHECK(reader.next(*pool).value().empty());
}
