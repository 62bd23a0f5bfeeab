// SPDX-License-Identifier: BSD-3-Clause
// A simulated node that begins with what another has kept.
#include "weir/actors/testkit/kept_states.hpp"

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/delivery/state_snapshot.hpp"
#include "weir/runtime/observe/event_text.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using weir::context;
using weir::testkit::test_node;

namespace {

/// Counts orders by customer.
weir::result<void> count(const order& one, context& where, std::vector<std::int64_t>& seen) {
  auto& totals = where.state<std::string, std::int64_t>("totals");
  return totals.update(one.customer, [&](std::int64_t& total) { seen.push_back(++total); });
}

}  // namespace

TEST_CASE("a transactional subscription begins with the values of another run's key",
          "[testkit]") {
  const auto disk = std::make_shared<weir::store::memory_store>();
  std::vector<std::int64_t> seen;
  const auto run = [&](const std::shared_ptr<weir::store::store>& store, const char* customer) {
    test_node kit{1, quiet({.store = store})};
    auto orders = orders_of(kit.node(), {.durable = true});
    kit.node()
        .subscribe("billing", "orders",
                   [&](const order& one, context& where) { return count(one, where, seen); })
        .transactional();
    REQUIRE(kit.node().start());
    REQUIRE(orders.publish(order{1, customer}));
    REQUIRE(kit.drain().drained);
  };
  for (int i = 0; i < 3; ++i) run(disk, "c-7");
  const auto kept = weir::delivery::states_for_key({disk, "billing", "orders", 0}, "c-7");
  REQUIRE(kept);
  REQUIRE(kept->values.size() == 1);
  const auto& one = kept->values.front();
  const auto copy = weir::testkit::store_with(
      "billing", "orders",
      {{one.name, weir::observe::hex_of(one.key), weir::observe::hex_of(one.value)}});
  run(copy, "c-7");
  run(copy, "c-8");
  CHECK(seen == std::vector<std::int64_t>{1, 2, 3, 4, 1});
}
