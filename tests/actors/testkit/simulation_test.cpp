// SPDX-License-Identifier: BSD-3-Clause
// Simulating a program's topology: a planted mistake is found, told with the fewest faults it
// takes, and comes again with these; what is sound passes.
#include "weir/actors/testkit/simulation.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::result;
using weir::sim::fault;
using weir::testkit::settled;
using weir::testkit::simulation;

namespace {

weir::sim::fault_list plan(const std::string& text) {
  auto read = weir::sim::read_faults(text, "plan");
  REQUIRE(read);
  return *read;
}

constexpr std::int64_t orders_max = 30;

result<void> publish_all(weir::topic_handle& orders) {
  for (std::int64_t i = 0; i < orders_max; ++i) {
    if (auto sent = orders.publish(order{i, "c" + std::to_string(i % 5)}); !sent) return sent;
  }
  return {};
}

/// Charges orders, outside. `careful`: asks first whether that is done.
simulation shop(bool careful) {
  return simulation{[careful](weir::node& node, weir::sim::outside_effects& outside) {
                      auto orders = orders_of(node, {.partitions = 3});
                      node.subscribe("billing", "orders",
                                     [&outside, careful](const order& one) {
                                       const auto whom = "o-" + std::to_string(one.number);
                                       outside.expect("charge", whom);
                                       if (careful && outside.times("charge", whom) > 0) return;
                                       outside.happened("charge", whom);
                                     })
                          .retry(5, weir::exponential(1ms))
                          .max_deliveries(10);
                      return orders;
                    },
                    [](weir::node& node, weir::topic_handle& orders) -> result<void> {
                      if (auto sent = publish_all(orders); !sent) return sent;
                      return settled(node);
                    }};
}

}  // namespace

TEST_CASE("a handler that does outside twice what it should do once is found, and shrunk to the "
          "one fault that it takes",
          "[testkit][simulation]") {
  auto careless = shop(false);
  const auto faults =
      plan("handler-fails=0.05,handler-throws=0.05,handler-fails-late=0.01,subscriber-dies=0.02,"
           "handler-slow=0.05,timer-late=0.1");
  const auto found = careless.seeds(1, 50).faults(faults).run();
  INFO(found.text());
  REQUIRE_FALSE(found.ok());
  REQUIRE(found.failures.size() == 1);
  const auto& one = found.failures.front();
  CHECK_THAT(one.message, Catch::Matches("'charge' of o-[0-9]+ happened [0-9]+ times"));
  CHECK(one.minimal);
  REQUIRE(one.faults.script.size() == 1);
  CHECK(one.faults.script[0].what == fault::handler_fails_late);
  CHECK(one.runs < 100);

  // Its plan, written and read, brings the failure about, with the same transcript.
  auto again = shop(false);
  again.seeds(one.first, one.first).faults(plan(plan_text(one.faults)));
  const auto repeated = again.run();
  REQUIRE(repeated.failures.size() == 1);
  CHECK(repeated.failures.front().transcript == one.transcript);
  CHECK_THAT(one.transcript, Catch::Contains(" fault handler-fails-late at billing test.order "));
  const auto trace = boost::json::parse(one.trace).as_object().at("traceEvents").as_array();
  CHECK(trace.size() > orders_max);

  CHECK(shop(true).seeds(1, 50).faults(faults).run().ok());
}

TEST_CASE("a failure that takes no fault is told so", "[testkit][simulation]") {
  const auto found = simulation{[](weir::node& node) { orders_of(node); },
                                [](weir::node& node) {
                                  static_cast<void>(node.start());
                                  return result<void>{weir::fail(weir::errc::rejected, "never")};
                                }}
                         .seeds(3, 9)
                         .run();
  REQUIRE(found.failures.size() == 1);
  CHECK(found.failures[0].first == 3);
  CHECK(found.failures[0].seeds == 7);
  CHECK(found.failures[0].faults.empty());
  CHECK_THAT(found.text(), Catch::Contains("with no more than none"));
}

TEST_CASE("what a program says must hold is asked when a run has ended", "[testkit][simulation]") {
  auto sound = shop(true);
  sound.seeds(1, 20).faults(plan("event-rejected=0.02"));
  CHECK(sound.invariant("holds", [](weir::node&) { return result<void>{}; }).run().ok());
  sound.invariant("nothing is dead", [](weir::node& node) -> result<void> {
    if (node.dead_letters().empty()) return {};
    return weir::fail(weir::errc::rejected, "there are letters");
  });
  const auto found = sound.run();
  INFO(found.text());
  REQUIRE(found.failures.size() >= 1);
  CHECK_THAT(found.failures[0].message, Catch::Contains("has not happened") ||
                                            Catch::StartsWith("'nothing is dead' does not hold"));
}

TEST_CASE("seeds, threads and who watches change nothing about what a seed is",
          "[testkit][simulation]") {
  const auto faults = plan("handler-fails=0.1,subscriber-killed=0.05,actor-stalls=0.05,"
                           "timer-late=0.2,clock-jumps=0.1,handler-slow=0.1");
  auto one = shop(true);
  const auto alone = one.seeds(1, 40).faults(faults).run();
  std::uint64_t watched = 0;
  auto many = shop(true);
  const auto threaded = many.seeds(1, 40)
                            .faults(faults)
                            .threads(3)
                            .watch([&](const weir::sim::campaign& seen) { watched = seen.seeds(); })
                            .run();
  INFO(alone.text());
  CHECK(alone.ok());
  CHECK(watched == 40);
  CHECK(threaded.seeds.digest() == alone.seeds.digest());
  CHECK(threaded.seeds.faults() == alone.seeds.faults());
  CHECK(alone.seeds.faults() > 200);
  CHECK(alone.seeds.virtual_time() > 10s);
  CHECK(one.run_one(7).lines.text() == many.run_one(7).lines.text());
  CHECK(one.run_one(7).lines.text() != many.run_one(8).lines.text());
  auto stopped = shop(true);
  CHECK(stopped.until([] { return true; }).run().seeds.seeds() == 0);
}
