// SPDX-License-Identifier: BSD-3-Clause
// Restarts in a row wait longer and longer; a child that held out begins a new row.
#include "weir/runtime/supervision/restart_delays.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::supervision::restart_delays;

namespace {

weir::timestamp at(weir::duration since) { return weir::timestamp{since}; }

}  // namespace

TEST_CASE("without a backoff no restart waits", "[supervision]") {
  weir::random chance{1};
  restart_delays none;
  for (int i = 0; i < 100; ++i) CHECK(none.next(at(1s), 5s, chance) == 0s);
}

TEST_CASE("the n-th restart in a row waits as the backoff says", "[supervision]") {
  weir::random chance{1};
  restart_delays delays{weir::exponential(100ms, 1s)};
  auto now = at(1h);
  std::vector<weir::duration> waited;
  for (int i = 0; i < 6; ++i) {
    delays.started(now);
    now += 5s;  // exactly the window: still in the row
    waited.push_back(delays.next(now, 5s, chance));
    now += waited.back();
  }
  CHECK(waited == std::vector<weir::duration>{100ms, 200ms, 400ms, 800ms, 1s, 1s});
}

TEST_CASE("a child that ran longer than the window begins a new row, however long it had waited",
          "[supervision]") {
  weir::random chance{1};
  restart_delays delays{weir::linear(10s)};
  delays.started(at(1h));
  CHECK(delays.next(at(1h), 5s, chance) == 10s);
  delays.started(at(1h + 10s));
  CHECK(delays.next(at(1h + 11s), 5s, chance) == 20s);
  delays.started(at(1h + 31s));
  CHECK(delays.next(at(1h + 36s + 1ns), 5s, chance) == 10s);
}

TEST_CASE("a clock that is set back makes no row shorter", "[supervision]") {
  weir::random chance{1};
  restart_delays delays{weir::linear(1s)};
  delays.started(at(1h));
  CHECK(delays.next(at(1h), 5s, chance) == 1s);
  delays.started(at(1h));
  CHECK(delays.next(at(-1h), 5s, chance) == 2s);
}
