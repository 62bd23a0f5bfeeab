// SPDX-License-Identifier: BSD-3-Clause
// Records as bytes: the golden ones of format 1, headers, the walk, and what is refused.
#include "weir/runtime/codec/batch_record.hpp"

#include "weir/tests/runtime/codec/golden_records.hpp"
#include "weir/tests/runtime/codec/stored_batches.hpp"

#include <catch2/catch.hpp>

using namespace codec_tests;
using namespace weir::codec;
using weir::errc;

namespace {

constexpr producer_stamp stamp{0xAABB, 3, 200};

std::string record_of(payload_format format, const std::optional<producer_stamp>& producer = {}) {
  std::string out;
  const auto done = encode_record(batch_of(sample(), 300), format, out, producer);
  REQUIRE(done.has_value());
  return out;
}

std::string refusal(std::string_view record) {
  record_walker walker;
  const auto opened = walker.open(record);
  return opened ? "taken" : to_string(opened.error());
}

// The walk's offsets, or where and why it ends.
std::string walk(std::string_view record) {
  record_walker walker;
  if (const auto opened = walker.open(record); !opened) return to_string(opened.error());
  std::string seen;
  stored_event event;
  for (;;) {
    const auto next = walker.next(event);
    if (!next) return seen + to_string(next.error());
    if (!*next) return seen + "end";
    seen += std::to_string(event.offset) + " ";
  }
}

}  // namespace

TEST_CASE("a record of format 1 has these bytes for ever", "[codec][format]") {
  CHECK(hex(record_of(payload_format::binary, stamp)) == hex(golden_binary()));
  CHECK(hex(record_of(payload_format::json)) == hex(golden_json()));
}

TEST_CASE("a header is read from a record's first bytes", "[codec]") {
  const record_header expected{payload_format::binary, 3, 300,
                               weir::timestamp{weir::duration{1'000'000'000}},
                               weir::timestamp{weir::duration{1'000'000'300}}, stamp};
  const auto record = record_of(payload_format::binary, stamp);
  CHECK(read_header(record).value() == expected);
  CHECK(expected.end_offset() == 303);
  const auto other = read_header(record_of(payload_format::json)).value();
  CHECK(other.format == payload_format::json);
  CHECK_FALSE(other.producer);
}

TEST_CASE("a walk shows every event and decodes none", "[codec]") {
  const auto record = record_of(payload_format::binary);
  record_walker walker;
  REQUIRE(walker.open(record).has_value());
  REQUIRE(walker.types().size() == 2);
  CHECK(to_string(walker.types()[0]) == "codec_tests.placed@2");
  CHECK(walker.types()[1].fingerprint == fingerprint_of<ticked>());
  stored_event event;
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(walker.next(event).value());
    CHECK(event.offset == 300 + i);
    CHECK(event.id == sample()[i].id);
    CHECK(event.time.time_since_epoch().count() == sample()[i].time);
    CHECK(event.key == sample()[i].key);
    CHECK(event.origin.has_value() == (i == 1));
    CHECK(event.type == (i == 0 ? 0 : 1));
  }
  CHECK(hex(event.payload) == "0e");
  CHECK_FALSE(walker.next(event).value());
  CHECK_FALSE(walker.next(event).value());
}

TEST_CASE("a part of a batch is a record of its own offsets", "[codec]") {
  std::string out = "before";
  REQUIRE(encode_record(batch_of(sample(), 300).from(1), payload_format::binary, out).has_value());
  CHECK(out.starts_with("before"));
  record_walker walker;
  REQUIRE(walker.open(std::string_view{out}.substr(6)).has_value());
  CHECK(walker.header().first_offset == 301);
  CHECK(walker.types().size() == 1);
  CHECK(walk(std::string_view{out}.substr(6)) == "301 302 end");
}

TEST_CASE("a type without the codec for a format leaves the buffer as it was", "[codec]") {
  const auto events = batch_of(sample(), 0);
  auto text_only = codec_of<ticked>();
  text_only.encode_binary = nullptr;
  enroll(weir::type_of<ticked>(), text_only);
  std::string out = "before";
  const auto done = encode_record(events, payload_format::binary, out);
  enroll<ticked>();
  REQUIRE_FALSE(done.has_value());
  CHECK(to_string(done.error()) == "no_codec: codec_tests.ticked@1 cannot be written as binary");
  CHECK(out == "before");
}

TEST_CASE("a record of another format is refused by its first byte", "[codec]") {
  auto record = record_of(payload_format::binary);
  record[0] = 2;
  CHECK(refusal(record) == "newer_format: record: its format is 2, this program reads 1");
  CHECK(read_header(record).error().code == errc::newer_format);
  record[0] = 0;
  CHECK(refusal(record) == "malformed: record: its format is 0, this program reads 1");
}

TEST_CASE("headers that cannot be are refused", "[codec]") {
  const auto with = [](std::size_t at, char byte) {
    auto record = record_of(payload_format::binary);
    record[at] = byte;
    return refusal(record);
  };
  CHECK(refusal("") ==
        "malformed: record: the bytes end in its header, or a number there is broken");
  CHECK(with(1, 2) == "malformed: record: no payload format is 2");
  CHECK(with(2, 2) == "malformed: record: unknown flags 2");
  CHECK_THAT(with(3, 0), Catch::StartsWith("malformed: record: 0 events from offset 300 in "));
  CHECK_THAT(with(3, 100), Catch::StartsWith("malformed: record: 100 events from offset 300 in "));
  CHECK_THAT(refusal(unhex("01 01 00 01 ffffffffffffffffff01 0000000000000000 00") +
                     std::string(100, '\0')),
             Catch::StartsWith("malformed: record: 1 events from offset 18446744073709551615 in"));
  CHECK_THAT(refusal(unhex("01 01 00 01 00 0000000000000000 00 02") + std::string(100, '\0')),
             Catch::Equals("malformed: record: 2 types in 100 bytes"));
  CHECK_THAT(refusal(unhex("01 01 01 01 00 0000000000000000 00 0000000000000000 8080808010 00") +
                     std::string(100, '\0')),
             Catch::Equals("malformed: record: the epoch has over 32 bits"));
}

TEST_CASE("a record cut short or too long ends in an error, after the events before", "[codec]") {
  const auto record = record_of(payload_format::binary);
  CHECK(walk(record) == "300 301 302 end");
  CHECK(walk(record.substr(0, record.size() - 1)) ==
        "300 301 malformed: record: the bytes at offset 302 are no event");
  CHECK(walk(record + "x") == "300 301 302 malformed: record: 1 bytes follow its last event");
  record_walker walker;
  const auto cut = record.substr(0, record.size() - 1);
  REQUIRE(walker.open(cut).has_value());
  stored_event event;
  CHECK(walker.next(event).value());
  CHECK(walker.next(event).value());
  CHECK_FALSE(walker.next(event).has_value());
  CHECK_FALSE(walker.next(event).has_value());
}

TEST_CASE("a walk never begins in the middle of an event that is none", "[codec]") {
  std::string record;
  const std::vector<spoken> events{sample()[2]};
  REQUIRE(encode_record(batch_of(events, 0), payload_format::binary, record).has_value());
  // A head of no type, with a whole event behind it.
  record.insert(record.size() - 22, 1, '\x7E');
  record_walker walker;
  REQUIRE(walker.open(record).has_value());
  stored_event event;
  CHECK_FALSE(walker.next(event).has_value());
  CHECK_FALSE(walker.next(event).has_value());
}
