// SPDX-License-Identifier: BSD-3-Clause
// Each matcher's match, and what a failed check says.
#include "weir/actors/testkit/catch_matchers.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace weir::testkit;
using weir::errc;

namespace {

/// Three orders: two are billed, the last is refused.
struct shop {
  shop() {
    auto orders = orders_of(kit.node());
    auto invoices = kit.node().topic("invoices");
    kit.watch<invoice>(invoices);
    kit.node()
        .subscribe("billing", "orders",
                   [invoices](const order& one, weir::context& where) -> weir::result<void> {
                     if (one.number == 3) return weir::fail(errc::rejected, "no credit");
                     return where.publish(invoices, invoice{one.number, one.customer});
                   })
        .publishes_to(invoices);
    for (std::int64_t i = 1; i <= 3; ++i) REQUIRE(orders.publish(order{i, "c"}));
    REQUIRE(kit.drain().drained);
  }
  test_node kit{11, quiet()};
};

template <class Matcher>
bool matches(const test_node& kit, const Matcher& matcher) {
  return matcher.match(kit);
}

}  // namespace

TEST_CASE("delivered counts what a subscription has handled", "[testkit]") {
  shop one;
  CHECK_THAT(one.kit, delivered("billing", 2));
  CHECK_THAT(one.kit, delivered("billing"));
  CHECK_THAT(one.kit, !delivered("billing", 3));
  CHECK_THAT(one.kit, !delivered("audit") && delivered("audit", 0));
}

TEST_CASE("dead_lettered_with counts letters by subscription and code", "[testkit]") {
  shop one;
  CHECK_THAT(one.kit, dead_lettered_with("billing", errc::rejected));
  CHECK_THAT(one.kit, dead_lettered_with("billing", errc::rejected, 1) && dead_lettered("billing"));
  CHECK_THAT(one.kit, !dead_lettered_with("billing", errc::timeout));
  CHECK_THAT(one.kit, !dead_lettered_with("billing", errc::rejected, 2));
  CHECK_THAT(one.kit, !dead_lettered("audit"));
}

TEST_CASE("published counts events by topic and type, where they are watched", "[testkit]") {
  shop one;
  CHECK_THAT(one.kit, published<invoice>("invoices", 2));
  CHECK_THAT(one.kit, published<invoice>("invoices"));
  CHECK_THAT(one.kit, !published<invoice>("invoices", 1));
  CHECK(one.kit.watched<invoice>("invoices").at(1).number == 2);
  CHECK_THROWS_WITH(matches(one.kit, published<order>("invoices")),
                    Catch::Contains("nobody watches invoices for test.order@1"));
}

TEST_CASE("a failed check says what was wanted, and what the node has", "[testkit]") {
  shop one;
  CHECK(delivered("billing", 3).describe() == "has delivered to billing 3 times");
  CHECK(delivered("billing").describe() == "has delivered to billing");
  CHECK(dead_lettered_with("billing", errc::timeout).describe() ==
        "has dead-lettered from billing with timeout");
  CHECK(published<invoice>("invoices", 1).describe() ==
        "has published test.invoice@1 to invoices 1 times");
  const auto shown = Catch::Detail::stringify(one.kit);
  CHECK_THAT(shown, Catch::Contains("a test node of seed 11\n"));
  CHECK_THAT(shown, Catch::Contains("  billing in orders: published 3 = delivered 2"));
  CHECK_THAT(shown, Catch::Contains(
                        "  dead letter of billing: orders/0@2, rejected: no credit\n"));
}
