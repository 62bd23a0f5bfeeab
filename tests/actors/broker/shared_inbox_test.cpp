// SPDX-License-Identifier: BSD-3-Clause
// Claims of message ids, against a naive model.
#include "weir/actors/broker/shared_inbox.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "weir/runtime/core/random.hpp"

using weir::actors::shared_inbox;
using state = shared_inbox::state;

TEST_CASE("an id is its claimer's until something has become of it", "[inbox]") {
  shared_inbox box{10};
  const auto first = box.claim_for("a");
  CHECK(first.found == state::fresh);
  CHECK(box.claim_for("a").found == state::pending);
  box.give_back("a", first.number);
  const auto second = box.claim_for("a");
  CHECK(second.found == state::fresh);
  CHECK(second.number > first.number);
  box.published("a", second.number, {2, nullptr, 7});
  const auto third = box.claim_for("a");
  CHECK(third.found == state::published);
  CHECK(third.where.partition == 2);
  CHECK(third.where.position == 7);
}

TEST_CASE("a claim that is forgotten changes nothing of the next one", "[inbox]") {
  shared_inbox box{1};
  const auto first = box.claim_for("a");
  CHECK(box.claim_for("b").found == state::fresh);
  const auto again = box.claim_for("a");
  CHECK(again.found == state::fresh);
  box.give_back("a", first.number);
  CHECK(box.claim_for("a").found == state::pending);
  box.published("a", first.number, {});
  CHECK(box.claim_for("a").found == state::pending);
  box.published("a", again.number, {});
  CHECK(box.claim_for("a").found == state::published);
}

TEST_CASE("the newest ids are known, as many as the horizon says, also those of earlier runs",
          "[inbox]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    INFO("seed " << seed);
    weir::random chance{seed};
    const auto horizon = 1 + chance.below(20);
    shared_inbox box{horizon};
    std::vector<std::string> newest;  // the oldest first
    const auto keep = [&](const std::string& id) {
      newest.push_back(id);
      if (newest.size() > horizon) newest.erase(newest.begin());
    };
    std::uint64_t number = 0;
    for (auto before = chance.below(30); before > 0; --before) {
      const auto id = "old-" + std::to_string(number);
      box.remember(++number, id);
      keep(id);
    }
    for (int step = 0; step < 500; ++step) {
      const auto id = (chance.below(2) != 0 ? "old-" : "new-") + std::to_string(chance.below(40));
      const auto claim = box.claim_for(id);
      const bool known = std::find(newest.begin(), newest.end(), id) != newest.end();
      REQUIRE((claim.found == state::published) == known);
      if (known) continue;
      REQUIRE(claim.found == state::fresh);
      REQUIRE(claim.number == ++number);
      box.published(id, claim.number, {});
      keep(id);
    }
    CHECK(box.oldest() == (number < horizon ? 1 : number + 1 - horizon));
  }
}
