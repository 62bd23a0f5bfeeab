// SPDX-License-Identifier: BSD-3-Clause
// The bytes of a stored timer, which are frozen, and what becomes of bytes that are none.
#include "weir/runtime/store/timer_record.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/codec/codec.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/runtime/codec/hex.hpp"
#include "weir/tests/runtime/codec/stored_batches.hpp"

using namespace weir::store;
using codec_tests::hex;
using codec_tests::placed;
using codec_tests::ticked;
using codec_tests::unhex;
using weir::errc;

namespace {

weir::topic::settings orders(weir::payload_format format) {
  weir::codec::ensure_enrolled<placed>();
  weir::topic::ensure_maker<placed>();
  weir::codec::enroll<ticked>();
  weir::topic::settings topic;
  topic.name = "orders";
  topic.options.stored_as = format;
  return topic;
}

const placed sample{"o-1", 1999};
const weir::topic::publish_options said{.key = "c-7", .correlation_id = {1, 2},
                                        .causation_id = {3, 4}};

/// The record as it is put, without its seal.
std::string record_of(const weir::topic::settings& topic) {
  const auto encoded = encode_timer(topic, weir::type_of<placed>(), &sample, said);
  REQUIRE(encoded);
  changes what;
  put_timer(what, topic.name, 5, weir::timestamp{std::chrono::seconds{1}}, *encoded);
  std::string record;
  what.visit([&](const change& one) {
    CHECK(one.where == table::timers);
    CHECK(one.key == timer_key("orders", 5));
    record = one.second.substr(0, one.second.size() - 8);
  });
  return record;
}

std::string golden_binary() {
  return unhex(
      "01 00ca9a3b00000000 01"                                        // format, due, as binary
      "12 636f6465635f74657374732e706c61636564 02 22206301ef21606b"   // type
      "03 632d37"                                                     // key
      "0100000000000000 0200000000000000 0300000000000000 0400000000000000"
      "06 03 6f2d31 9e1f");
}

std::string golden_json() {
  return unhex(
             "01 00ca9a3b00000000 00"
             "12 636f6465635f74657374732e706c61636564 02 22206301ef21606b"
             "03 632d37"
             "0100000000000000 0200000000000000 0300000000000000 0400000000000000 1f") +
         R"({"order_id":"o-1","cents":1999})";
}

weir::error refusal(const weir::topic::settings& topic, std::string_view record) {
  // A copy of its own, so that a read past its end is one past an allocation.
  const std::vector<char> bytes(record.begin(), record.end());
  const auto read = decode_timer(topic, {bytes.data(), bytes.size()});
  REQUIRE_FALSE(read);
  return read.error();
}

}  // namespace

TEST_CASE("a timer of format 1 has these bytes for ever", "[store][format]") {
  CHECK(hex(record_of(orders(weir::payload_format::binary))) == hex(golden_binary()));
  CHECK(hex(record_of(orders(weir::payload_format::json))) == hex(golden_json()));
}

TEST_CASE("timers of format 1 are read for ever", "[store][format]") {
  for (const auto& record : {golden_binary(), golden_json()}) {
    auto topic = std::make_shared<weir::topic::settings>(orders(weir::payload_format::json));
    auto read = decode_timer(*topic, record);
    REQUIRE(read);
    CHECK(read->due == weir::timestamp{std::chrono::seconds{1}});
    weir::topic::publisher to{topic, 1};
    const auto partition = read->event->build(to, weir::timestamp{});
    REQUIRE(partition);
    to.accept();
    to.commit([](auto&&...) {});
    const auto events = to.ring_of(*partition)->take(false);
    REQUIRE(events.size() == 1);
    CHECK(events[0].as<placed>() == sample);
    CHECK(events[0].header.key == "c-7");
    CHECK(events[0].header.correlation_id() == weir::event_id{1, 2});
    CHECK(events[0].header.causation_id() == weir::event_id{3, 4});
  }
}

TEST_CASE("timers of a topic lie together, in the order of their numbers", "[store][format]") {
  CHECK(hex(timer_key("orders", 258)) == hex(unhex("6f7264657273 0001 0000000000000102")));
  CHECK(timer_key("orders", 258).starts_with(timer_prefix("orders")));
  CHECK_FALSE(timer_key("orders-2", 1).starts_with(timer_prefix("orders")));
  CHECK(timer_key("orders", 255) < timer_key("orders", 256));
  CHECK(timer_number("orders", timer_key("orders", 258)) == 258);
}

TEST_CASE("a timer cut short anywhere is malformed, and so is one with more behind it",
          "[store]") {
  const auto topic = orders(weir::payload_format::binary);
  const auto whole = golden_binary();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(refusal(topic, std::string_view{whole}.substr(0, size)).code == errc::malformed);
  }
  CHECK(refusal(topic, whole + '\0').code == errc::malformed);
}

TEST_CASE("a timer that this program cannot schedule says why", "[store]") {
  const auto topic = orders(weir::payload_format::binary);
  auto record = golden_binary();
  const auto changed = [&](std::size_t at, char to) {
    auto other = record;
    other[at] = to;
    return refusal(topic, other);
  };
  CHECK(changed(0, 2).code == errc::newer_format);
  CHECK(to_string(changed(28, 'X')) ==
        "unknown_event_type: codec_tests.placeX@2: this program schedules no such type");
  CHECK(changed(31, 'X').code == errc::schema_mismatch);
  CHECK(changed(record.size() - 3, '\xFF').code == errc::invalid_utf8);
  weir::topic::settings small = topic;
  small.options.event_bytes_max = 8;
  CHECK(refusal(small, record).code == errc::event_too_large);
}

TEST_CASE("a type without the form that its topic stores cannot be a timer", "[store]") {
  auto text_only = weir::codec::codec_of<ticked>();
  text_only.encode_binary = nullptr;
  const auto topic = orders(weir::payload_format::binary);
  weir::codec::enroll(weir::type_of<ticked>(), text_only);
  const ticked one{1};
  const auto encoded = encode_timer(topic, weir::type_of<ticked>(), &one, {});
  weir::codec::enroll<ticked>();
  REQUIRE_FALSE(encoded);
  CHECK(to_string(encoded.error()) ==
        "no_codec: codec_tests.ticked@1 cannot be written as binary");
}

TEST_CASE("the topics that have timers are known", "[store]") {
  memory_store disk;
  CHECK(topics_with_timers(disk) == std::vector<std::string>{});
  changes what;
  for (const auto* topic : {"orders", "a", "orders-2"}) {
    for (std::uint64_t number = 1; number <= 3; ++number) put_timer(what, topic, number, {}, "x");
  }
  REQUIRE(disk.commit(what));
  CHECK(topics_with_timers(disk) == std::vector<std::string>{"a", "orders", "orders-2"});
  disk.sealed(table::timers, timer_key("orders", 1))->at(0) ^= 1;
  CHECK(topics_with_timers(disk) == std::vector<std::string>{"a"});
  disk.set_faults({.fail_at_call = disk.calls() + 2});
  const auto failed = topics_with_timers(disk);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == errc::store_io);
}
