// SPDX-License-Identifier: BSD-3-Clause
// The tree as text, and when it is well.
#include "weir/runtime/supervision/health.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace weir::supervision;

namespace {

health sample() {
  health billing{.name = "billing",
                 .kind = member_kind::subscription,
                 .state = member_state::running,
                 .type = restart_type::transient,
                 .restarts = 2,
                 .last_error = weir::error{weir::errc::handler_threw, "no memory"}};
  health audit{
      .name = "audit", .kind = member_kind::subscription, .state = member_state::restarting};
  audit.restarts = 1;
  return {.name = "weir",
          .kind = member_kind::supervisor,
          .state = member_state::running,
          .recent = 3,
          .limit = intensity{3, 5s},
          .children = {billing, audit}};
}

}  // namespace

TEST_CASE("a tree is a line for each member, below its supervisor", "[supervision]") {
  CHECK(to_string(sample()) ==
        "weir: supervisor, running, 3 of 3 restarts in 5000ms\n"
        "  billing: subscription, transient, running, restarted 2 times, last: handler_threw: no "
        "memory\n"
        "  audit: subscription, restarting, restarted 1 time\n");
}

TEST_CASE("a tree is well if everything in it runs or has ended as it should", "[supervision]") {
  auto tree = sample();
  CHECK_FALSE(tree.well());
  tree.children[1].state = member_state::ended;
  CHECK(tree.well());
  tree.children[0].state = member_state::failed;
  CHECK_FALSE(tree.well());
  tree.children.clear();
  CHECK(tree.well());
  tree.state = member_state::stopping;
  CHECK_FALSE(tree.well());
}
