// SPDX-License-Identifier: BSD-3-Clause
// Backoff: shapes as literals, bounds as properties over any numbers a user could write.
#include "weir/runtime/policy/backoff.hpp"

#include <limits>
#include <vector>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace {

std::vector<weir::duration> delays(const weir::backoff& shape, unsigned retries) {
  weir::random chance{1};
  std::vector<weir::duration> found;
  for (unsigned retry = 1; retry <= retries; ++retry) found.push_back(shape.delay(retry, chance));
  return found;
}

using list = std::vector<weir::duration>;

weir::backoff any_backoff() {
  weir::backoff made;
  made.kind = *rc::gen::element(weir::backoff_kind::none, weir::backoff_kind::fixed,
                                weir::backoff_kind::linear, weir::backoff_kind::exponential);
  made.first = weir::duration{*rc::gen::arbitrary<std::int64_t>()};
  made.max = weir::duration{*rc::gen::arbitrary<std::int64_t>()};
  made.step = weir::duration{*rc::gen::arbitrary<std::int64_t>()};
  made.factor =
      *rc::gen::element(0.0, -3.0, 1.0, 2.0, 1e308, std::numeric_limits<double>::infinity(),
                        std::numeric_limits<double>::quiet_NaN());
  made.jitter =
      *rc::gen::element(0.0, 0.3, 1.0, 7.0, -1.0, std::numeric_limits<double>::quiet_NaN());
  return made;
}

}  // namespace

TEST_CASE("each shape of backoff grows as its name says and stops at its maximum", "[policy]") {
  CHECK(delays(weir::no_backoff(), 2) == list{0s, 0s});
  CHECK(delays(weir::fixed(5ms), 3) == list{5ms, 5ms, 5ms});
  CHECK(delays(weir::linear(10ms, 5ms, 22ms), 4) == list{10ms, 15ms, 20ms, 22ms});
  CHECK(delays(weir::linear(10ms), 3) == list{10ms, 20ms, 30ms});
  CHECK(delays(weir::exponential(100ms, 1s), 5) == list{100ms, 200ms, 400ms, 800ms, 1s});
  CHECK(delays(weir::exponential(1ms, 1s, 10), 4) == list{1ms, 10ms, 100ms, 1s});
}

TEST_CASE("retry number zero waits for nothing", "[policy]") {
  weir::random chance{1};
  CHECK(weir::fixed(5ms).delay(0, chance) == 0s);
}

TEST_CASE("a fixed delay longer than thirty seconds is kept", "[policy]") {
  weir::random chance{1};
  CHECK(weir::fixed(90s).delay(1, chance) == 90s);
  CHECK(weir::fixed(90s).check());
}

TEST_CASE("a delay is never negative and never above its maximum, whatever the numbers",
          "[policy][property]") {
  rc::prop("0 <= delay <= max(0, max)", [] {
    const auto shape = any_backoff();
    weir::random chance{*rc::gen::arbitrary<std::uint64_t>()};
    const auto found = shape.delay(*rc::gen::arbitrary<unsigned>(), chance);
    RC_ASSERT(found >= weir::duration::zero());
    RC_ASSERT(found <= std::max(weir::duration::zero(), shape.max));
  });
}

TEST_CASE("delays without jitter never shrink from one retry to the next", "[policy][property]") {
  rc::prop("monotone", [] {
    const auto first = std::chrono::milliseconds{*rc::gen::inRange(1, 5000)};
    const auto shape =
        *rc::gen::element(weir::exponential(first), weir::linear(first), weir::fixed(first));
    weir::random chance{1};
    const unsigned retry = *rc::gen::inRange(1U, 5000U);
    RC_ASSERT(shape.delay(retry, chance) <= shape.delay(retry + 1, chance));
  });
}

TEST_CASE("jitter takes away at most its share, and the same seed takes the same",
          "[policy][property]") {
  rc::prop("within the share", [] {
    const double share = *rc::gen::inRange(0, 101) / 100.0;
    const auto plain = weir::exponential(100ms);
    const auto shaken = plain.with_jitter(share);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const unsigned retry = *rc::gen::inRange(1U, 40U);
    weir::random one{seed};
    weir::random two{seed};
    const auto full = plain.delay(retry, one);
    const auto found = shaken.delay(retry, one);
    RC_ASSERT(found <= full);
    RC_ASSERT(static_cast<double>(found.count()) >=
              static_cast<double>(full.count()) * (1 - share) - 1);
    RC_ASSERT(found == shaken.delay(retry, two));
  });
}

TEST_CASE("jitter spreads delays over its whole share", "[policy]") {
  weir::random chance{7};
  const auto shape = weir::fixed(1000ns).with_jitter(0.5);
  auto least = shape.delay(1, chance);
  auto most = least;
  for (int draw = 0; draw < 1000; ++draw) {
    least = std::min(least, shape.delay(1, chance));
    most = std::max(most, shape.delay(1, chance));
  }
  CHECK(least < 510ns);
  CHECK(most > 990ns);
}

TEST_CASE("delays at the maximum are spread too, however far beyond it the shape has grown",
          "[policy]") {
  const auto shape = weir::exponential(1s, 2s).with_jitter(0.5);
  const unsigned retry = GENERATE(2U, 5U, 5000U);
  weir::random chance{7};
  unsigned below_three_quarters = 0;
  for (int draw = 0; draw < 1000; ++draw) {
    const auto found = shape.delay(retry, chance);
    CHECK(found >= 1s);
    if (found < 1500ms) ++below_three_quarters;
  }
  CHECK(below_three_quarters == Approx(500).margin(100));
}

TEST_CASE("a backoff without jitter draws no randomness", "[policy]") {
  weir::random used{3};
  weir::random untouched{3};
  weir::exponential(1ms).delay(4, used);
  CHECK(used() == untouched());
}

TEST_CASE("check names the number that is out of range", "[policy]") {
  const auto complaint = [](const weir::backoff& shape) {
    const auto checked = shape.check();
    if (checked) return std::string{"fine"};
    CHECK(checked.error().code == weir::errc::invalid_argument);
    return checked.error().message;
  };
  using Catch::Contains;
  CHECK(complaint(weir::exponential(100ms)) == "fine");
  CHECK(complaint(weir::linear(100ms)) == "fine");
  CHECK(complaint(weir::no_backoff()) == "fine");
  CHECK_THAT(complaint(weir::fixed(0s)), Contains("first delay 0s"));
  CHECK_THAT(complaint(weir::exponential(-1ms)), Contains("first delay -1ms"));
  CHECK_THAT(complaint(weir::exponential(1s, 25h)), Contains("longer than 86400s"));
  CHECK_THAT(complaint(weir::exponential(1s, 10ms)), Contains("max 10ms is under the first 1s"));
  CHECK_THAT(complaint(weir::linear(1s, -1s)), Contains("step -1s"));
  CHECK_THAT(complaint(weir::exponential(1s, 30s, 0.5)), Contains("factor 0.5"));
  CHECK_THAT(complaint(weir::exponential(1s, 30s, std::numeric_limits<double>::quiet_NaN())),
             Contains("factor"));
  CHECK_THAT(complaint(weir::fixed(1s).with_jitter(1.5)), Contains("jitter 1.5"));
}

TEST_CASE("a backoff prints as a sentence", "[policy]") {
  CHECK(to_string(weir::exponential(100ms).with_jitter(0.2)) ==
        "exponential from 100ms, x2, at most 30s, jitter 20%");
  CHECK(to_string(weir::linear(10us, 5us)) == "linear from 10us, +5us, at most 30s");
  CHECK(to_string(weir::fixed(3ns)) == "fixed 3ns");
  CHECK(to_string(weir::no_backoff()) == "none");
}
