// SPDX-License-Identifier: BSD-3-Clause
// The supervision of a node as its program chooses and sees it.
#include "weir/actors/node/impl.hpp"

#include <catch2/catch.hpp>

#include "weir/actors/node/custom.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::actors::subscriber_link;
using weir::supervision::member_state;
using weir::supervision::restart_type;
using weir::testkit::test_node;

namespace {

/// Settles until the order with this number, at which it quits, normally or not.
class reader : public caf::event_based_actor {
 public:
  reader(caf::actor_config& config, subscriber_link link, std::int64_t last, bool normally,
         int* incarnations)
      : caf::event_based_actor(config), link_(std::move(link)), last_(last), normally_(normally) {
    ++*incarnations;
  }

  caf::behavior make_behavior() override {
    link_.ready(this);
    return {[this](const weir::actors::delivery& arrived) {
      for (const auto event : arrived.events) {
        if (event.as<order>().number != last_) continue;
        if (normally_) {
          quit();
        } else {
          quit(caf::exit_reason::unhandled_exception);
        }
        return;
      }
      link_.settle(arrived);
    }};
  }

 private:
  subscriber_link link_;
  std::int64_t last_;
  bool normally_;
};

/// How many incarnations of such a reader there are, and what the drain says about it.
std::pair<int, weir::drain_report> read(restart_type type, bool normally) {
  test_node kit{7, quiet({.intensity = {.restarts = 3, .window = 1h}})};
  auto orders = orders_of(kit.node(), {.batch_events_max = 1});
  int incarnations = 0;
  weir::actors::subscribe<reader>(kit.node(), "reader", "orders", {&weir::type_of<order>()},
                                  std::int64_t{2}, normally, &incarnations)
      .supervise({.restart = type});
  for (std::int64_t i = 0; i < 5; ++i) REQUIRE(orders.publish(order{i, "c"}));
  auto report = kit.drain(1h);
  CHECK(ledger_of(kit.node(), "reader").delivered == 2);
  CHECK(kit.verdict() == "");
  return {incarnations, report};
}

std::string complaint(const weir::supervision::child_choice& choice, std::string group = "") {
  test_node kit{1, quiet()};
  orders_of(kit.node());
  kit.node()
      .subscribe("billing", "orders", [](const order&) {})
      .group(std::move(group))
      .supervise(choice);
  const auto begun = kit.node().start();
  return begun ? "" : begun.error().message;
}

}  // namespace

TEST_CASE("a custom actor that quits normally under `transient` is not restarted, and halts with "
          "that reason",
          "[node]") {
  const auto [incarnations, report] = read(restart_type::transient, true);
  CHECK(incarnations == 1);
  REQUIRE(report.left.size() == 1);
  CHECK(report.left[0].events == 3);
  CHECK(report.left[0].halted ==
        "cancelled: reader has ended and is not restarted: it is transient");
}

TEST_CASE("under `permanent` every end is restarted, under `transient` a failure is", "[node]") {
  // Three restarts of the reader are allowed, and three of its supervisor: 4 x 4 incarnations.
  for (const auto type : {restart_type::permanent, restart_type::transient}) {
    const auto [incarnations, report] = read(type, type == restart_type::permanent);
    CHECK(incarnations == 16);
    REQUIRE(report.left.size() == 1);
    CHECK_THAT(report.left[0].halted, Catch::StartsWith("restart_intensity"));
  }
}

TEST_CASE("under `temporary` no end is restarted", "[node]") {
  const auto [incarnations, report] = read(restart_type::temporary, false);
  CHECK(incarnations == 1);
  REQUIRE(report.left.size() == 1);
  CHECK(report.left[0].halted ==
        "subscriber_died: reader has ended and is not restarted: it is temporary");
}

TEST_CASE("a subscription that is over stays so when its supervisor is restarted, until it is "
          "declared anew",
          "[node]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node(), {.batch_events_max = 1});
  int incarnations = 0;
  const auto declare = [&] {
    weir::actors::subscribe<reader>(kit.node(), "reader", "orders", {&weir::type_of<order>()},
                                    std::int64_t{0}, true, &incarnations)
        .supervise({.restart = restart_type::transient});
  };
  declare();
  REQUIRE(orders.publish(order{0, "c"}));
  kit.run();
  CHECK(incarnations == 1);
  weir::actors::tell(kit.node().internals().supervisor,
                     weir::actors::child_killed{0, weir::subscriptions_supervisor});
  kit.run();
  CHECK(incarnations == 1);
  const auto seen = kit.node().health();
  REQUIRE(seen.children.at(1).children.size() == 1);
  CHECK(seen.children[1].children[0].state == member_state::ended);
  CHECK(seen.children[1].restarts == 1);
  REQUIRE(kit.node().unsubscribe("reader"));
  declare();
  REQUIRE(kit.node().start());
  kit.run();
  CHECK(incarnations == 2);
}

TEST_CASE("a subscriber that dies again and again waits longer and longer", "[node]") {
  test_node kit{4, quiet({.intensity = {.restarts = 100, .window = 1h}})};
  auto orders = orders_of(kit.node());
  std::vector<weir::timestamp> tried;
  kit.node()
      .subscribe("billing", "orders",
                 [&](const order&) {
                   tried.push_back(kit.now());
                   throw 7;
                 })
      .max_deliveries(4)
      .supervise({.backoff = weir::exponential(1s)});
  REQUIRE(orders.publish(order{1, "c"}));
  REQUIRE(kit.drain(1h).drained);
  REQUIRE(tried.size() == 4);
  CHECK(tried[1] - tried[0] == 1s);
  CHECK(tried[2] - tried[1] == 2s);
  CHECK(tried[3] - tried[2] == 4s);
  CHECK(kit.node().dead_letters().size() == 1);
}

TEST_CASE("health is the whole tree, with what ended and what halted whom", "[node]") {
  weir::node_options options{.name = "shop"};
  options.dead_letters.letters_max = 1;
  test_node kit{6, quiet(options)};
  CHECK(kit.node().health().state == member_state::ended);
  auto orders = orders_of(kit.node());
  bool died = false;
  kit.node().subscribe("audit", "orders", [&](const order&) {
    if (!std::exchange(died, true)) throw 7;
  });
  kit.node().subscribe("billing", "orders", [](const order&) -> weir::result<void> {
    return weir::fail(weir::errc::rejected, "no");
  });
  for (std::int64_t i = 1; i <= 2; ++i) REQUIRE(orders.publish(order{i, "c"}));
  kit.run();
  const auto seen = kit.node().health();
  INFO(to_string(seen));
  CHECK(to_string(seen) ==
        "shop: supervisor, running, 0 of 3 restarts in 5000ms\n"
        "  shop.dead_letters: dead letters, running\n"
        "  shop.subscriptions: supervisor, running, 1 of 3 restarts in 5000ms\n"
        "    audit: subscription, running, restarted 1 time, last: " +
            to_string(*seen.children.at(1).children.at(0).last_error) +
            "\n"
            "    billing: subscription, failed, last: " +
            to_string(*seen.children[1].children.at(1).last_error) + "\n");
  CHECK(seen.children[1].children[0].last_error->code == weir::errc::handler_threw);
  CHECK(seen.children[1].children[1].last_error->code == weir::errc::dead_letters_full);
  CHECK_FALSE(seen.well());
  kit.node().stop(1ms);
  CHECK(to_string(kit.node().health()) == to_string(seen));
}

TEST_CASE("silly numbers of a supervised subscription do not start", "[node]") {
  CHECK(complaint({.restart = restart_type::transient,
                   .shutdown = 5s,
                   .backoff = weir::exponential(100ms)}) == "");
  CHECK_THAT(complaint({.shutdown = -1s}), Catch::Contains("'billing': supervise: the shutdown"));
  CHECK_THAT(complaint({.shutdown = 2h}), Catch::Contains("not in 0..1h"));
  CHECK_THAT(complaint({.backoff = weir::fixed(0s)}), Catch::Contains("supervise: backoff"));
  CHECK_THAT(complaint({.restart = restart_type::temporary}, "readers"),
             Catch::Contains("a group's members cannot be temporary"));
  CHECK(complaint({.restart = restart_type::transient}, "readers") == "");
}
