// SPDX-License-Identifier: BSD-3-Clause
// Records made of events of other records.
#include "weir/runtime/codec/record_builder.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/core/random.hpp"
#include "weir/tests/runtime/codec/stored_batches.hpp"
#include "weir/tests/runtime/event/death.hpp"

using namespace codec_tests;
using namespace weir::codec;
using weir::payload_format;

namespace {

std::vector<spoken> some_events(weir::random& chance, std::uint64_t count) {
  std::vector<spoken> events;
  for (std::uint64_t i = 0; i < count; ++i) {
    spoken one;
    one.number = static_cast<std::int64_t>(chance.below(1'000'000));
    if (chance.below(2) == 0) one.order_id = std::string(chance.below(300), 'o');
    one.key = std::string(chance.below(3), 'k');
    one.id = {chance(), chance()};
    one.time = static_cast<std::int64_t>(chance.below(1'000'000'000));
    if (chance.below(2) == 0) one.origin = weir::lineage{{chance(), 2}, {3, chance()}};
    events.push_back(std::move(one));
  }
  return events;
}

std::string record_of(const std::vector<spoken>& events, std::uint64_t first,
                      payload_format format) {
  std::string bytes;
  REQUIRE(encode_record(batch_of(events, first), format, bytes));
  return bytes;
}

/// Adds the events of a record for which `wanted` is true.
template <class Wanted>
void add_all(record_builder& to, const std::string& record, Wanted&& wanted) {
  record_walker walker;
  REQUIRE(walker.open(record));
  stored_event event;
  for (std::uint64_t i = 0; walker.next(event).value(); ++i) {
    if (wanted(i)) to.add(event, walker.types()[event.type], walker.header().format);
  }
}

}  // namespace

TEST_CASE("a record of another's events is the one that its batch would give, byte for byte",
          "[codec]") {
  record_builder builder;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    weir::random chance{seed};
    const auto format = seed % 2 == 0 ? payload_format::json : payload_format::binary;
    const auto events = some_events(chance, 1 + chance.below(40));
    const auto source = record_of(events, chance.below(1'000), format);
    std::vector<spoken> kept;
    std::vector<bool> wanted;
    for (const auto& one : events) {
      wanted.push_back(chance.below(3) != 0);
      if (wanted.back()) kept.push_back(one);
    }
    if (kept.empty()) continue;
    add_all(builder, source, [&](std::uint64_t i) { return wanted[i]; });
    CHECK(builder.events() == kept.size());
    CHECK(builder.format() == format);
    std::string made = "before";
    builder.finish(77, made);
    CHECK(made == "before" + record_of(kept, 77, format));
    CHECK(builder.events() == 0);
    CHECK(builder.bytes() == 0);
  }
}

TEST_CASE("a record has payloads of one format, and an event", "[codec]") {
  const auto json = record_of(sample(), 0, payload_format::json);
  const auto binary = record_of(sample(), 0, payload_format::binary);
  const auto all = [](std::uint64_t) { return true; };
  CHECK_THAT(event_tests::last_words_of([&] {
               record_builder builder;
               add_all(builder, json, all);
               add_all(builder, binary, all);
             }),
             Catch::Contains("payloads of one format"));
  CHECK_THAT(event_tests::last_words_of([&] {
               std::string out;
               record_builder{}.finish(0, out);
             }),
             Catch::Contains("at least one event"));
}
