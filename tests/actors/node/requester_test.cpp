// SPDX-License-Identifier: BSD-3-Clause
// Requests that are answered, not answered, answered late, and many at once.
#include "weir/actors/node/requester.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::context;
using weir::errc;
using weir::requester;
using weir::result;
using weir::task;
using weir::task_context;
using weir::testkit::test_node;

TEST_CASE("a request gets the reply that its handler publishes", "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  auto invoices = kit.node().topic("invoices");
  kit.node().subscribe("billing", "orders",
                       [invoices](const order& one, context& where) -> result<void> {
                         return where.publish(invoices, invoice{10 * one.number, one.customer});
                       });
  requester<order, invoice> bills{kit.node(), "bills", orders, invoices};
  for (std::int64_t i = 1; i < 4; ++i) {
    const auto bill = bills.request({i, "c"}, 1s);
    REQUIRE(bill);
    CHECK(bill->number == 10 * i);
  }
  CHECK(bills.open() == 0);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a request without a reply ends with its deadline, and a late reply is ignored",
          "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  auto invoices = kit.node().topic("invoices");
  kit.node().subscribe("billing", "orders",
                       [invoices](const order& one, task_context& context) -> task<result<void>> {
                         co_await context.sleep(1s * one.number);
                         context.publish(invoices, invoice{one.number, one.customer});
                         co_return result<void>{};
                       });
  requester<order, invoice> bills{kit.node(), "bills", orders, invoices};
  const auto slow = bills.request({5, "slow"}, 2s);
  REQUIRE_FALSE(slow);
  CHECK(slow.error().code == errc::timeout);
  CHECK(slow.error().message == "orders: no reply within 2000 ms");
  const auto next = bills.request({1, "quick"}, 10s);
  REQUIRE(next);
  CHECK(next->number == 1);
  CHECK(bills.open() == 0);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a request that fails to be handled is a dead letter and a timeout", "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  auto invoices = kit.node().topic("invoices");
  kit.node().subscribe("billing", "orders", [](const order&) -> result<void> {
    return weir::fail(errc::rejected, "no");
  });
  requester<order, invoice> bills{kit.node(), "bills", orders, invoices};
  const auto bill = bills.request({1, "c"}, 1s);
  REQUIRE_FALSE(bill);
  CHECK(bill.error().code == errc::timeout);
  CHECK(kit.node().dead_letters().size() == 1);
}

TEST_CASE("requests that cannot be published or come after the end say so", "[node]") {
  test_node kit{1};
  auto orders = orders_of(kit.node(), {.ordered = true});
  auto invoices = kit.node().topic("invoices");
  kit.node().subscribe("billing", "orders", [](const order&) {});
  requester<order, invoice> bills{kit.node(), "bills", orders, invoices};
  const auto keyless = bills.request({1, ""}, 1s);
  REQUIRE_FALSE(keyless);
  CHECK(keyless.error().code == errc::missing_key);
  kit.node().stop();
  const auto late = bills.request({1, "c"}, 1s);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == errc::closed);
  CHECK(bills.open() == 0);
}

TEST_CASE("many threads request at once and each gets its own reply", "[node]") {
  weir::node node{{.threads = 2}};
  auto orders = orders_of(node, {.partitions = 4});
  auto invoices = node.topic("invoices");
  node.subscribe("billing", "orders",
                 [invoices](const order& one, context& where) -> result<void> {
                   return where.publish(invoices, invoice{-one.number, one.customer});
                 });
  requester<order, invoice> bills{node, "bills", orders, invoices};
  requester<order, invoice> others{node, "others", orders, invoices};
  REQUIRE(node.start());
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (std::int64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      auto& from = thread % 2 == 0 ? bills : others;
      for (std::int64_t i = 1; i <= 200; ++i) {
        const auto number = 1000 * thread + i;
        const auto bill = from.request({number, std::to_string(number)}, 1min);
        if (bill && bill->number == -number) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(right == 800);
  CHECK(node.drain().drained);
}
