// SPDX-License-Identifier: BSD-3-Clause
// Queues of parked events: who is due, who waits behind whom, and what outsiders may change.
#include "weir/runtime/delivery/parked_events.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace weir::delivery;
using namespace std::chrono_literals;

namespace {

constexpr weir::timestamp noon{12h};

std::shared_ptr<dead_letter> letter_at(std::uint64_t offset, std::string key,
                                       std::optional<weir::timestamp> due) {
  auto made = std::make_shared<dead_letter>();
  made->offset = offset;
  made->key = std::move(key);
  made->state = due ? letter_state::parked : letter_state::dead;
  if (due) made->due = *due;
  return made;
}

void park(parked_events& into, std::uint64_t offset, std::string key,
          std::optional<weir::timestamp> due) {
  into.park({letter_at(offset, std::move(key), due), true}, true);
}

std::optional<std::uint64_t> take(parked_events& from, weir::timestamp now) {
  const auto taken = from.take(now);
  if (!taken) return std::nullopt;
  return taken->letter->offset;
}

constexpr std::optional<weir::timestamp> dead{};
constexpr std::optional<weir::timestamp> behind{weir::timestamp{}};

}  // namespace

TEST_CASE("events are taken when they are due, the earliest first, one at a time", "[delivery]") {
  parked_events parked{false};
  park(parked, 1, "a", noon + 2s);
  park(parked, 2, "a", noon + 1s);
  CHECK(parked.next_due() == noon + 1s);
  CHECK_FALSE(take(parked, noon));
  CHECK(take(parked, noon + 5s) == 2);
  CHECK_FALSE(take(parked, noon + 5s));
  CHECK_FALSE(parked.next_due());
  parked.done();
  CHECK(take(parked, noon + 5s) == 1);
  parked.done();
  CHECK(parked.empty());
}

TEST_CASE("what the store does not have yet is not due", "[delivery]") {
  parked_events parked{false};
  parked.park({letter_at(1, "a", noon), true}, false);
  CHECK_FALSE(parked.next_due());
  parked.stored(7);  // somebody else's
  CHECK_FALSE(take(parked, noon));
  parked.stored(1);
  CHECK(take(parked, noon) == 1);
}

TEST_CASE("nobody waits behind an event unless keys are parked", "[delivery]") {
  parked_events parked{false};
  park(parked, 1, "a", noon);
  park(parked, 2, "b", dead);
  CHECK_FALSE(parked.blocking());
  CHECK_FALSE(parked.blocks("a"));
  CHECK(parked.size() == 1);  // a dead letter is the store's alone
}

TEST_CASE("where keys are parked a key waits behind its head, in order", "[delivery]") {
  parked_events parked{true};
  park(parked, 1, "a", noon + 1s);
  CHECK(parked.blocks("a"));
  CHECK_FALSE(parked.blocks("b"));
  CHECK_FALSE(parked.blocks(""));
  park(parked, 4, "a", behind);
  park(parked, 9, "a", behind);
  CHECK(take(parked, noon + 1s) == 1);
  CHECK(parked.blocks("a"));
  parked.done();
  CHECK(take(parked, noon + 1s) == 4);
  parked.put_back();
  CHECK(take(parked, noon + 1s) == 4);
  parked.done();
  CHECK(take(parked, noon + 1s) == 9);
  parked.done();
  CHECK_FALSE(parked.blocks("a"));
  CHECK(parked.empty());
}

TEST_CASE("events without a key wait for themselves alone", "[delivery]") {
  parked_events parked{true};
  park(parked, 1, "", noon);
  park(parked, 2, "", noon);
  CHECK_FALSE(parked.blocking());
  CHECK(take(parked, noon) == 1);
}

TEST_CASE("a head that dies keeps its key, and what waits behind it is in flight no more",
          "[delivery]") {
  parked_events parked{true};
  park(parked, 1, "a", noon);
  park(parked, 4, "a", behind);
  park(parked, 9, "a", behind);
  CHECK_FALSE(parked.head_is_dead("a"));
  REQUIRE(take(parked, noon) == 1);
  CHECK(parked.failed(letter_at(1, "a", dead)) == 2);
  parked.stored(1);
  CHECK(parked.head_is_dead("a"));
  CHECK_FALSE(parked.next_due());
  CHECK(parked.redrive(letter_at(1, "a", dead)));
  auto head = parked.take(noon);
  REQUIRE(head);
  CHECK(head->redriven);
  CHECK_FALSE(head->in_flight);
  CHECK(parked.failed(letter_at(1, "a", dead)) == 0);  // they are counted once
  parked.stored(1);
  CHECK(parked.redrive(letter_at(1, "a", dead)));
  REQUIRE(take(parked, noon) == 1);
  parked.done();
  const auto next = parked.take(noon);
  REQUIRE(next);
  CHECK(next->letter->offset == 4);
  CHECK_FALSE(next->in_flight);
}

TEST_CASE("an event that fails again waits for its next time", "[delivery]") {
  parked_events parked{false};
  park(parked, 1, "a", noon);
  REQUIRE(take(parked, noon) == 1);
  CHECK(parked.failed(letter_at(1, "a", noon + 1min)) == 0);
  CHECK_FALSE(parked.next_due());
  parked.stored(1);
  CHECK(parked.next_due() == noon + 1min);
}

TEST_CASE("only the head of a queue can be redriven, and only if it is not in hand",
          "[delivery]") {
  parked_events parked{true};
  park(parked, 1, "a", dead);
  park(parked, 4, "a", behind);
  CHECK_FALSE(parked.redrive(letter_at(4, "a", behind)));
  CHECK_FALSE(parked.redrive(letter_at(77, "a", dead)));
  CHECK(parked.redrive(letter_at(1, "a", dead)));
  REQUIRE(take(parked, noon) == 1);
  CHECK_FALSE(parked.redrive(letter_at(1, "a", dead)));
  CHECK(parked.redrive(letter_at(8, "b", dead)));  // one that is the store's alone
  parked.done();
  CHECK(take(parked, noon) == 4);
}

TEST_CASE("a discarded head lets the next go on, one behind it is just gone", "[delivery]") {
  parked_events parked{true};
  park(parked, 1, "a", dead);
  park(parked, 4, "a", behind);
  park(parked, 9, "a", behind);
  CHECK(parked.discard(4)->letter->offset == 4);
  CHECK_FALSE(parked.discard(4));
  CHECK(parked.discard(1));
  CHECK(take(parked, noon) == 9);
  CHECK_FALSE(parked.discard(9));  // in hand
  parked.done();
  CHECK(parked.empty());
}

TEST_CASE("what is taken is the letter as it was edited last", "[delivery]") {
  parked_events parked{true};
  park(parked, 1, "a", noon);
  park(parked, 4, "a", behind);
  auto edited = letter_at(4, "a", behind);
  edited->payload = "{}";
  parked.replace(edited);
  REQUIRE(take(parked, noon) == 1);
  parked.done();
  CHECK(parked.take(noon)->letter->payload == "{}");
}

TEST_CASE("whatever happens, a key's events are done in the order they were parked",
          "[delivery][property]") {
  rc::prop("any keys, failures, stores and times", [] {
    parked_events parked{true};
    std::map<std::string, std::vector<std::uint64_t>> order;
    std::map<std::string, std::vector<std::uint64_t>> done;
    std::set<std::uint64_t> unstored;
    std::uint64_t next = 0;
    auto now = noon;
    const auto store_some = [&](bool all) {
      for (auto one = unstored.begin(); one != unstored.end();) {
        if (!all && *rc::gen::arbitrary<bool>()) {
          ++one;
          continue;
        }
        parked.stored(*one);
        one = unstored.erase(one);
      }
    };
    const auto handle = [&](bool well) {
      const auto taken = parked.take(now);
      if (!taken) return false;
      const auto& letter = *taken->letter;
      RC_ASSERT(!unstored.contains(letter.offset));
      if (well || *rc::gen::arbitrary<bool>()) {
        done[letter.key].push_back(letter.offset);
        parked.done();
      } else {
        parked.failed(letter_at(letter.offset, letter.key, now + *rc::gen::element(0s, 5s)));
        unstored.insert(letter.offset);
      }
      return true;
    };
    for (int steps = *rc::gen::inRange(0, 40); steps > 0; --steps) {
      const auto key = *rc::gen::element<std::string>("a", "b");
      const auto due = parked.blocks(key) ? behind : std::optional{now + 3s};
      order[key].push_back(next);
      parked.park({letter_at(next, key, due), true}, false);
      unstored.insert(next++);
      if (*rc::gen::arbitrary<bool>()) store_some(false);
      now += *rc::gen::element(0s, 1s, 4s);
      if (*rc::gen::arbitrary<bool>()) handle(false);
    }
    while (!parked.empty()) {
      store_some(true);
      now += 10s;
      RC_ASSERT(handle(true));
    }
    RC_ASSERT(done == order);
  });
}
