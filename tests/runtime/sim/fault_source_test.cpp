// SPDX-License-Identifier: BSD-3-Clause
// Faults of a run: by share, by place, by number; and the script they leave behind.
#include "weir/runtime/sim/fault_source.hpp"

#include <catch2/catch.hpp>

using namespace weir::sim;
using namespace std::chrono_literals;

namespace {

fault_list shares(std::initializer_list<std::pair<fault, double>> wanted) {
  fault_list all;
  for (const auto& [what, share] : wanted) all.share(what) = share;
  return all;
}

/// The places among `a 1..a 500` where it strikes.
std::vector<int> struck(fault_source& from, fault what) {
  std::vector<int> places;
  for (int i = 1; i <= 500; ++i) {
    if (from.strikes(what, "a", static_cast<std::uint64_t>(i))) places.push_back(i);
  }
  return places;
}

}  // namespace

TEST_CASE("where a fault strikes depends on seed and place, and on nothing else asked", "[sim]") {
  const auto seed = GENERATE(1U, 7U, 20010131U);
  fault_source one{seed, shares({{fault::handler_fails, 0.1}})};
  fault_source two{seed, shares({{fault::handler_fails, 0.1}, {fault::timer_late, 0.5}})};
  static_cast<void>(struck(two, fault::timer_late));
  const auto places = struck(one, fault::handler_fails);
  CHECK(places == struck(two, fault::handler_fails));
  // Six standard deviations around 50.
  CHECK((places.size() > 10 && places.size() < 90));
  fault_source other{seed + 1, shares({{fault::handler_fails, 0.1}})};
  CHECK(places != struck(other, fault::handler_fails));
}

TEST_CASE("the script of a run brings the same faults about, as long as they were", "[sim]") {
  fault_source drawn{7, shares({{fault::handler_slow, 0.1}, {fault::clock_jumps, 0.1}})};
  const auto slow = struck(drawn, fault::handler_slow);
  static_cast<void>(struck(drawn, fault::clock_jumps));
  REQUIRE(drawn.kept_all());
  bool back = false;
  for (const auto& one : drawn.struck()) {
    CHECK(one.lasts != 0ns);
    back = back || one.lasts < 0ns;
  }
  CHECK(back);
  fault_source again{7, {.script = drawn.struck()}};
  CHECK(struck(again, fault::handler_slow) == slow);
  static_cast<void>(struck(again, fault::clock_jumps));
  CHECK(again.struck() == drawn.struck());
}

TEST_CASE("a scripted fault strikes at its place each time, or at the n-th passing once", "[sim]") {
  fault_list wanted;
  wanted.script = {{fault::handler_throws, "b", 0, 0ns}, {fault::handler_throws, "", 3, 0ns}};
  fault_source from{1, wanted};
  std::vector<std::string> heard;
  from.heard = [&](const scripted_fault& one) { heard.push_back(to_string(one)); };
  CHECK(from.armed(fault::handler_throws));
  CHECK_FALSE(from.armed(fault::handler_fails));
  CHECK_FALSE(from.strikes(fault::handler_fails, "b"));
  CHECK_FALSE(from.strikes(fault::handler_throws, "a"));
  CHECK(from.strikes(fault::handler_throws, "b"));
  CHECK(from.strikes(fault::handler_throws, "a"));
  CHECK_FALSE(from.strikes(fault::handler_throws, "a"));
  CHECK(from.strikes(fault::handler_throws, "b"));
  // What is heard is each time; what is kept is each place once, and always as a place.
  CHECK(heard == std::vector<std::string>{"handler-throws at b", "handler-throws at a",
                                          "handler-throws at b"});
  CHECK(from.struck().size() == 2);
}
