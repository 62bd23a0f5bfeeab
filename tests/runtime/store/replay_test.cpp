// SPDX-License-Identifier: BSD-3-Clause
// What is replayed is what was there, once, wherever the replay is interrupted or the store fails.
#include "weir/runtime/store/replay.hpp"

#include "weir/runtime/store/examine.hpp"
#include "weir/runtime/store/log_cursor.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/runtime/store/stored_logs.hpp"

using namespace weir::store;
using store_tests::put_events;

namespace {

constexpr std::uint64_t record_events = 500;

std::shared_ptr<memory_store> disk_with(std::uint64_t events_each) {
  auto disk = std::make_shared<memory_store>();
  changes what;
  for (std::uint32_t partition = 0; partition < 3; ++partition) {
    for (std::uint64_t first = 10; first < 10 + events_each; first += record_events) {
      const auto format = first % 1'000 == 10 ? weir::payload_format::json
                                              : weir::payload_format::binary;
      put_events(what, "orders", partition, first, record_events, format);
    }
  }
  REQUIRE(disk->commit(what));
  return disk;
}

replay_request everything() {
  return {.topic = "orders",
          .into = "again",
          .from = [](const log_ends& log) { return log.first; },
          .wanted = [](const auto&, const auto&) { return true; },
          .resume = false,
          .stop = {}};
}

/// An event but for its offset, as text.
std::string text_of(const weir::codec::stored_event& event, const weir::codec::stored_type& type,
                    weir::payload_format format) {
  return to_string(event.id) + " " + std::to_string(event.time.time_since_epoch().count()) + " " +
         std::string{event.key} + " " + weir::codec::to_string(type) + " " +
         std::to_string(type.fingerprint) + " " + std::string{to_string(format)} + " " +
         std::string{event.payload};
}

std::vector<std::string> events_of(const std::shared_ptr<memory_store>& disk,
                                   const std::string& topic, std::uint32_t partition,
                                   std::uint64_t from = 0) {
  std::vector<std::string> all;
  log_cursor cursor{disk, topic, partition, from};
  weir::codec::stored_event event;
  while (cursor.next(event).value()) {
    all.push_back(text_of(event, cursor.type_of(event), cursor.format()));
  }
  return all;
}

void check_same(const std::shared_ptr<memory_store>& disk) {
  for (std::uint32_t partition = 0; partition < 3; ++partition) {
    // Not shown: they are many.
    CHECK((events_of(disk, "again", partition) == events_of(disk, "orders", partition)));
  }
  REQUIRE(examine(*disk, [](const std::string& what) { FAIL(what); }));
}

}  // namespace

TEST_CASE("a replay gives the other topic the same events, partition by partition, in order",
          "[store][replay]") {
  const auto disk = disk_with(6'000);
  const auto report = replay(disk, everything());
  REQUIRE(report);
  CHECK(report->replayed == 18'000);
  CHECK(report->left_out == 0);
  CHECK(report->partitions == 3);
  CHECK_FALSE(report->interrupted);
  check_same(disk);
  // Once more is behind that, as if the events had been published again.
  REQUIRE(replay(disk, everything()));
  CHECK(events_of(disk, "again", 1, 6'000) == events_of(disk, "orders", 1));
}

TEST_CASE("only what is wanted is replayed, from where it is wanted", "[store][replay]") {
  const auto disk = disk_with(1'000);
  auto request = everything();
  request.from = [](const log_ends& log) { return log.end - 100; };
  request.wanted = [](const auto& event, const auto& type) {
    return event.key == "k1" && type.name == "codec_tests.ticked";
  };
  const auto report = replay(disk, request);
  REQUIRE(report);
  CHECK(report->replayed + report->left_out == 300);
  CHECK(report->replayed == 3 * events_of(disk, "again", 0).size());
  std::vector<std::string> expected;
  for (const auto& one : events_of(disk, "orders", 2, 910)) {
    if (one.find(" k1 codec_tests.ticked@") != one.npos) expected.push_back(one);
  }
  CHECK(events_of(disk, "again", 2) == expected);
}

TEST_CASE("an interrupted replay is resumed, not begun again by mistake", "[store][replay]") {
  const auto disk = disk_with(20'000);
  auto request = everything();
  int commits = 0;
  request.stop = [&] { return ++commits == 3; };
  const auto first = replay(disk, request);
  REQUIRE(first);
  CHECK(first->interrupted);
  const auto again = replay(disk, request);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == weir::errc::already_exists);
  request.resume = true;
  const auto rest = replay(disk, request);
  REQUIRE(rest);
  CHECK(first->replayed + rest->replayed == 60'000);
  check_same(disk);
  const auto nothing = replay(disk, request);
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().code == weir::errc::not_found);
}

TEST_CASE("wherever the store crashes, what was replayed is resumed and nothing is there twice",
          "[store][replay]") {
  std::uint64_t resumed = 0;
  for (std::uint64_t call = 1; call <= 220; call += 3) {
    INFO("crash at call " << call);
    const auto disk = disk_with(20'000);
    disk->set_faults({.seed = call, .crash_at_call = disk->calls() + call});
    auto request = everything();
    const auto first = replay(disk, request);
    disk->set_faults({});
    if (first) break;
    disk->reopen();
    request.resume = true;
    auto rest = replay(disk, request);
    if (rest) {
      ++resumed;
    } else {
      REQUIRE(rest.error().code == weir::errc::not_found);
      request.resume = false;
      // It had not begun, or was done and nobody heard of it.
      if (events_of(disk, "again", 0).empty()) REQUIRE(replay(disk, request));
    }
    check_same(disk);
  }
  CHECK(resumed > 10);
}

TEST_CASE("a replay of nothing, or of a topic into itself, is refused", "[store][replay]") {
  const auto disk = disk_with(500);
  auto request = everything();
  request.into = "orders";
  auto refused = replay(disk, request);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == weir::errc::invalid_argument);
  request = everything();
  request.topic = "nothing";
  refused = replay(disk, request);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "no events of a topic nothing");
}
