// SPDX-License-Identifier: BSD-3-Clause
// Faults by seed: none without, the same with the same, and all kinds of them.
#include "weir/samples/orders/chaos.hpp"

#include <map>

#include <catch2/catch.hpp>

#include "weir/samples/orders/shop.hpp"

using namespace orders;

namespace {

/// What happens to one order at one stage, as a word.
std::string fate(chaos& trouble, std::string_view stage, const std::string& order) {
  const weir::context first_call{1};
  try {
    const auto struck = trouble.strike(stage, order, first_call);
    return struck ? "fine" : std::string{to_string(struck.error().code)};
  } catch (const std::exception&) {
    return "throws";
  } catch (const subscriber_death&) {
    return "dies";
  }
}

std::string answer(chaos& trouble, const std::string& request) {
  const auto struck = trouble.strike_service("users", request);
  return struck ? "fine" : std::string{to_string(struck.error().code)};
}

}  // namespace

TEST_CASE("without a seed nothing goes wrong", "[orders]") {
  chaos calm{std::nullopt};
  for (std::uint64_t n = 0; n < 1000; ++n) {
    REQUIRE(fate(calm, "billing", order_of(n).order_id) == "fine");
    REQUIRE(answer(calm, order_of(n).user_id) == "fine");
  }
  CHECK(calm.deaths() == 0);
  CHECK(calm.retried() == 0);
}

TEST_CASE("a fault depends on seed, stage and order and not on when it is asked for", "[orders]") {
  chaos one{7}, other{7}, third{8};
  std::map<std::string, std::string> fates;
  for (std::uint64_t n = 0; n < 2000; ++n) {
    const auto id = order_of(n).order_id;
    fates[id] = fate(one, "billing", id);
  }
  unsigned differ_by_seed = 0, differ_by_stage = 0;
  for (auto entry = fates.rbegin(); entry != fates.rend(); ++entry) {
    REQUIRE(fate(other, "billing", entry->first) == entry->second);
    differ_by_seed += fate(third, "billing", entry->first) != entry->second;
    differ_by_stage += fate(other, "shipping", entry->first) != entry->second;
  }
  CHECK(differ_by_seed > 0);
  CHECK(differ_by_stage > 0);
}

TEST_CASE("every kind of fault strikes, and deaths and retries are counted", "[orders]") {
  chaos trouble{7};
  std::map<std::string, std::uint64_t> kinds;
  for (std::uint64_t n = 0; n < 2000; ++n) ++kinds[fate(trouble, "billing", order_of(n).order_id)];
  CHECK(kinds["fine"] > 1500);
  CHECK(kinds["rejected"] > 0);
  CHECK(kinds["throws"] == trouble.retried());
  CHECK(kinds["dies"] == trouble.deaths());
  CHECK(trouble.retried() > 0);
  CHECK(trouble.deaths() > 0);
}

TEST_CASE("a service that stutters answers the second time, one that is down never", "[orders]") {
  chaos trouble{7};
  unsigned stutters = 0, down = 0, unknown = 0;
  for (std::uint64_t n = 0; n < 300; ++n) {
    const auto request = "u-" + std::to_string(n);
    const auto first = answer(trouble, request), second = answer(trouble, request);
    REQUIRE(answer(trouble, request) == second);
    stutters += first == "unavailable" && second == "fine";
    down += second == "unavailable";
    unknown += first == "not_found" && second == "not_found";
  }
  CHECK(stutters > 0);
  CHECK(down > 0);
  CHECK(unknown > 0);
}
