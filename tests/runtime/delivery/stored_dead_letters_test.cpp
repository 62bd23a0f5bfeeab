// SPDX-License-Identifier: BSD-3-Clause
// Letters that are flushed, come back, replace each other and are not lost to damage or limits.
#include "weir/runtime/delivery/stored_dead_letters.hpp"

#include "weir/runtime/core/log.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/runtime/delivery/dead_letter_store_contract.hpp"

using namespace delivery_tests;
using weir::delivery::stored_dead_letters;
using weir::errc;
using weir::store::memory_store;
using weir::store::table;

namespace {

using letters_ptr = std::shared_ptr<stored_dead_letters>;

letters_ptr open(const memory_store& disk, dead_letter_limits limits = {}, bool durable = true) {
  weir::set_log_level(weir::log_level::off);
  auto opened = stored_dead_letters::open(disk, limits, [durable](const std::string& topic) {
    CHECK(topic == "orders");
    return durable;
  });
  weir::set_log_level(weir::log_level::warn);
  REQUIRE(opened);
  return *opened;
}

/// Has everything flushed as soon as it is put, as a disk without latency would.
class flushing final : public dead_letter_store {
 public:
  flushing(std::shared_ptr<memory_store> disk, letters_ptr letters)
      : disk_(std::move(disk)), letters_(std::move(letters)) {}
  weir::result<std::uint64_t> put(dead_letter letter) override {
    auto number = letters_->put(std::move(letter));
    if (!number) return number;
    REQUIRE(disk_->commit(*letters_->take_unwritten()));
    letters_->written(1);
    return number;
  }
  std::size_t size() const noexcept override { return letters_->size(); }
  std::size_t bytes() const noexcept override { return letters_->bytes(); }
  void visit(const std::function<bool(std::uint64_t, const dead_letter&)>& visit) const override {
    letters_->visit(visit);
  }
  const dead_letter* find(std::uint64_t number) const noexcept override {
    return letters_->find(number);
  }

 private:
  std::shared_ptr<memory_store> disk_;
  letters_ptr letters_;
};

void keep(memory_store& disk, stored_dead_letters& letters, const dead_letter& letter) {
  REQUIRE(letters.put(letter));
  REQUIRE(disk.commit(*letters.take_unwritten()));
  letters.written(1);
}

std::size_t records(const memory_store& disk) {
  std::size_t count = 0;
  REQUIRE(disk.scan(table::dead_letters, "", "", [&](auto, auto) { return ++count > 0; }));
  return count;
}

std::vector<std::uint64_t> offsets(const stored_dead_letters& letters) {
  std::vector<std::uint64_t> all;
  letters.visit([&](std::uint64_t number, const dead_letter& letter) {
    all.push_back(letter.offset);
    CHECK(number == letter.number);
    return true;
  });
  return all;
}

std::vector<std::string> keys(const memory_store& disk) {
  std::vector<std::string> all;
  REQUIRE(disk.scan(table::dead_letters, "", "", [&](std::string_view key, std::string_view) {
    all.emplace_back(key);
    return true;
  }));
  return all;
}

using numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("the dead-letter store on disk keeps the contract of all", "[delivery][contract]") {
  const bool durable = GENERATE(false, true);
  dead_letter_store_contract([durable](dead_letter_limits limits) {
    auto disk = std::make_shared<memory_store>();
    auto letters = open(*disk, limits, durable);
    return std::make_unique<flushing>(std::move(disk), std::move(letters));
  });
}

TEST_CASE("letters come back with the whole story, in the order they were kept", "[delivery]") {
  const bool durable = GENERATE(false, true);
  memory_store disk;
  const numbers order{5, 300, 2, 9};
  auto letters = open(disk, {}, durable);
  for (const auto i : order) keep(disk, *letters, sample_letter(i));
  const auto again = open(disk, {}, durable);
  CHECK(offsets(*again) == order);
  CHECK(again->size() == 4);
  CHECK(again->bytes() == letters->bytes());
  again->visit([](std::uint64_t, const dead_letter& found) {
    check_same(found, sample_letter(found.offset));
    return true;
  });
}

TEST_CASE("a letter is not shown before it is flushed", "[delivery]") {
  memory_store disk;
  const auto letters = open(disk);
  REQUIRE(letters->put(sample_letter(1)));
  REQUIRE(letters->put(sample_letter(2)));
  CHECK(letters->size() == 2);
  CHECK(offsets(*letters).empty());
  REQUIRE(letters->take_unwritten() != nullptr);
  CHECK(letters->take_unwritten() == nullptr);
  letters->written(1);
  CHECK(offsets(*letters) == numbers{1});
  letters->written(1);
  CHECK(offsets(*letters) == numbers{1, 2});
}

TEST_CASE("letters that were not written are forgotten, and their room is free", "[delivery]") {
  memory_store disk;
  const auto letters = open(disk, {.letters_max = 2});
  keep(disk, *letters, sample_letter(1));
  const auto bytes = letters->bytes();
  auto changed = sample_letter(1);
  changed.payload = "other";
  REQUIRE(letters->put(changed));
  REQUIRE(letters->put(sample_letter(2)));
  letters->not_written();
  CHECK(letters->take_unwritten() == nullptr);
  CHECK(letters->size() == 1);
  CHECK(letters->bytes() == bytes);
  letters->visit([](std::uint64_t, const dead_letter& found) {
    check_same(found, sample_letter(1));
    return true;
  });
  keep(disk, *letters, sample_letter(2));
  CHECK(offsets(*letters) == numbers{1, 2});
}

TEST_CASE("a letter of a durable topic that is kept again replaces the one before", "[delivery]") {
  memory_store disk;
  auto letters = open(disk, {.letters_max = 2});
  keep(disk, *letters, sample_letter(1));
  keep(disk, *letters, sample_letter(2));
  auto again = sample_letter(1);
  again.delivery_count = 9;
  std::size_t put = 1;
  SECTION("in one run") {}
  SECTION("in the next") { letters = open(disk, {.letters_max = 2}); }
  SECTION("one that is not flushed, too") {
    auto between = sample_letter(1);
    between.delivery_count = 8;
    REQUIRE(letters->put(between));
    ++put;
  }
  CHECK(letters->put(again) == 1U);
  REQUIRE(disk.commit(*letters->take_unwritten()));
  letters->written(put);
  CHECK(records(disk) == 2);
  CHECK(letters->size() == 2);
  const auto next = open(disk);
  CHECK(offsets(*next) == numbers{1, 2});
  next->visit([](std::uint64_t number, const dead_letter& found) {
    CHECK(found.delivery_count == (number == 1 ? 9U : 2U));
    return true;
  });
}

TEST_CASE("what makes room for a letter goes with the flush of that, and stays if there is none",
          "[delivery]") {
  memory_store disk;
  const auto letters = open(disk, {.letters_max = 2});
  auto done = sample_letter(1);
  done.state = weir::delivery::letter_state::discarded;
  keep(disk, *letters, done);
  keep(disk, *letters, sample_letter(2));
  const auto bytes = letters->bytes();
  REQUIRE(letters->put(sample_letter(3)));
  CHECK(offsets(*letters) == std::vector<std::uint64_t>{1, 2});
  CHECK(letters->size() == 2);
  REQUIRE_FALSE(letters->put(sample_letter(4)));
  letters->not_written();
  CHECK(offsets(*letters) == std::vector<std::uint64_t>{1, 2});
  CHECK(letters->size() == 2);
  CHECK(letters->bytes() == bytes);

  const auto again = open(disk, {.letters_max = 2});
  keep(disk, *again, sample_letter(3));
  CHECK(offsets(*again) == std::vector<std::uint64_t>{2, 3});
  CHECK(records(disk) == 2);
  CHECK(again->bytes() == sample_letter(2).bytes() + sample_letter(3).bytes());
}

TEST_CASE("a new letter that is put twice before it is flushed is one", "[delivery]") {
  memory_store disk;
  const auto letters = open(disk);
  CHECK(letters->put(sample_letter(1)) == 1U);
  CHECK(letters->put(sample_letter(1)) == 1U);
  CHECK(letters->put(sample_letter(2)) == 2U);
  REQUIRE(disk.commit(*letters->take_unwritten()));
  letters->written(3);
  CHECK(offsets(*letters) == numbers{1, 2});
  CHECK(letters->bytes() == sample_letter(1).bytes() + sample_letter(2).bytes());
  CHECK(offsets(*open(disk)) == numbers{1, 2});
}

TEST_CASE("the letters of another subscription to the same event are others", "[delivery]") {
  memory_store disk;
  const auto letters = open(disk);
  auto other = sample_letter(1);
  other.subscription = "audit";
  keep(disk, *letters, sample_letter(1));
  keep(disk, *letters, other);
  CHECK(offsets(*letters) == numbers{1, 1});
  CHECK(records(disk) == 2);
}

TEST_CASE("offsets of topics in memory begin anew, and their letters are all kept", "[delivery]") {
  memory_store disk;
  for (int run = 1; run <= 3; ++run) {
    const auto letters = open(disk, {}, false);
    keep(disk, *letters, sample_letter(0));
    keep(disk, *letters, sample_letter(1));
    CHECK(letters->size() == 2U * static_cast<unsigned>(run));
  }
  CHECK(offsets(*open(disk)) == numbers{0, 1, 0, 1, 0, 1});
}

TEST_CASE("a letter of an earlier run is replaced and forgotten by its number", "[delivery]") {
  const bool durable = GENERATE(false, true);
  memory_store disk;
  for (const std::uint64_t i : {1, 2}) keep(disk, *open(disk, {}, durable), sample_letter(i));
  const auto letters = open(disk, {}, durable);
  auto changed = *letters->find(1);
  changed.redeliveries = 3;
  keep(disk, *letters, changed);
  CHECK(letters->find(1)->redeliveries == 3);
  CHECK(open(disk, {}, durable)->find(1)->redeliveries == 3);
  changed.state = weir::delivery::letter_state::handled;
  keep(disk, *letters, changed);
  CHECK(letters->find(1) == nullptr);
  CHECK(records(disk) == 1);
  CHECK(offsets(*open(disk, {}, durable)) == numbers{2});
}

TEST_CASE("a letter that is forgotten and put again before that is flushed is one letter",
          "[delivery]") {
  memory_store disk;
  const auto letters = open(disk);
  keep(disk, *letters, sample_letter(1));
  auto gone = sample_letter(1);
  gone.state = weir::delivery::letter_state::handled;
  REQUIRE(letters->put(gone));
  REQUIRE(letters->put(sample_letter(1)));
  REQUIRE(disk.commit(*letters->take_unwritten()));
  letters->written(1);
  CHECK(letters->put(sample_letter(1)) == 1U);
  letters->written(1);
  REQUIRE(disk.commit(*letters->take_unwritten()));
  letters->written(1);
  CHECK(offsets(*letters) == numbers{1});
  keep(disk, *letters, gone);
  CHECK(letters->size() == 0);
  CHECK(letters->bytes() == 0);
}

TEST_CASE("more letters than the limits allow are left on disk, and no more are taken",
          "[delivery]") {
  memory_store disk;
  const auto letters = open(disk);
  for (std::uint64_t i = 1; i <= 5; ++i) keep(disk, *letters, sample_letter(i));
  const auto bounded = open(disk, {.letters_max = 3});
  CHECK(bounded->size() == 3);
  CHECK(bounded->left_unread().beyond == 2);
  CHECK(bounded->put(sample_letter(6)).error().code == errc::dead_letters_full);
  CHECK(open(disk, {.bytes_max = letters->bytes() - 1})->size() == 4);
  CHECK(offsets(*open(disk)) == numbers{1, 2, 3, 4, 5});
}

TEST_CASE("a damaged letter costs itself and no other", "[delivery]") {
  const bool durable = GENERATE(false, true);
  for (std::uint64_t damaged = 1; damaged <= 5; ++damaged) {
    memory_store disk;
    const auto letters = open(disk, {}, durable);
    for (std::uint64_t i = 1; i <= 5; ++i) keep(disk, *letters, sample_letter(i));
    const auto key = keys(disk)[damaged - 1];
    disk.sealed(table::dead_letters, key)->at(20) ^= 1;
    numbers left{1, 2, 3, 4, 5};
    left.erase(left.begin() + static_cast<long>(damaged) - 1);
    const auto again = open(disk, {}, durable);
    CHECK(offsets(*again) == left);
    CHECK(again->left_unread().damaged == 1);
    keep(disk, *again, sample_letter(6));
    left.push_back(6);
    CHECK(offsets(*open(disk, {}, durable)) == left);
    std::string untouched;
    const auto still = disk.get(table::dead_letters, key, untouched);
    REQUIRE_FALSE(still);
    CHECK(still.error().code == errc::store_corrupt);
  }
}

TEST_CASE("of several damaged letters the first and the last are named", "[delivery]") {
  memory_store disk;
  const auto letters = open(disk);
  for (std::uint64_t i = 1; i <= 5; ++i) keep(disk, *letters, sample_letter(i));
  const auto all = keys(disk);
  for (const auto at : {1U, 3U}) disk.sealed(table::dead_letters, all[at])->at(20) ^= 1;
  const auto again = open(disk);
  CHECK(offsets(*again) == numbers{1, 5});
  CHECK(again->left_unread().damaged == 2);
}

TEST_CASE("a record that is no letter costs itself and no other", "[delivery]") {
  memory_store disk;
  const auto letters = open(disk, {}, false);
  keep(disk, *letters, sample_letter(1));
  keep(disk, *letters, sample_letter(2));
  weir::store::changes wrong;
  wrong.put(table::dead_letters, keys(disk)[0], "no letter");
  REQUIRE(disk.commit(wrong));
  CHECK(offsets(*open(disk)) == numbers{2});
  CHECK(open(disk)->left_unread().damaged == 1);
  CHECK(records(disk) == 2);
}

TEST_CASE("a store that cannot be read is an error", "[delivery]") {
  memory_store disk;
  disk.set_faults({.fail_at_call = 1});
  const auto opened =
      stored_dead_letters::open(disk, {}, [](const std::string&) { return true; });
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == errc::store_io);
}
