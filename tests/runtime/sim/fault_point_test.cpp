// SPDX-License-Identifier: BSD-3-Clause
// The table of faults. Names are in plan files of others: a line may be added, and none changed.
#include "weir/runtime/sim/fault_point.hpp"

#include <set>

#include <catch2/catch.hpp>

using namespace weir::sim;

TEST_CASE("every fault has its row, a name of its own and a share", "[sim]") {
  std::set<std::string_view> names;
  std::size_t index = 0;
  for (const auto& one : fault_points()) {
    CAPTURE(one.name);
    CHECK(static_cast<std::size_t>(one.what) == index++);
    CHECK(&point_of(one.what) == &one);
    CHECK(find_fault(one.name) == &one);
    CHECK(names.insert(one.name).second);
    CHECK((one.standard >= 0 && one.standard < 0.1));
    CHECK_FALSE(one.sentence.empty());
  }
  CHECK(find_fault("gravity") == nullptr);
  CHECK(find_fault("") == nullptr);
}

TEST_CASE("the names of faults are frozen", "[sim]") {
  CHECK(names_of_faults() ==
        "handler-fails, handler-throws, handler-fails-late, handler-slow, event-rejected, "
        "subscriber-dies, subscriber-killed, question-dropped, question-twice, answer-dropped, "
        "answer-twice, answer-late, brought-twice, timer-late, clock-jumps, actor-stalls, "
        "store-slow, store-fails, write-torn, node-crashes");
}
