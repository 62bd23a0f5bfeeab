// SPDX-License-Identifier: BSD-3-Clause
// Seeds name runs: the first numbers of a seed are frozen, since failing seeds are kept as tests.
#include "weir/runtime/core/random.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

static_assert(std::uniform_random_bit_generator<weir::random>);

namespace {

std::vector<std::uint64_t> first(weir::random from, std::size_t count) {
  std::vector<std::uint64_t> numbers(count);
  for (auto& number : numbers) number = from();
  return numbers;
}

using list = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a seed gives the numbers of xoshiro256** seeded through splitmix64", "[core]") {
  CHECK(first(weir::random{0}, 4) == list{0x99ec5f36cb75f2b4U, 0xbf6e1f784956452aU,
                                          0x1a5f849d4933e6e0U, 0x6aa594f1262d2d2cU});
  CHECK(first(weir::random{42}, 4) == list{0x15780b2e0c2ec716U, 0x6104d9866d113a7eU,
                                           0xae17533239e499a1U, 0xecb8ad4703b360a1U});
}

TEST_CASE("bounded numbers, fractions and splits of a seed are frozen too", "[core]") {
  weir::random dice{42};
  list thrown;
  for (int i = 0; i < 12; ++i) thrown.push_back(dice.below(6));
  CHECK(thrown == list{0, 2, 4, 5, 5, 4, 4, 5, 4, 3, 4, 1});

  weir::random fractions{42};
  CHECK(fractions.fraction() == 0.08386297105988216);
  CHECK(fractions.fraction() == 0.3789802506626686);

  CHECK(first(weir::random{42}.split(7), 2) == list{0xf720f6adb50d70c9U, 0xdf5a08c7df8fa458U});
}

TEST_CASE("a number below a bound is below it and every such number comes up", "[core]") {
  weir::random source{7};
  for (const std::uint64_t bound : {1U, 2U, 3U, 10U, 100U}) {
    std::vector<int> seen(bound);
    for (std::uint64_t i = 0; i < bound * 200; ++i) {
      const auto number = source.below(bound);
      REQUIRE(number < bound);
      ++seen[number];
    }
    // 200 expected each; a fair source stays within 100 with all but 1e-11 probability.
    CHECK(std::all_of(seen.begin(), seen.end(), [](int n) { return n > 100 && n < 300; }));
  }
  CHECK(source.below(0) == 0);
  CHECK(source.below(~std::uint64_t{0}) < ~std::uint64_t{0});
}

TEST_CASE("a chance comes true as often as it says, never at 0 and always at 1", "[core]") {
  weir::random source{11};
  int quarter = 0;
  for (int i = 0; i < 10'000; ++i) {
    REQUIRE_FALSE(source.chance(0));
    REQUIRE_FALSE(source.chance(-1));
    REQUIRE(source.chance(1));
    REQUIRE(source.chance(2));
    quarter += source.chance(0.25) ? 1 : 0;
    const auto fraction = source.fraction();
    REQUIRE((fraction >= 0 && fraction < 1));
  }
  CHECK(quarter > 2300);
  CHECK(quarter < 2700);
}

TEST_CASE("splitting gives unlike streams and does not disturb the generator", "[core]") {
  weir::random source{42};
  const auto undisturbed = first(source, 3);
  const auto one = first(source.split(1), 3);
  const auto two = first(source.split(2), 3);
  CHECK(first(source.split(1), 3) == one);
  CHECK(one != two);
  CHECK(one != undisturbed);
  CHECK(first(source, 3) == undisturbed);
}

TEST_CASE("a split depends on how far the generator has come", "[core]") {
  weir::random source{42};
  const auto before = first(source.split(1), 3);
  source();
  CHECK(first(source.split(1), 3) != before);
}
