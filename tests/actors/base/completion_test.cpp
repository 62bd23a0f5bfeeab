// SPDX-License-Identifier: BSD-3-Clause
// What a completion promises to the threads on its two sides.
#include "weir/actors/base/completion.hpp"

#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::actors::completion;

TEST_CASE("the first value counts", "[base]") {
  completion<int> done;
  CHECK_FALSE(done.peek());
  done.complete(1);
  done.complete(2);
  CHECK(done.peek() == 1);
  CHECK(done.wait_for(0s) == 1);
}

TEST_CASE("a wait ends without a value when its patience does", "[base]") {
  completion<int> done;
  CHECK_FALSE(done.wait_for(1ms));
  done.complete(3);
  CHECK(done.wait_for(1ms) == 3);
}

TEST_CASE("a thread that waits is woken by the value", "[base]") {
  for (int round = 0; round < 50; ++round) {
    completion<int> done;
    std::thread other{[&] { done.complete(round); }};
    CHECK(done.wait_for(60s) == round);
    other.join();
  }
}

TEST_CASE("who does not wait is called with the first value, once", "[base]") {
  std::vector<int> given;
  completion<int> done{[&](int value) { given.push_back(value); }};
  CHECK(given.empty());
  done.complete(4);
  done.complete(5);
  CHECK(given == std::vector<int>{4});
  CHECK(done.peek() == 4);
}
