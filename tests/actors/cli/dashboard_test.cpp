// SPDX-License-Identifier: BSD-3-Clause
// The dashboard on a terminal of its own: the other end of a pseudo terminal is read.
#include "weir/actors/cli/dashboard.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::cli::dashboard;

namespace {

/// `user` is what a program has, `screen` what a person sees.
struct pseudo_terminal {
  pseudo_terminal() : screen(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
    REQUIRE(screen >= 0);
    REQUIRE(::grantpt(screen) == 0);
    REQUIRE(::unlockpt(screen) == 0);
    user = ::open(::ptsname(screen), O_RDWR | O_NOCTTY);
    REQUIRE(user >= 0);
  }
  ~pseudo_terminal() {
    ::close(user);
    if (screen >= 0) ::close(screen);
  }
  std::string shown() const {
    std::string text;
    char some[4096];
    for (ssize_t got; (got = ::read(screen, some, sizeof some)) > 0;) {
      text.append(some, static_cast<std::size_t>(got));
    }
    return text;
  }
  void hang_up() {
    ::close(screen);
    screen = -1;
  }

  int screen;
  int user = -1;
};

}  // namespace

TEST_CASE("the last picture shows what the node has done until then", "[cli]") {
  weir::node node{quiet({.threads = 2})};
  auto orders = orders_of(node);
  node.subscribe("billing", "orders", [](const order&) {});
  REQUIRE(node.start());
  const pseudo_terminal terminal;
  {
    dashboard live{node, terminal.user, 1h};
    for (std::int64_t i = 0; i < 7; ++i) REQUIRE(orders.publish(order{i, "c"}));
    REQUIRE(node.drain(60s).drained);
  }
  const auto text = terminal.shown();
  CHECK_THAT(text, Catch::StartsWith("\r\x1b[J  topic") && Catch::Contains("billing"));
  CHECK_THAT(text, Catch::Contains("orders           1          7"));
}

TEST_CASE("without a terminal nothing is drawn, and one that hangs up is left alone", "[cli]") {
  weir::node node{quiet({.threads = 2})};
  auto orders = orders_of(node);
  node.subscribe("billing", "orders", [](const order&) {});
  REQUIRE(node.start());
  { dashboard nobody_looks{node, std::nullopt}; }
  pseudo_terminal terminal;
  {
    dashboard live{node, terminal.user, 1ms};
    terminal.hang_up();
    REQUIRE(orders.publish(order{1, "c"}));
    CHECK(node.drain(60s).drained);
  }
}
