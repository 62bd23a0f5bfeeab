// SPDX-License-Identifier: BSD-3-Clause
// Shrinking: what is left fails, is minimal, and took no more runs than it may.
#include "weir/runtime/sim/shrink.hpp"

#include <algorithm>
#include <set>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace weir::sim;

namespace {

fault_script script_of(std::uint64_t size) {
  fault_script all;
  for (std::uint64_t i = 1; i <= size; ++i) all.push_back({.call = i});
  return all;
}

/// Fails if all of these are there.
auto needing(std::set<std::uint64_t> calls) {
  return [calls = std::move(calls)](const fault_script& script) {
    return std::all_of(calls.begin(), calls.end(), [&](auto call) {
      return std::any_of(script.begin(), script.end(),
                         [&](const auto& one) { return one.call == call; });
    });
  };
}

}  // namespace

TEST_CASE("exactly the faults that a failure needs are left, in their order", "[sim][property]") {
  rc::prop("minimal", [] {
    const auto size = *rc::gen::inRange<std::uint64_t>(0, 120);
    std::set<std::uint64_t> needed;
    if (size > 0) {
      needed = *rc::gen::container<std::set<std::uint64_t>>(
          rc::gen::inRange<std::uint64_t>(1, size + 1));
    }
    std::uint64_t runs = 0;
    const auto found = shrink(
        script_of(size),
        [&, fails = needing(needed)](const fault_script& script) {
          ++runs;
          return fails(script);
        },
        1'000'000);
    RC_ASSERT(found.minimal);
    RC_ASSERT(found.runs == runs);
    std::vector<std::uint64_t> left;
    for (const auto& one : found.script) left.push_back(one.call);
    RC_ASSERT(left == std::vector<std::uint64_t>(needed.begin(), needed.end()));
  });
}

TEST_CASE("one fault of a thousand is found in few runs, and none takes one", "[sim]") {
  const auto one = shrink(script_of(1000), needing({777}), 400);
  REQUIRE(one.script.size() == 1);
  CHECK(one.script[0].call == 777);
  CHECK(one.runs < 60);
  const auto none = shrink(script_of(1000), [](const auto&) { return true; }, 400);
  CHECK(none.script.empty());
  CHECK(none.runs == 1);
}

TEST_CASE("when the runs are used up, what is left still fails and is not called minimal",
          "[sim]") {
  const auto fails = needing({3, 500, 900});
  const auto found = shrink(script_of(1000), fails, 20);
  CHECK(found.runs == 20);
  CHECK_FALSE(found.minimal);
  CHECK(fails(found.script));
  CHECK(found.script.size() < 1000);
}
