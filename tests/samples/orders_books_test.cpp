// SPDX-License-Identifier: BSD-3-Clause
// The audit: what it accepts, and every way in which books can disagree.
#include "weir/samples/orders/books.hpp"

#include <memory>

#include <catch2/catch.hpp>

using namespace orders;

namespace {

using letters = std::vector<weir::delivery::dead_letter>;

weir::delivery::dead_letter letter(const char* order, const char* subscription) {
  weir::delivery::dead_letter made;
  made.key = order;
  made.subscription = subscription;
  return made;
}

/// "a" goes all the way; "b" has died at shipping.
std::unique_ptr<books> sound_books() {
  auto kept = std::make_unique<books>();
  for (auto* book : {&kept->placed, &kept->billed}) {
    book->enter("a");
    book->enter("b");
  }
  kept->shipped.enter("a");
  kept->notified.enter("a");
  return kept;
}

const letters one_death{letter("b", "shipping")};

}  // namespace

TEST_CASE("books in which every order has its one fate are sound", "[orders]") {
  const auto found = audit(*sound_books(), one_death);
  CHECK(found.unaccounted == 0);
  CHECK(found.examples.empty());
  CHECK(found.dead == std::vector<std::uint64_t>{0, 0, 0, 1, 0});
}

TEST_CASE("an order that is nowhere is unaccounted for, and named", "[orders]") {
  const auto found = audit(*sound_books(), letters{});
  CHECK(found.unaccounted == 1);
  CHECK(found.examples == std::vector<std::string>{"b is missing in the book of shipping"});
}

TEST_CASE("an order that died and was done all the same is unaccounted for", "[orders]") {
  auto kept = sound_books();
  kept->shipped.enter("b");
  const auto found = audit(*kept, one_death);
  CHECK(found.unaccounted == 1);
  CHECK(found.examples[0] == "b is in the book of shipping but died at shipping");
}

TEST_CASE("an order that skipped a stage is unaccounted for", "[orders]") {
  auto kept = std::make_unique<books>();
  for (auto* book : {&kept->placed, &kept->billed, &kept->notified}) book->enter("a");
  CHECK(audit(*kept, letters{}).unaccounted == 1);
}

TEST_CASE("an order that died twice is unaccounted for", "[orders]") {
  const letters twice{letter("b", "shipping"), letter("b", "shipping")};
  CHECK(audit(*sound_books(), twice).unaccounted == 1);
}

TEST_CASE("what nobody placed is unaccounted for, in books and among letters", "[orders]") {
  auto kept = sound_books();
  kept->billed.enter("ghost");
  CHECK(audit(*kept, one_death).unaccounted == 1);
  CHECK(audit(*sound_books(), letters{letter("b", "shipping"), letter("ghost", "billing")})
            .unaccounted == 1);
  CHECK(audit(*sound_books(), letters{letter("b", "shipping"), letter("a", "elsewhere")})
            .unaccounted == 1);
}

TEST_CASE("work that was done twice is unaccounted for", "[orders]") {
  auto kept = sound_books();
  kept->notified.enter("a");
  CHECK(kept->notified.size() == 1);
  const auto found = audit(*kept, one_death);
  CHECK(found.unaccounted == 1);
  CHECK(found.examples[0] == "notification did something twice");
}
