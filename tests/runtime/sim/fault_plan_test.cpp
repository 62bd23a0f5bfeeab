// SPDX-License-Identifier: BSD-3-Clause
// Fault plans: a function of seed, point and n, with the frequency that was asked for.
#include "weir/runtime/sim/fault_plan.hpp"

#include <limits>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using weir::sim::fault_plan;

namespace {

unsigned fired(const fault_plan& plan, std::string_view point, unsigned passings) {
  unsigned count = 0;
  for (unsigned n = 0; n < passings; ++n) count += plan.fires(point, n) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("the same seed gives the same faults, whatever else is planned or asked",
          "[sim][property]") {
  rc::prop("a pure function", [] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto n = *rc::gen::arbitrary<std::uint64_t>();
    fault_plan one{seed};
    one.set("handler-throws", 0.5);
    fault_plan two{seed};
    two.set("actor-dies", 0.9).set("handler-throws", 0.5);
    static_cast<void>(two.fires("actor-dies", n));
    RC_ASSERT(one.fires("handler-throws", n) == two.fires("handler-throws", n));
    RC_ASSERT(one.dice("handler-throws", n)() == two.dice("handler-throws", n)());
  });
}

TEST_CASE("a point fires as often as its probability says", "[sim]") {
  const auto seed = GENERATE(0U, 1U, 2U, 0xffffffffU);
  fault_plan plan{seed};
  plan.set("rare", 0.01).set("half", 0.5);
  // Six standard deviations of 10,000 throws: 60 for 1 % and 300 for a half.
  CHECK(fired(plan, "rare", 10'000) == Approx(100).margin(60));
  CHECK(fired(plan, "half", 10'000) == Approx(5000).margin(300));
}

TEST_CASE("a fault at a higher probability includes the faults at a lower one", "[sim][property]") {
  rc::prop("monotone", [] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto n = *rc::gen::arbitrary<std::uint64_t>();
    fault_plan less{seed};
    less.set("p", 0.2);
    fault_plan more{seed};
    more.set("p", 0.6);
    if (less.fires("p", n)) RC_ASSERT(more.fires("p", n));
  });
}

TEST_CASE("seeds, points and passings fire independently of each other", "[sim]") {
  const auto agree = [](const fault_plan& left, std::string_view one, const fault_plan& right,
                        std::string_view two, unsigned shift) {
    unsigned same = 0;
    for (unsigned n = 0; n < 10'000; ++n) {
      same += left.fires(one, n) == right.fires(two, n + shift) ? 1 : 0;
    }
    return same;
  };
  fault_plan plan{7};
  plan.set("a", 0.5).set("b", 0.5);
  fault_plan other{8};
  other.set("a", 0.5);
  CHECK(agree(plan, "a", plan, "b", 0) == Approx(5000).margin(300));
  CHECK(agree(plan, "a", other, "a", 0) == Approx(5000).margin(300));
  CHECK(agree(plan, "a", plan, "a", 1) == Approx(5000).margin(300));
}

TEST_CASE("probabilities at and beyond the ends mean never and always", "[sim]") {
  fault_plan plan{1};
  plan.set("never", 0).set("less", -1).set("odd", std::numeric_limits<double>::quiet_NaN());
  plan.set("always", 1).set("more", 7);
  for (const auto* point : {"never", "less", "odd", "unplanned"})
    CHECK(fired(plan, point, 100) == 0);
  for (const auto* point : {"always", "more"}) CHECK(fired(plan, point, 100) == 100);
}

TEST_CASE("a plan prints its seed and its points", "[sim]") {
  fault_plan plan{7};
  CHECK(plan.text() == "seed 7");
  plan.set("subscriber-dies", 0.015).set("handler-throws", 0.1);
  CHECK(plan.text() == "seed 7: handler-throws 10%, subscriber-dies 1.5%");
}
