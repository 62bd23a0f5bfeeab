// SPDX-License-Identifier: BSD-3-Clause
// The order checker must see every swap, and must not see ghosts.
#include "weir/runtime/sim/order_checker.hpp"

#include <vector>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>
#include "weir/runtime/core/random.hpp"

using weir::sim::order_checker;

TEST_CASE("rising sequences of each key and subscription are in order, however they interleave",
          "[sim][property]") {
  rc::prop("no ghosts", [] {
    order_checker checker;
    std::uint64_t sequence = 0;
    for (const auto step : *rc::gen::container<std::vector<unsigned>>(rc::gen::inRange(0U, 9U))) {
      const std::string subscription = step % 2 == 0 ? "billing" : "audit";
      checker.seen(subscription, "key-" + std::to_string(step / 2), sequence += step + 1);
    }
    RC_ASSERT(checker.ok());
    RC_ASSERT(checker.violations() == 0U);
  });
}

TEST_CASE("any two events of one key that change places are noticed", "[sim][property]") {
  rc::prop("every swap", [] {
    const std::size_t count = *rc::gen::inRange<std::size_t>(2, 30);
    std::vector<std::uint64_t> sequences(count);
    for (std::size_t at = 0; at < count; ++at) sequences[at] = at * 3;
    const auto first = *rc::gen::inRange<std::size_t>(0, count - 1);
    const auto second = *rc::gen::inRange<std::size_t>(first + 1, count);
    std::swap(sequences[first], sequences[second]);
    order_checker checker;
    for (const auto sequence : sequences) checker.seen("s", "k", sequence);
    RC_ASSERT_FALSE(checker.ok());
    RC_ASSERT(checker.events() == count);
  });
}

TEST_CASE("the first violation is kept as text", "[sim]") {
  order_checker checker;
  checker.seen("billing", "c-7", 9);
  checker.seen("billing", "c-8", 4);
  checker.seen("billing", "c-7", 4);
  checker.seen("billing", "c-7", 3);
  CHECK(checker.violation() == "subscription billing, key c-7: sequence 4 after 9");
  CHECK(checker.violations() == 2);
}

TEST_CASE("an event delivered twice as new is a violation", "[sim]") {
  order_checker checker;
  checker.seen("s", "k", 5);
  checker.seen("s", "k", 5);
  CHECK_FALSE(checker.ok());
}

TEST_CASE("a redelivered tail may go back and must rise again from there", "[sim]") {
  order_checker checker;
  for (const std::uint64_t sequence : {1, 2, 3}) checker.seen("s", "k", sequence);
  for (const std::uint64_t sequence : {2, 3}) checker.seen("s", "k", sequence, 2);
  checker.seen("s", "k", 4);
  for (const std::uint64_t sequence : {3, 4}) checker.seen("s", "k", sequence, 3);
  CHECK(checker.violation().empty());
  checker.seen("s", "k", 3, 3);
  CHECK(checker.violation() == "subscription s, key k: sequence 3 after 4");
}

TEST_CASE("an event repeated with the same delivery count is a violation", "[sim]") {
  order_checker checker;
  checker.seen("s", "k", 5);
  checker.seen("s", "k", 5, 2);
  CHECK(checker.ok());
  checker.seen("s", "k", 5, 2);
  CHECK(checker.violation() == "subscription s, key k: sequence 5 after 5");
}

TEST_CASE("an event seen before may not come as new while a tail is repeated", "[sim]") {
  order_checker checker;
  for (const std::uint64_t sequence : {1, 2, 3}) checker.seen("s", "k", sequence);
  checker.seen("s", "k", 2, 2);
  CHECK(checker.ok());
  checker.seen("s", "k", 3, 1);
  CHECK(checker.violation() == "subscription s, key k: sequence 3 after 3");
}

TEST_CASE("a subscriber that ends anywhere and repeats from anywhere unsettled is in order",
          "[sim][property]") {
  rc::prop("no ghosts through restarts", [] {
    order_checker checker;
    weir::random chance{*rc::gen::arbitrary<std::uint64_t>()};
    std::vector<unsigned> deliveries(1 + chance.below(30), 0);
    std::size_t settled = 0;
    while (settled < deliveries.size()) {
      const auto end = settled + 1 + chance.below(deliveries.size() - settled);
      for (auto at = settled; at < end; ++at) checker.seen("s", "k", at, ++deliveries[at]);
      settled += chance.below(end + 1 - settled);
    }
    RC_ASSERT(checker.violation() == std::string{});
  });
}
