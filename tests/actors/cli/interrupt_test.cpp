// SPDX-License-Identifier: BSD-3-Clause
// Signals become a flag; the second one ends the process.
#include "weir/actors/cli/interrupt.hpp"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

using weir::cli::interrupt;
using weir::cli::signal_watch;

TEST_CASE("a watched signal requests the end and says which it was", "[cli]") {
  for (const int signal : {SIGINT, SIGTERM}) {
    interrupt stop;
    const signal_watch watch{stop};
    CHECK_FALSE(stop.requested());
    REQUIRE(::raise(signal) == 0);
    CHECK(stop.requested());
    CHECK(stop.signal() == signal);
  }
}

TEST_CASE("when the watch ends, signals mean what they meant before", "[cli]") {
  REQUIRE(std::signal(SIGINT, SIG_IGN) != SIG_ERR);
  interrupt stop;
  { const signal_watch watch{stop}; }
  REQUIRE(::raise(SIGINT) == 0);
  CHECK_FALSE(stop.requested());
  REQUIRE(std::signal(SIGINT, SIG_DFL) == SIG_IGN);
}

TEST_CASE("the second signal ends the process at once with 128 and its number", "[cli]") {
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    interrupt stop;
    const signal_watch watch{stop};
    ::raise(SIGTERM);
    ::raise(SIGINT);
    ::_exit(0);  // not reached
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
}
