// SPDX-License-Identifier: BSD-3-Clause
// What every dead-letter store must do. A new store calls this from a test of its own, with a
// function that makes an empty store with the given limits.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "weir/runtime/delivery/dead_letter_store.hpp"

namespace delivery_tests {

using weir::delivery::dead_letter;
using weir::delivery::dead_letter_limits;
using weir::delivery::dead_letter_store;

using store_factory = std::function<std::unique_ptr<dead_letter_store>(dead_letter_limits)>;

/// A letter whose every field can be told from the next one's.
inline dead_letter sample_letter(std::uint64_t number) {
  dead_letter letter;
  const auto text = std::to_string(number);
  letter.id = {number, 1};
  letter.correlation_id = {number, 2};
  letter.causation_id = {number, 3};
  letter.published_at = weir::timestamp{weir::duration{number}};
  letter.key = "key-" + text;
  letter.type_name = "order.created";
  letter.type_version = 2;
  letter.payload = R"({"number":)" + text + "}";
  letter.topic = "orders";
  letter.partition = 3;
  letter.offset = number;
  letter.subscription = "billing";
  letter.failure = {weir::errc::handler_threw, "failed on " + text};
  letter.failure.causes = {{"std::runtime_error", "failed on " + text}};
  letter.attempts = {{weir::timestamp{weir::duration{number + 1}}, letter.failure}};
  letter.attempt_count = 1;
  letter.delivery_count = 2;
  letter.died_at = weir::timestamp{weir::duration{number + 2}};
  return letter;
}

inline std::vector<std::uint64_t> numbers_in(const dead_letter_store& store) {
  std::vector<std::uint64_t> numbers;
  store.visit([&](std::uint64_t number, const dead_letter& letter) {
    CHECK(letter.offset == number);
    CHECK(letter.number == number);
    CHECK(store.find(number) == &letter);
    numbers.push_back(number);
    return true;
  });
  return numbers;
}

inline void check_same(const dead_letter& found, const dead_letter& put) {
  CHECK(found.id == put.id);
  CHECK(found.correlation_id == put.correlation_id);
  CHECK(found.causation_id == put.causation_id);
  CHECK(found.published_at == put.published_at);
  CHECK(found.key == put.key);
  CHECK(found.type_name == put.type_name);
  CHECK(found.type_version == put.type_version);
  CHECK(found.payload == put.payload);
  CHECK(found.topic == put.topic);
  CHECK(found.partition == put.partition);
  CHECK(found.offset == put.offset);
  CHECK(found.subscription == put.subscription);
  CHECK(to_string(found.failure) == to_string(put.failure));
  REQUIRE(found.attempts.size() == put.attempts.size());
  CHECK(found.attempts[0].time == put.attempts[0].time);
  CHECK(to_string(found.attempts[0].failure) == to_string(put.attempts[0].failure));
  CHECK(found.attempt_count == put.attempt_count);
  CHECK(found.delivery_count == put.delivery_count);
  CHECK(found.died_at == put.died_at);
  CHECK(found.state == put.state);
  CHECK(found.redeliveries == put.redeliveries);
  CHECK(found.due == put.due);
  REQUIRE(found.edits.size() == put.edits.size());
  for (std::size_t i = 0; i < put.edits.size(); ++i) {
    CHECK(found.edits[i].time == put.edits[i].time);
    CHECK(found.edits[i].note == put.edits[i].note);
    CHECK(found.edits[i].payload_before == put.edits[i].payload_before);
  }
  CHECK(found.fingerprint() == put.fingerprint());
}

/// Refuses the letter, says why, and keeps what it has.
inline void check_full(dead_letter_store& store) {
  const auto before = numbers_in(store);
  const auto bytes = store.bytes();
  for (int tries = 0; tries < 2; ++tries) {
    const auto refused = store.put(sample_letter(99));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == weir::errc::dead_letters_full);
    CHECK_FALSE(refused.error().message.empty());
  }
  CHECK(numbers_in(store) == before);
  CHECK(store.size() == before.size());
  CHECK(store.bytes() == bytes);
}

/// Part of the last.
inline void room_contract(const store_factory& make) {
  SECTION("a full store forgets what is redriven or discarded, the oldest first, and no other") {
    using numbers = std::vector<std::uint64_t>;
    const auto size = sample_letter(1).bytes();
    const auto store = make({.letters_max = 4, .bytes_max = 4 * size});
    for (std::uint64_t i = 1; i <= 4; ++i) REQUIRE(store->put(sample_letter(i)));
    check_full(*store);
    for (const auto& [number, state] : {std::pair{3, weir::delivery::letter_state::discarded},
                                        std::pair{1, weir::delivery::letter_state::redriven},
                                        std::pair{4, weir::delivery::letter_state::redriven}}) {
      auto done = sample_letter(static_cast<std::uint64_t>(number));
      done.state = state;
      done.attempts.clear();
      done.key += std::string(size - done.bytes(), '.');
      REQUIRE(store->put(done));
    }
    // The first is redriven and failed again.
    REQUIRE(store->put(sample_letter(1)));
    REQUIRE(store->put(sample_letter(5)));
    CHECK(numbers_in(*store) == numbers{1, 2, 4, 5});
    auto large = sample_letter(6);
    large.payload += std::string(size / 2, ' ');
    REQUIRE_FALSE(store->put(large));
    CHECK(numbers_in(*store) == numbers{1, 2, 4, 5});
    CHECK(store->bytes() == 4 * size);
    REQUIRE(store->put(sample_letter(6)));
    CHECK(numbers_in(*store) == numbers{1, 2, 5, 6});
    CHECK(store->bytes() == 4 * size);
    check_full(*store);
  }
  SECTION("a letter makes no room for what replaces it") {
    const auto size = sample_letter(1).bytes();
    const auto store = make({.letters_max = 4, .bytes_max = 2 * size});
    REQUIRE(store->put(sample_letter(1)));
    REQUIRE(store->put(sample_letter(2)));
    auto done = sample_letter(1);
    done.state = weir::delivery::letter_state::redriven;
    REQUIRE(store->put(done));
    done.payload += "  ";
    REQUIRE_FALSE(store->put(done));
    CHECK(numbers_in(*store) == std::vector<std::uint64_t>{1, 2});
    CHECK(store->bytes() == 2 * size);
  }
}

/// Part of the next.
inline void changed_letters_contract(const store_factory& make) {
  SECTION("a letter of the same event of a run replaces the one before") {
    const auto store = make({.letters_max = 2});
    REQUIRE(store->put(sample_letter(1)));
    REQUIRE(store->put(sample_letter(2)));
    auto again = sample_letter(1);
    again.delivery_count = 9;
    CHECK(store->put(again) == 1U);
    CHECK(numbers_in(*store) == std::vector<std::uint64_t>{1, 2});
    CHECK(store->find(1)->delivery_count == 9);
    CHECK(store->bytes() == again.bytes() + sample_letter(2).bytes());
  }
  SECTION("a letter that was handled after all is forgotten, and its room is free") {
    const auto store = make({.letters_max = 2});
    for (const std::uint64_t i : {1, 2}) REQUIRE(store->put(sample_letter(i)));
    auto handled = sample_letter(1);
    handled.state = weir::delivery::letter_state::handled;
    REQUIRE(store->put(handled));
    CHECK(numbers_in(*store) == std::vector<std::uint64_t>{2});
    CHECK(store->find(1) == nullptr);
    CHECK(store->bytes() == sample_letter(2).bytes());
    CHECK(store->put(sample_letter(3)) == 3U);
    REQUIRE(store->put(handled));  // nobody knows it any more
    CHECK(store->size() == 2);
  }
}

/// Call inside a TEST_CASE: the claims are its sections.
inline void dead_letter_store_contract(const store_factory& make) {
  SECTION("a new store is empty") {
    const auto store = make({});
    CHECK(store->size() == 0);
    CHECK(store->bytes() == 0);
    CHECK(numbers_in(*store).empty());
  }
  SECTION("letters are numbered from 1 upwards and visited in that order") {
    const auto store = make({});
    for (std::uint64_t i = 1; i <= 5; ++i) CHECK(store->put(sample_letter(i)) == i);
    CHECK(store->size() == 5);
    CHECK(numbers_in(*store) == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
  }
  SECTION("a letter is kept with the whole story") {
    const auto store = make({});
    REQUIRE(store->put(sample_letter(1)));
    store->visit([](std::uint64_t, const dead_letter& found) {
      check_same(found, sample_letter(1));
      return true;
    });
  }
  SECTION("a visitor that has seen enough is left alone") {
    const auto store = make({});
    for (std::uint64_t i = 1; i <= 5; ++i) REQUIRE(store->put(sample_letter(i)));
    int visits = 0;
    store->visit([&](std::uint64_t, const dead_letter&) { return ++visits < 2; });
    CHECK(visits == 2);
  }
  SECTION("bytes are the sum of the letters'") {
    const auto store = make({});
    REQUIRE(store->put(sample_letter(1)));
    REQUIRE(store->put(sample_letter(100)));
    CHECK(store->bytes() == sample_letter(1).bytes() + sample_letter(100).bytes());
  }
  changed_letters_contract(make);
  room_contract(make);
  SECTION("a store full of letters refuses more and keeps everything") {
    const auto store = make({.letters_max = 2, .bytes_max = 1'000'000});
    REQUIRE(store->put(sample_letter(1)));
    REQUIRE(store->put(sample_letter(2)));
    check_full(*store);
  }
  SECTION("a store full of bytes refuses more and keeps everything") {
    const auto store = make({.letters_max = 100, .bytes_max = 2 * sample_letter(1).bytes()});
    REQUIRE(store->put(sample_letter(1)));
    REQUIRE(store->put(sample_letter(2)));
    check_full(*store);
  }
  SECTION("a letter too large for the store leaves room for one that is not") {
    const auto store = make({.letters_max = 100, .bytes_max = 2 * sample_letter(1).bytes()});
    auto large = sample_letter(1);
    large.payload.assign(100'000, 'x');
    CHECK(store->put(large).error().code == weir::errc::dead_letters_full);
    CHECK(store->put(sample_letter(1)) == 1U);
  }
}

}  // namespace delivery_tests
