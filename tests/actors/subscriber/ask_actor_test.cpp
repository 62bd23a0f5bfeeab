// SPDX-License-Identifier: BSD-3-Clause
// Coroutine handlers in a node: under virtual time, and once with real threads.
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "weir/actors/node/impl.hpp"
#include "weir/actors/subscriber/ask_actor.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/order.hpp"

namespace task_tests {

/// Asks an actor for the square of a number.
struct square_of {
  std::int64_t number;
};

}  // namespace task_tests

WEIR_LOCAL_MESSAGE(task_tests::square_of)

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::per_key;
using weir::result;
using weir::task;
using weir::task_context;
using weir::testkit::test_node;

namespace {

using moments = std::vector<std::pair<std::int64_t, weir::duration>>;

}  // namespace

TEST_CASE("handlers sleep in the node's time, each key in order", "[subscriber]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  moments ended;
  weir::timestamp start;
  kit.node()
      .subscribe("billing", "orders",
                 [&](const order& one, task_context& context) -> task<result<void>> {
                   co_await context.sleep(one.number == 0 ? 10s : 1s);
                   ended.emplace_back(one.number, context.now() - start);
                   co_return result<void>{};
                 })
      .concurrency(per_key{8});
  REQUIRE(orders.publish(order{0, "slow"}));
  REQUIRE(orders.publish(order{1, "slow"}));
  REQUIRE(orders.publish(order{2, "quick"}));
  REQUIRE(orders.publish(order{3, "quick"}));
  kit.run();
  CHECK(ended.empty());
  start = kit.now();
  kit.advance(1min);
  CHECK(ended == moments{{2, 1s}, {3, 2s}, {0, 10s}, {1, 11s}});
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a handler asks a service by name, and is told if the node has none", "[subscriber]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  const auto squares = kit.node().service(
      "squares", [](const std::int64_t& number) -> result<std::int64_t> {
        if (number < 0) return weir::fail(errc::rejected, "negative");
        return number * number;
      });
  const weir::service_handle<std::int64_t, std::int64_t> nobody{"nobody"};
  std::map<std::int64_t, std::int64_t> found;
  kit.node()
      .subscribe("billing", "orders",
                 [&, squares, nobody](const order& one,
                                      task_context& context) -> task<result<void>> {
                   const auto& whom = one.number == 7 ? nobody : squares;
                   auto square = co_await context.ask(whom, one.number);
                   if (!square) co_return weir::fail(std::move(square.error()));
                   found[one.number] = *square;
                   co_return result<void>{};
                 })
      .retry(0);
  for (const std::int64_t number : {3, -1, 7, 4}) REQUIRE(orders.publish(order{number, "c"}));
  kit.run();
  CHECK(found == std::map<std::int64_t, std::int64_t>{{3, 9}, {4, 16}});
  const auto letters = kit.node().dead_letters();
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].failure.code == errc::rejected);
  CHECK(letters[1].failure.code == errc::lookup_failed);
  CHECK(letters[1].failure.message == "the node has no such service");
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a handler asks an actor of the program's own, and is told if it has ended",
          "[subscriber]") {
  weir::node node{{.threads = 2}};
  auto orders = orders_of(node);
  std::atomic<std::int64_t> sum{0};
  std::atomic<int> failures{0};
  caf::actor squares;
  node.subscribe("billing", "orders",
                 [&](const order& one, task_context& context) -> task<result<void>> {
                   const task_tests::square_of question{one.number};
                   auto square =
                       co_await weir::ask_actor<std::int64_t>(context, squares, 10s, question);
                   if (square) sum += *square;
                   if (!square && square.error().code == errc::lookup_failed) ++failures;
                   co_return result<void>{};
                 })
      .concurrency(per_key{16});
  REQUIRE(node.start());
  // With an argument: without one CAF binds a reference to nothing, which UBSan minds.
  const auto squaring = [](int power) -> caf::behavior {
    return {[power](const task_tests::square_of& asked) {
      return power == 2 ? asked.number * asked.number : 0;
    }};
  };
  squares = node.internals().link->system->spawn(squaring, 2);
  std::int64_t expected = 0;
  for (std::int64_t i = 0; i < 5'000; ++i) {
    REQUIRE(orders.publish(order{i, std::to_string(i % 100)}));
    expected += i * i;
  }
  CHECK(node.drain().drained);
  CHECK(sum == expected);
  weir::actors::kill(squares);
  REQUIRE(orders.publish(order{1, "late"}));
  CHECK(node.drain().drained);
  CHECK(failures == 1);
  squares = nullptr;
}

TEST_CASE("a subscriber that dies begins what waited again, in order", "[subscriber]") {
  test_node kit{1};
  auto orders = orders_of(kit.node());
  std::vector<std::pair<std::int64_t, unsigned>> begun;
  std::vector<std::int64_t> ended;
  kit.node()
      .subscribe("billing", "orders",
                 [&](const order& one, task_context& context) -> task<result<void>> {
                   begun.emplace_back(one.number, context.delivery_count());
                   co_await context.sleep(1s);
                   if (one.number == 1 && context.delivery_count() == 1) throw 7;
                   ended.push_back(one.number);
                   co_return result<void>{};
                 })
      .concurrency(per_key{8});
  REQUIRE(orders.publish(order{0, "a"}));
  REQUIRE(orders.publish(order{1, "b"}));
  REQUIRE(orders.publish(order{2, "b"}));
  kit.advance(1min);
  // All were deferred at the same moment, and 1 died as the second to wake.
  CHECK(ended == std::vector<std::int64_t>{0, 1, 2});
  CHECK(begun == std::vector<std::pair<std::int64_t, unsigned>>{{0, 1}, {1, 1}, {1, 2}, {2, 1}});
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("a handler that waits when the node stops is destroyed, its event is not settled",
          "[subscriber]") {
  const auto held = std::make_shared<int>(0);
  {
    test_node kit{1};
    auto orders = orders_of(kit.node());
    kit.node().subscribe("billing", "orders",
                         [held](const order&, task_context& context) -> task<result<void>> {
                           const auto mine = held;
                           co_await context.sleep(1h);
                           co_return result<void>{};
                         });
    REQUIRE(orders.publish(order{0, "a"}));
    kit.run();
    const auto report = kit.node().stop(1s);
    CHECK_FALSE(report.drained);
    CHECK(kit.node().dead_letters().empty());
  }
  CHECK(held.use_count() == 1);
}

TEST_CASE("limits that make no sense are told before the start", "[subscriber]") {
  weir::node node;
  auto orders = orders_of(node);
  const auto waits = [](const order&) -> task<result<void>> { co_return result<void>{}; };
  node.subscribe("none", "orders", waits).concurrency(per_key{0});
  node.subscribe("huge", "orders", waits).concurrency(per_key{65'537});
  node.subscribe("never", "orders", waits).timeout(0s);
  node.subscribe("small", "orders", waits).staged_bytes(1);
  node.subscribe("nothing", "orders", waits).staged_bytes(0);
  node.subscribe("plain", "orders", [](const order&) {}).timeout(1s);
  const auto started = node.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().message ==
        "invalid_argument: subscription small: staged_bytes 1 is not in 65536..68719476736\n"
        "subscription 'none': concurrency per key is 0, not 1 to 65536\n"
        "subscription 'huge': concurrency per key is 65537, not 1 to 65536\n"
        "subscription 'never': the timeout is not positive\n"
        "subscription 'nothing': staged_bytes is zero\n"
        "subscription 'plain': concurrency, timeout and staged_bytes are for handlers that return "
        "a task");
}
