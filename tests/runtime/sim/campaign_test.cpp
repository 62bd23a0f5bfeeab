// SPDX-License-Identifier: BSD-3-Clause
// Campaigns: which seeds, and what is counted of them in whatever order they end.
#include "weir/runtime/sim/campaign.hpp"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

using namespace weir::sim;
using namespace std::chrono_literals;

TEST_CASE("seeds are one or a range, from 1", "[sim]") {
  CHECK(seeds_of("7")->first == 7);
  CHECK(seeds_of("7")->last == 7);
  CHECK(seeds_of("1..1000")->size() == 1000);
  for (const auto* text : {"", "0", "5..3", "1..", "..5", "x", "1..99999999999", "1..2..3", "-1"}) {
    const auto found = seeds_of(text);
    REQUIRE_FALSE(found);
    CHECK_THAT(found.error().message, Catch::StartsWith("'" + std::string{text} + "'"));
  }
}

TEST_CASE("failures are grouped by what they say without numbers, the lowest seed first", "[sim]") {
  std::vector<seed_result> ended{{1, "", 10, 1, 11, 1s},
                                 {2, "3 orders lost", 20, 2, 22, 2s},
                                 {3, "7 orders lost", 30, 3, 33, 3s},
                                 {4, "not drained", 40, 4, 44, 4s}};
  std::uint64_t digest = 0;
  do {
    campaign all;
    for (const auto& one : ended) all.add(one);
    CHECK(all.seeds() == 4);
    CHECK(all.failed() == 3);
    CHECK(all.calls() == 100);
    CHECK(all.faults() == 10);
    CHECK(all.virtual_time() == 10s);
    REQUIRE(all.failures().size() == 2);
    const auto& lost = all.failures().at(failure_fingerprint("99 orders lost"));
    CHECK(lost.seeds == 2);
    CHECK(lost.first == 2);
    CHECK(lost.message == "3 orders lost");
    if (digest == 0) digest = all.digest();
    CHECK(all.digest() == digest);
  } while (std::next_permutation(ended.begin(), ended.end(),
                                 [](const auto& a, const auto& b) { return a.seed < b.seed; }));
  campaign other;
  ended[0].digest = 12;
  for (const auto& one : ended) other.add(one);
  CHECK(other.digest() != digest);
}
