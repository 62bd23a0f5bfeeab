// SPDX-License-Identifier: BSD-3-Clause
// One simulated run: lives of a node on one store, effects that are counted, faults of each kind.
#include "weir/actors/testkit/simulated_run.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::result;
using weir::sim::outside_effects;
using weir::testkit::declared_topology;
using weir::testkit::run_found;
using weir::testkit::simulate_once;

namespace {

constexpr std::int64_t orders_max = 40;

/// Orders with numbers, billed in a transaction; invoices go to a durable topic and are counted.
result<declared_topology> books(const weir::node_options& options, outside_effects&) {
  declared_topology made;
  made.node = std::make_unique<weir::node>(options);
  auto& node = *made.node;
  auto orders = orders_of(node, {.partitions = 2, .durable = true});
  auto invoices = node.topic("invoices", {.partitions = 2, .durable = true});
  invoices.key<invoice>(&invoice::customer);
  node.subscribe("billing", "orders",
                 [invoices](const order& one, weir::context& where) {
                   return where.publish(invoices, invoice{one.number, one.customer});
                 })
      .retry(5, weir::exponential(1ms))
      .max_deliveries(20)
      .publishes_to(invoices)
      .transactional();
  node.subscribe("audit", "invoices",
                 [](const invoice& one, weir::context& where) {
                   return where.state<std::int64_t, int>("seen").update(
                       one.number, [](int& times) { ++times; });
                 })
      .retry(5)
      .max_deliveries(20)
      .transactional();
  // Its effects are counted, too, although it takes no context.
  node.subscribe("watch", "orders", [](const order&) {})
      .retry(5)
      .max_deliveries(20)
      .transactional();
  made.drive = [&node, orders]() mutable -> result<void> {
    auto source = node.make_producer(orders, "source");
    if (!source) return weir::fail(source.error());
    for (std::int64_t i = 0; i < orders_max; ++i) {
      auto sent = source->publish(order{i, "c" + std::to_string(i % 5)},
                                  static_cast<std::uint64_t>(i));
      if (!sent) return weir::fail(sent.error());
    }
    if (!node.drain(1h).drained) return weir::fail(weir::errc::timeout, "not drained");
    return {};
  };
  made.invariants.push_back({"each order is in the audit once", [](weir::node& seen) {
    std::int64_t once = 0, others = 0;
    auto read = seen.scan_state<std::int64_t, int>(
        "audit", "seen", [&](std::int64_t, int times) { ++(times == 1 ? once : others); });
    if (read && (once != orders_max || others != 0)) {
      return result<void>{weir::fail(weir::errc::not_found, std::to_string(once) + " once, " +
                                                                std::to_string(others) + " not")};
    }
    return read;
  }});
  return made;
}

run_found run(std::uint64_t seed, const std::string& faults) {
  auto plan = weir::sim::read_faults(faults, "plan");
  REQUIRE(plan);
  return simulate_once(books, {.seed = seed, .faults = *plan, .kept_max = 100'000});
}

std::size_t lives(const run_found& found) {
  std::size_t count = 1;
  for (const auto& line : found.lines.lines()) {
    count += line.ends_with(" the node begins again") ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("a node that crashes begins again on its store, and each effect is there once",
          "[testkit][simulation]") {
  std::size_t begun = 0;
  const auto faults = GENERATE("node-crashes=0.05", "write-torn=0.08", "store-fails=0.05",
                               "node-crashes=0.02,write-torn=0.02,handler-fails=0.05,"
                               "handler-fails-late=0.05,subscriber-dies=0.02,store-slow=0.1,"
                               "brought-twice=0.1");
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto found = run(seed, faults);
    INFO(faults << ", seed " << seed);
    CHECK(found.summary.failure == "");
    begun += lives(found);
  }
  CHECK(begun > 60);
}

TEST_CASE("a node that can only crash is spared it in its last life", "[testkit][simulation]") {
  const auto found = run(1, "node-crashes=1");
  CHECK(found.summary.failure == "");
  CHECK(lives(found) == weir::testkit::lives_max);
}

TEST_CASE("a crash that is written down happens there, and time goes on behind it",
          "[testkit][simulation]") {
  const auto found = run(5, "node-crashes call 20");
  CHECK(found.summary.failure == "");
  CHECK(lives(found) == 2);
  REQUIRE(found.struck.size() == 1);
  CHECK_THAT(to_string(found.struck[0]), Catch::Matches("node-crashes at [a-z]+ [0-9]+"));
  // The same place in words of a plan is the same run.
  CHECK(run(5, to_string(found.struck[0])).summary.digest == found.summary.digest);
  std::string before;
  for (const auto& line : found.lines.lines()) {
    const auto time = line.substr(0, line.find(' '));
    // Fixed width up to 10 s.
    if (time.size() == 11) CHECK(time >= before);
    before = time;
  }
}

TEST_CASE("a transaction whose commit lacks the states is found by their effects",
          "[testkit][simulation]") {
  // The handler's own state is right; what was attempted and what is there do not agree, because
  // somebody else adds to what is counted.
  const auto meddling = [](const weir::node_options& options,
                           outside_effects& outside) -> result<declared_topology> {
    auto made = books(options, outside);
    made->node
        ->subscribe("meddler", "orders",
                    [](const order& one, weir::context& where) {
                      return where.state<std::string, std::uint64_t>("weir.simulation.effects")
                          .update("meddler test.order 0 @" + std::to_string(one.number),
                                  [](auto& times) { ++times; });
                    })
        .transactional();
    return made;
  };
  const auto found = simulate_once(meddling, {.seed = 1});
  CHECK_THAT(found.summary.failure, Catch::StartsWith("the effects of meddler test.order"));
}

TEST_CASE("a run that throws, or does not start, has failed", "[testkit][simulation]") {
  const auto throwing = [](const weir::node_options& options,
                           outside_effects&) -> result<declared_topology> {
    declared_topology made;
    made.node = std::make_unique<weir::node>(options);
    made.drive = []() -> result<void> { throw std::runtime_error{"no way"}; };
    return made;
  };
  CHECK(simulate_once(throwing, {}).summary.failure == "the run has thrown: no way");
  const auto unbuilt = [](const weir::node_options&,
                          outside_effects&) -> result<declared_topology> {
    return weir::fail(weir::errc::not_found, "no file");
  };
  CHECK(simulate_once(unbuilt, {}).summary.failure == "not_found: no file");
}

TEST_CASE("faults strike where they say, and are in the transcript", "[testkit][simulation]") {
  for (const auto* fault : {"handler-fails", "handler-throws", "handler-fails-late",
                            "handler-slow", "event-rejected", "subscriber-dies",
                            "subscriber-killed", "brought-twice", "timer-late", "clock-jumps",
                            "actor-stalls", "store-slow"}) {
    const auto found = run(3, "handler-throws=0.2," + std::string{fault} + "=0.3");
    CAPTURE(fault, found.summary.failure);
    const auto text = found.lines.text();
    CHECK_THAT(text, Catch::Contains(" fault " + std::string{fault} + " at "));
    // What is rejected, or fails too often, is a dead letter, and the invariant says so.
    CHECK((found.summary.failure.empty() ||
           found.summary.failure.starts_with("'each order is in the audit once'")));
  }
}

TEST_CASE("a run that would never come to rest ends, and has failed", "[testkit][simulation]") {
  const auto circling = [](const weir::node_options& options,
                           outside_effects&) -> result<declared_topology> {
    declared_topology made;
    made.node = std::make_unique<weir::node>(options);
    auto orders = orders_of(*made.node);
    made.node
        ->subscribe("echo", "orders",
                    [orders](const order& one, weir::context& where) {
                      return where.publish(orders, order{one.number + 1, one.customer});
                    })
        .publishes_to(orders);
    made.drive = [node = made.node.get(), orders]() mutable -> result<void> {
      if (auto sent = orders.publish(order{1, "c"}); !sent) return sent;
      static_cast<void>(node->drain(1h));
      return {};
    };
    return made;
  };
  const auto found = simulate_once(circling, {.seed = 1, .calls_max = 500});
  CHECK(found.summary.failure ==
        "more than 500 calls of handlers: the run does not come to rest");
  CHECK(found.summary.calls == 500);
}
