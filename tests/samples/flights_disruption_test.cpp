// SPDX-License-Identifier: BSD-3-Clause
// The disruption detector at its edges and against a model that keeps every delay.
#include "weir/samples/flights/disruption.hpp"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

#include "weir/runtime/core/random.hpp"

using namespace flights;

namespace {

using change = disruption_change;

// The rule in the words of its text: the last 20 of all delays, added up anew each time.
class naive_detector {
 public:
  change observe(std::int32_t delay) {
    all_.push_back(delay);
    if (all_.size() < 20) return change::none;
    std::int64_t sum = 0;
    for (auto i = all_.size() - 20; i < all_.size(); ++i) sum += all_[i];
    if (!disrupted_ && sum >= 60 * 20) return disrupted_ = true, change::disrupted;
    if (disrupted_ && sum < 15 * 20) return disrupted_ = false, change::recovered;
    return change::none;
  }

 private:
  std::vector<std::int32_t> all_;
  bool disrupted_ = false;
};

std::vector<change> observe_all(disruption_detector& detector, std::size_t times,
                                std::int32_t delay) {
  std::vector<change> changes;
  for (std::size_t i = 0; i < times; ++i) changes.push_back(detector.observe(delay));
  return changes;
}

}  // namespace

TEST_CASE("no delay disrupts an airport before its twentieth departure", "[flights]") {
  disruption_detector detector;
  CHECK(observe_all(detector, 19, 1440) == std::vector<change>(19, change::none));
  CHECK_FALSE(detector.disrupted);
  CHECK(detector.count == 19);
  CHECK(detector.observe(1440) == change::disrupted);
  CHECK(detector.disrupted);
}

TEST_CASE("a mean of 60 disrupts and a minute less in twenty does not", "[flights]") {
  disruption_detector detector;
  observe_all(detector, 19, 60);
  CHECK(detector.observe(59) == change::none);
  CHECK(detector.mean_minutes() == 59.95);
  observe_all(detector, 19, 60);
  CHECK_FALSE(detector.disrupted);
  CHECK(detector.observe(60) == change::disrupted);
  CHECK(detector.observe(60) == change::none);
}

TEST_CASE("a mean of 15 does not recover and a minute less in twenty does", "[flights]") {
  disruption_detector detector;
  observe_all(detector, 20, 60);
  REQUIRE(detector.disrupted);
  CHECK(observe_all(detector, 20, 15) == std::vector<change>(20, change::none));
  CHECK(detector.disrupted);
  CHECK(detector.observe(14) == change::recovered);
  CHECK_FALSE(detector.disrupted);
  CHECK(detector.observe(-120) == change::none);
}

TEST_CASE("the detector agrees with a model that keeps every delay", "[flights][property]") {
  std::size_t changes = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    weir::random random{seed};
    disruption_detector detector;
    naive_detector naive;
    std::int64_t level = 0;
    for (int i = 0; i < 2000; ++i) {
      if (random.chance(0.02)) level = static_cast<std::int64_t>(random.below(120)) - 20;
      // Now and then the ends of the range, where a sum of 32 bits would overflow.
      auto delay = level + static_cast<std::int64_t>(random.below(41)) - 20;
      if (random.chance(0.001)) delay = random.chance(0.5) ? 2147483647 : -2147483648LL;
      const auto expected = naive.observe(static_cast<std::int32_t>(delay));
      REQUIRE(detector.observe(static_cast<std::int32_t>(delay)) == expected);
      changes += expected == change::none ? 0 : 1;
    }
  }
  CHECK(changes > 1000);
}
