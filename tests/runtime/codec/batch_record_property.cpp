// SPDX-License-Identifier: BSD-3-Clause
// Any batch comes back as it was, whatever blocks it is read into; and no damage to a record does
// worse than give an error or other events.
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include "weir/runtime/codec/batch_reader.hpp"
#include "weir/tests/runtime/codec/sample_event.hpp"
#include "weir/tests/runtime/codec/stored_batches.hpp"

#include <catch2/catch.hpp>

using namespace codec_tests;
using namespace weir::codec;

namespace {

weir::event_id any_id() {
  return {*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()};
}

spoken any_spoken() {
  spoken made;
  made.number = *rc::gen::arbitrary<std::int64_t>();
  if (*rc::gen::arbitrary<bool>()) made.order_id = any_text();
  made.key = *rc::gen::arbitrary<std::string>();
  made.id = any_id();
  made.time = *rc::gen::element(std::numeric_limits<std::int64_t>::min(),
                                std::numeric_limits<std::int64_t>::max(),
                                *rc::gen::arbitrary<std::int64_t>());
  if (*rc::gen::arbitrary<bool>()) made.origin = weir::lineage{any_id(), any_id()};
  return made;
}

// Reads to the end, skipping what fails; the events that could be read.
std::uint64_t read_through(std::string_view record, weir::block_pool& pool) {
  batch_reader reader;
  if (!reader.open(record)) return 0;
  std::uint64_t events = 0;
  std::uint64_t offset = reader.header().first_offset;
  for (;;) {
    const auto next = reader.next(pool);
    if (next && next->empty()) return events;
    if (next) {
      REQUIRE(next->first_offset() == offset);
      offset = next->end_offset();
      events += next->size();
    } else if (reader.failed() != nullptr) {
      REQUIRE(reader.failed()->offset == offset);
      offset = reader.take_failed().end_offset();
    } else {
      return events;
    }
  }
}

}  // namespace

TEST_CASE("any batch comes back from its record", "[codec][property]") {
  rc::prop("round trip", [] {
    std::vector<spoken> events(*rc::gen::inRange<std::size_t>(1, 20));
    for (auto& one : events) one = any_spoken();
    const auto first = *rc::gen::inRange<std::uint64_t>(0, 1ULL << 62U);
    const auto format = *rc::gen::element(payload_format::json, payload_format::binary);
    const auto pool =
        pool_of({.events = *rc::gen::inRange<std::uint32_t>(1, 20), .arena_bytes = 4096});
    std::string record;
    RC_ASSERT(encode_record(batch_of(events, first), format, record).has_value());
    batch_reader reader;
    RC_ASSERT(reader.open(record).has_value());
    std::size_t at = 0;
    for (;;) {
      const auto next = reader.next(*pool);
      RC_ASSERT(next.has_value());
      if (next->empty()) break;
      RC_ASSERT(next->first_offset() == first + at);
      for (const auto event : *next) RC_ASSERT(spoken_of(event) == events.at(at++));
    }
    RC_ASSERT(at == events.size());
  });
}

TEST_CASE("a record cut short anywhere gives its first events and an error",
          "[codec][property]") {
  const auto pool = pool_of();
  for (const auto format : {payload_format::json, payload_format::binary}) {
    std::string record;
    REQUIRE(encode_record(batch_of(sample(), 5), format, record).has_value());
    CHECK(read_through(record, *pool) == 3);
    for (std::size_t size = 0; size < record.size(); ++size) {
      // A copy of its own, so that a read past its end is one past an allocation.
      const std::vector<char> cut(record.begin(), record.begin() + static_cast<long>(size));
      CHECK(read_through({cut.data(), cut.size()}, *pool) < 3);
    }
  }
}

TEST_CASE("a record with any byte changed to any other gives events or errors",
          "[codec][property]") {
  const auto pool = pool_of();
  std::string record;
  REQUIRE(encode_record(batch_of(sample(), 5), payload_format::binary, record,
                        producer_stamp{1, 2, 3})
              .has_value());
  for (std::size_t at = 0; at < record.size(); ++at) {
    for (unsigned change = 1; change < 256; ++change) {
      std::vector<char> damaged(record.begin(), record.end());
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ change);
      CHECK(read_through({damaged.data(), damaged.size()}, *pool) <= 3);
    }
  }
}

TEST_CASE("random bytes are no record, or one that can be read through", "[codec][property]") {
  rc::prop("noise", [](std::vector<std::uint8_t> noise) {
    const auto pool = pool_of();
    noise.insert(noise.begin(), {1, 1, 0});
    read_through({reinterpret_cast<const char*>(noise.data()), noise.size()}, *pool);
  });
}
