// SPDX-License-Identifier: BSD-3-Clause
// The audit: what it accepts, and every way in which books can disagree.
#include "weir/samples/ride_hailing/books.hpp"

#include <catch2/catch.hpp>

using namespace ride_hailing;

namespace {

using letters = std::vector<weir::delivery::dead_letter>;

weir::delivery::dead_letter letter(const char* ride) {
  weir::delivery::dead_letter made;
  made.key = ride;
  return made;
}

/// 1 to 3 have ended in each way, 4 has died.
void enter(books& kept) {
  for (std::int64_t ride = 1; ride <= 4; ++ride) kept.request(ride);
  kept.end(1, fate::completed);
  kept.end(2, fate::cancelled);
  kept.end(3, fate::expired);
}

}  // namespace

TEST_CASE("every ride with exactly one end is accounted for", "[ride_hailing]") {
  books kept;
  enter(kept);
  const auto found = audit(kept, letters{letter("4")});
  CHECK(found.unaccounted == 0);
  CHECK(found.examples.empty());
  CHECK(kept.requested() == 4);
  CHECK(kept.ended(fate::completed) == 1);
  CHECK(kept.ended(fate::cancelled) == 1);
  CHECK(kept.ended(fate::expired) == 1);
}

TEST_CASE("every disagreement counts", "[ride_hailing]") {
  const auto complaint = [](auto spoil, letters dead) {
    books kept;
    enter(kept);
    spoil(kept);
    const auto found = audit(kept, dead);
    REQUIRE(found.unaccounted == 1);
    return found.examples.front();
  };
  const auto nothing = [](books&) {};
  CHECK(complaint(nothing, {}) == "ride 4 has no end");
  CHECK(complaint(nothing, {letter("4"), letter("3")}) == "ride 3 has ended and died");
  CHECK(complaint(nothing, {letter("4"), letter("4")}) == "ride 4 died twice");
  CHECK(complaint(nothing, {letter("4"), letter("d-1")}) ==
        "ride d-1 died and was never requested");
  CHECK(complaint([](books& kept) { kept.end(9, fate::completed); }, {letter("4")}) ==
        "ride 9 has ended and was never requested");
  CHECK(complaint([](books& kept) { kept.end(1, fate::expired); }, {letter("4")}) ==
        "ride ? has ended twice");
}
