// SPDX-License-Identifier: BSD-3-Clause
// Choosing and grouping letters, and what discarding changes in a store.
#include "weir/runtime/delivery/letter_filter.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/store/memory_store.hpp"

using namespace std::chrono_literals;
using namespace weir::delivery;
using weir::timestamp;
using weir::store::memory_store;
using weir::store::table;

namespace {

dead_letter letter_at(std::uint64_t offset, std::string message, timestamp died) {
  dead_letter letter;
  letter.id = {offset + 1, 7};
  letter.topic = "orders";
  letter.partition = 2;
  letter.offset = offset;
  letter.subscription = "billing";
  letter.type_name = "order.created";
  letter.type_version = 2;
  letter.key = "c-" + std::to_string(offset % 3);
  letter.payload = R"({"n":1})";
  letter.failure = {weir::errc::handler_threw, std::move(message)};
  letter.failure.causes = {{"std::runtime_error", "inner"}};
  letter.died_at = died;
  return letter;
}

bool matches(const letter_filter& filter) {
  return filter.matches(5, letter_at(4, "row 7", timestamp{100s}));
}

std::shared_ptr<memory_store> disk_with(std::uint64_t letters) {
  auto disk = std::make_shared<memory_store>();
  weir::store::changes what;
  // Kept in another order than that of their keys.
  for (std::uint64_t i = 0; i < letters; ++i) {
    const auto offset = letters - i;
    const auto letter = letter_at(offset, (offset % 4 == 0 ? "no row " : "no stock ") +
                                              std::to_string(offset),
                                  timestamp{1s * static_cast<std::int64_t>(i)});
    std::string record;
    encode_letter(letter, i + 1, record);
    what.put(table::dead_letters, key_of_letter(letter, i + 1, true), record);
  }
  REQUIRE(disk->commit(what));
  return disk;
}

found_letters found(const memory_store& disk, const letter_filter& filter = {}) {
  auto all = find_letters(disk, filter, [](const std::string&) {});
  REQUIRE(all);
  return std::move(*all);
}

}  // namespace

TEST_CASE("a filter wants all that it is given, and nothing else", "[delivery][letters]") {
  CHECK(matches({}));
  CHECK(matches({.number = 5, .topic = "orders", .subscription = "billing", .key = "c-1"}));
  CHECK_FALSE(matches({.number = 6}));
  CHECK_FALSE(matches({.topic = "order"}));
  CHECK_FALSE(matches({.number = 5, .subscription = "bill"}));
  CHECK(matches({.type = "order.created"}));
  CHECK(matches({.type = "order.created@2"}));
  CHECK_FALSE(matches({.type = "order.created@1"}));
  CHECK(matches({.failure = "handler_threw"}));
  CHECK(matches({.failure = "std::runtime_error"}));
  CHECK_FALSE(matches({.failure = "timeout"}));
  CHECK_FALSE(matches({.key = ""}));
  CHECK(matches({.state = letter_state::dead}));
  CHECK_FALSE(matches({.state = letter_state::discarded}));
  CHECK(matches({.since = timestamp{100s}, .until = timestamp{101s}}));
  CHECK_FALSE(matches({.since = timestamp{101s}}));
  CHECK_FALSE(matches({.until = timestamp{100s}}));
  const auto print = letter_at(4, "row 7", {}).fingerprint();
  CHECK(matches({.fingerprint = print}));
  CHECK(letter_at(9, "row 12345", {}).fingerprint() == print);
  CHECK_FALSE(matches({.fingerprint = letter_at(4, "column 7", {}).fingerprint()}));
}

TEST_CASE("letters are found in the order they were kept, and grouped by cause",
          "[delivery][letters]") {
  const auto disk = disk_with(40);
  const auto all = found(*disk);
  REQUIRE(all.letters.size() == 40);
  for (std::size_t i = 0; i < 40; ++i) {
    CHECK(all.letters[i].number == i + 1);
    CHECK(all.letters[i].letter.offset == 40 - i);
  }
  const auto groups = group_letters(all.letters);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].letters == 30);
  CHECK(groups[1].letters == 10);
  CHECK(groups[0].first_died == timestamp{1s});
  CHECK(groups[0].last_died == timestamp{39s});
  CHECK(groups[0].newest_number == 40);
  CHECK(groups[1].first_died == timestamp{0s});
  CHECK(groups[1].last_died == timestamp{36s});
  CHECK(found(*disk, {.fingerprint = groups[1].fingerprint}).letters.size() == 10);
  CHECK(group_letters({}).empty());
}

TEST_CASE("what is discarded stays with its story, and is not discarded twice",
          "[delivery][letters]") {
  const auto disk = disk_with(12);
  const letter_filter some{.key = "c-0"};
  CHECK(discard_letters(*disk, some).value() == 4);
  CHECK(discard_letters(*disk, some).value() == 0);
  const auto all = found(*disk);
  CHECK(all.letters.size() == 12);
  for (const auto& [number, key, letter] : all.letters) {
    CHECK((letter.state == letter_state::discarded) == (letter.key == "c-0"));
    CHECK(letter.failure.causes.size() == 1);
  }
  CHECK(found(*disk, {.state = letter_state::dead}).letters.size() == 8);
  disk->set_faults({.fail_at_call = disk->calls() + 2});
  CHECK_FALSE(discard_letters(*disk, {}));
  disk->set_faults({});
  disk->reopen();
  // Nobody knows whether a commit that failed is there; if it is, it is there whole.
  const auto left = found(*disk, {.state = letter_state::dead}).letters.size();
  CHECK((left == 8 || left == 0));
}

TEST_CASE("a letter that cannot be read is counted and named, and hides no other",
          "[delivery][letters]") {
  const auto disk = disk_with(5);
  weir::store::changes what;
  what.put(table::dead_letters, "spoilt", "no letter");
  REQUIRE(disk->commit(what));
  std::vector<std::string> damaged;
  const auto all =
      find_letters(*disk, {}, [&](const std::string& one) { damaged.push_back(one); });
  REQUIRE(all);
  CHECK(all->letters.size() == 5);
  CHECK(all->damaged == 1);
  REQUIRE(damaged.size() == 1);
  CHECK_THAT(damaged.front(), Catch::StartsWith("spoilt: "));
}
