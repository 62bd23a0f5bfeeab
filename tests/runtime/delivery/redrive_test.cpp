// SPDX-License-Identifier: BSD-3-Clause
// Letters as events again: each once, whatever fails, and readable as what they were.
#include "weir/runtime/delivery/redrive.hpp"

#include <set>

#include "weir/runtime/codec/json_writer.hpp"
#include "weir/runtime/store/log_cursor.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/runtime/store/stored_logs.hpp"

using namespace std::chrono_literals;
using namespace weir::delivery;
using weir::store::memory_store;
using weir::store::table;

namespace {

dead_letter letter_of(std::uint64_t number) {
  dead_letter letter;
  letter.id = {number, 7};
  letter.correlation_id = number % 2 == 0 ? letter.id : weir::event_id{1, 1};
  letter.causation_id = number % 2 == 0 ? weir::event_id{} : weir::event_id{2, 2};
  letter.published_at = weir::timestamp{1s * static_cast<std::int64_t>(number)};
  letter.key = "k" + std::to_string(number % 3);
  letter.type_name = "codec_tests.placed";
  letter.type_version = 2;
  letter.payload =
      weir::codec::to_json(codec_tests::placed{"o-" + std::to_string(number), 5});
  letter.topic = "orders";
  letter.partition = static_cast<std::uint32_t>(number % 2);
  letter.offset = number;
  letter.subscription = "billing";
  letter.failure = {weir::errc::timeout, "x"};
  return letter;
}

std::shared_ptr<memory_store> disk_with(std::uint64_t letters) {
  auto disk = std::make_shared<memory_store>();
  weir::store::changes what;
  std::string record;
  for (std::uint64_t number = 1; number <= letters; ++number) {
    record.clear();
    encode_letter(letter_of(number), number, record);
    what.put(table::dead_letters, key_of_letter(letter_of(number), number, true), record);
  }
  store_tests::put_events(what, "again", 1, 0, 4);
  REQUIRE(disk->commit(what));
  return disk;
}

/// Numbers of the letters whose events the topic has, in its order; their events must be whole.
std::vector<std::uint64_t> redriven(const std::shared_ptr<memory_store>& disk,
                                    std::uint32_t partition) {
  std::vector<std::uint64_t> numbers;
  weir::store::partition_log log{disk, "again", partition, weir::payload_format::binary,
                                 codec_tests::pool_of()};
  const auto end = log.end().value();
  for (auto offset = partition == 1 ? 4U : 0U; offset < end; ++offset) {
    const auto events = log.read(offset);
    REQUIRE(events);
    const auto event = (*events)[static_cast<std::uint32_t>(offset - events->first_offset())];
    const auto number = event.header.id.high;
    const auto letter = letter_of(number);
    CHECK(event.as<codec_tests::placed>().order_id == "o-" + std::to_string(number));
    CHECK(event.header.key == letter.key);
    CHECK(event.header.time == letter.published_at);
    CHECK(event.header.correlation_id() == letter.correlation_id);
    CHECK(event.header.causation_id() == letter.causation_id);
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

TEST_CASE("a redriven letter is its event again, once, behind what the topic has",
          "[delivery][letters]") {
  const auto disk = disk_with(9);
  auto report = redrive(*disk, {.into = "again", .limit = 4, .dry_run = true});
  REQUIRE(report);
  CHECK(report->redriven == 4);
  CHECK(redriven(disk, 0).empty());
  report = redrive(*disk, {.into = "again", .limit = 4});
  REQUIRE(report);
  CHECK(redriven(disk, 0) == std::vector<std::uint64_t>{2, 4});
  CHECK(redriven(disk, 1) == std::vector<std::uint64_t>{1, 3});
  report = redrive(*disk, {.which = {.key = "k0"}, .into = "again"});
  CHECK(report->redriven == 2);  // 6 and 9; 3 was
  report = redrive(*disk, {.into = "again"});
  CHECK(report->redriven == 3);
  CHECK(redriven(disk, 0) == std::vector<std::uint64_t>{2, 4, 6, 8});
  CHECK(redriven(disk, 1) == std::vector<std::uint64_t>{1, 3, 9, 5, 7});
  CHECK(redrive(*disk, {.into = "again"})->redriven == 0);
}

TEST_CASE("wherever the store crashes, a letter is redriven once or is still dead",
          "[delivery][letters]") {
  for (std::uint64_t call = 1; call <= 8; ++call) {
    INFO("crash at call " << call);
    const auto disk = disk_with(9);
    disk->set_faults({.seed = call, .crash_at_call = disk->calls() + call});
    static_cast<void>(redrive(*disk, {.into = "again"}));
    disk->set_faults({});
    disk->reopen();
    REQUIRE(redrive(*disk, {.into = "again"}));
    std::multiset<std::uint64_t> all;
    for (const auto partition : {0U, 1U}) {
      for (const auto number : redriven(disk, partition)) all.insert(number);
    }
    CHECK(all == std::multiset<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9});
  }
}

TEST_CASE("a letter whose payload nobody can read stays dead", "[delivery][letters]") {
  const auto disk = disk_with(2);
  weir::store::changes what;
  auto letter = letter_of(3);
  letter.payload = "\x01\x02";
  std::string record;
  encode_letter(letter, 3, record);
  what.put(table::dead_letters, key_of_letter(letter, 3, true), record);
  REQUIRE(disk->commit(what));
  const auto report = redrive(*disk, {.into = "again"});
  REQUIRE(report);
  CHECK(report->redriven == 2);
  CHECK(report->undecoded == 1);
  const auto left = find_letters(*disk, {.state = letter_state::dead}, [](const std::string&) {});
  REQUIRE(left->letters.size() == 1);
  CHECK(left->letters.front().number == 3);
}
