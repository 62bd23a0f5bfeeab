// SPDX-License-Identifier: BSD-3-Clause
// Plans as text: what is written is read back, and what is wrong is said with its place.
#include "weir/runtime/sim/fault_list.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace weir::sim;
using namespace std::chrono_literals;

namespace {

fault_list read(const std::string& text) {
  auto found = read_faults(text, "plan");
  INFO((found ? std::string{} : found.error().message));
  REQUIRE(found);
  return *found;
}

std::string refusal(const std::string& text) {
  const auto found = read_faults(text, "plan");
  REQUIRE_FALSE(found);
  CHECK(found.error().code == weir::errc::invalid_argument);
  return found.error().message;
}

}  // namespace

TEST_CASE("words of a command are shares and single faults with commas between", "[sim]") {
  CHECK(read("none").empty());
  CHECK(read("").empty());
  const auto all = read("handler-throws=0.05,subscriber-dies 0.01,store-slow call 12 for 250ms,"
                        "handler-fails at billing order.created 0 @17 (1.1)");
  CHECK(all.share(fault::handler_throws) == 0.05);
  CHECK(all.share(fault::subscriber_dies) == 0.01);
  REQUIRE(all.script.size() == 2);
  CHECK(all.script[0] == scripted_fault{fault::store_slow, "", 12, 250ms});
  CHECK(all.script[1] ==
        scripted_fault{fault::handler_fails, "billing order.created 0 @17 (1.1)", 0, 0ns});
}

TEST_CASE("a file has a line for each, comments and blank lines", "[sim]") {
  const auto all = read("# found on a rainy day\n\n  handler-throws 0.5  \r\n"
                        "clock-jumps at 7 for -3s\n");
  CHECK(all.share(fault::handler_throws) == 0.5);
  REQUIRE(all.script.size() == 1);
  CHECK(all.script[0] == scripted_fault{fault::clock_jumps, "7", 0, -3s});
}

TEST_CASE("what is wrong in a plan is said with its line", "[sim]") {
  CHECK_THAT(refusal("handler-fails 0.1\n\ngravity 1\n"),
             Catch::StartsWith("plan:3: 'gravity' is no fault; there are handler-fails, "));
  CHECK_THAT(refusal("gravity=1"), Catch::StartsWith("plan: 'gravity' is no fault"));
  for (const auto* line : {"handler-fails", "handler-fails=", "handler-fails=2", "handler-fails=-1",
                           "handler-fails=0.1x", "handler-fails nan", "handler-fails 0x1"}) {
    CAPTURE(line);
    CHECK_THAT(refusal(line), Catch::Contains("=SHARE with a share from 0 to 1"));
  }
  CHECK_THAT(refusal("handler-fails at"), Catch::Contains("is not 'at PLACE'"));
  for (const auto* line : {"handler-fails call", "handler-fails call 0", "handler-fails call x"}) {
    CHECK_THAT(refusal(line), Catch::Contains("'call N' with N from 1"));
  }
  CHECK_THAT(refusal("handler-fails call 1 for 1s"), Catch::Contains("does not last"));
  for (const auto* line :
       {"store-slow call 1 for", "store-slow call 1 for 1s2", "store-slow at x for s",
        "store-slow at x for 0s", "store-slow at x for -1s", "store-slow at x for 9999999s",
        "store-slow at x for 1.5s"}) {
    CAPTURE(line);
    CHECK_THAT(refusal(line), Catch::Contains("=SHARE") || Catch::Contains("is no time") ||
                                  Catch::Contains("'call N'"));
  }
  CHECK_THAT(refusal(std::string(200'000, '\n')), Catch::EndsWith("too many lines"));
}

TEST_CASE("a plan is read back as it was written, as a file and as words", "[sim][property]") {
  rc::prop("there and back", [] {
    fault_list all;
    for (const auto& point : fault_points()) {
      all.share(point.what) = *rc::gen::element(0.0, 0.5, 0.001, 1.0, 0.02);
      if (*rc::gen::inRange(0, 3) > 0) continue;
      scripted_fault one{.what = point.what};
      if (*rc::gen::arbitrary<bool>()) {
        one.call = *rc::gen::inRange<std::uint64_t>(1, 1000);
      } else {
        one.place = *rc::gen::element<std::string>("billing order.created 0 @17 (1.2)", "12",
                                                   "users 7");
      }
      if (point.longest > 0ns) one.lasts = weir::duration{*rc::gen::inRange(1, 2'000'000'000)};
      all.script.push_back(std::move(one));
    }
    RC_ASSERT(read_faults(plan_text(all), "plan").value() == all);
    RC_ASSERT(read_faults(to_string(all), "plan").value() == all);
  });
}

TEST_CASE("the standard faults are those of the table", "[sim]") {
  const auto all = standard_faults();
  for (const auto& point : fault_points()) CHECK(all.share(point.what) == point.standard);
  CHECK_THAT(to_string(all), Catch::StartsWith("handler-fails=0.02,handler-throws=0.01,"));
  CHECK(to_string(fault_list{}) == "none");
}
