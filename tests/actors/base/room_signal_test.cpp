// SPDX-License-Identifier: BSD-3-Clause
// A raised signal is never missed, and counts once.
#include "weir/actors/base/room_signal.hpp"

#include <thread>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::actors::room_signal;

TEST_CASE("a signal raised before the wait ends it at once, and only one", "[base]") {
  room_signal room;
  room.raise();
  room.raise();
  CHECK(room.wait_for(0s));
  CHECK_FALSE(room.wait_for(1ms));
}

TEST_CASE("a signal raised during the wait ends it", "[base]") {
  for (int round = 0; round < 50; ++round) {
    room_signal room;
    std::thread other{[&] { room.raise(); }};
    CHECK(room.wait_for(60s));
    other.join();
  }
}

TEST_CASE("a waker without anybody behind it does nothing", "[base]") {
  weir::actors::waker{}.wake();
  auto signal = std::make_shared<room_signal>();
  weir::actors::waker{nullptr, signal}.wake();
  CHECK(signal->wait_for(0s));
}
