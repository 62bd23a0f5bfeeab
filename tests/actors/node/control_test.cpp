// SPDX-License-Identifier: BSD-3-Clause
// A running node asked from outside, over its socket.
#include <filesystem>

#include <catch2/catch.hpp>

#include "weir/actors/node/status_json.hpp"
#include "weir/actors/observe/control_client.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/delivery/letter_event.hpp"
#include "weir/tests/actors/order.hpp"
#include "weir/tests/runtime/store/scratch_directory.hpp"

using namespace actors_tests;
using store_tests::scratch_directory;
using weir::errc;
using weir::actors::ask_node;
using weir::observe::request;

namespace {

namespace fs = std::filesystem;

/// A node with a durable topic whose orders of odd numbers nobody can handle.
struct shop {
  explicit shop(const fs::path& data)
      : directory(data.string()),
        node(quiet({.threads = 2, .data_dir = directory})),
        orders(orders_of(node, {.partitions = 2, .durable = true})) {
    node.subscribe("billing", "orders", [](const order& one) -> weir::result<void> {
          if (one.number % 2 == 0) return {};
          return weir::fail(errc::rejected, "odd");
        })
        .circuit_breaker({.failure_share = 1, .window = 100})
        .bulkhead({"payments", 1});
    const auto started = node.start();
    INFO((started ? "" : to_string(started.error())));
    REQUIRE(started);
  }
  void publish(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      REQUIRE(orders.publish(order{i, "c-" + std::to_string(i % 5)}));
    }
    REQUIRE(node.drain().drained);
  }
  weir::result<std::string> ask(const request& asked) {
    auto given = ask_node(directory, asked);
    if (!given) return weir::fail(given.error());
    return weir::observe::body_of(std::move(*given));
  }

  std::string directory;
  weir::node node;
  weir::topic_handle orders;
};

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("a running node tells its status, its metrics and its dead letters", "[node]") {
  const scratch_directory in;
  shop one{in.path() / "d"};
  one.publish(20);
  const auto json = one.ask({.path = "/status"});
  REQUIRE(json);
  const auto seen = weir::read_status(*json);
  REQUIRE(seen);
  REQUIRE(seen->subscriptions.size() == 1);
  CHECK(seen->subscriptions[0].counts.delivered == 10);
  CHECK(seen->subscriptions[0].counts.dead_lettered == 10);
  REQUIRE(seen->subscribers.size() == 1);
  CHECK(seen->subscribers[0].counts.breaker == weir::circuit_breaker::state::closed);
  REQUIRE(seen->bulkheads.size() == 1);
  CHECK(seen->bulkheads[0].counts == weir::observe::bulkhead_counts{1, 0, 0});
  CHECK_THAT(one.ask({.path = "/metrics"}).value(),
             Catch::Contains("weir_breaker_state{subscription=\"billing\"} 0\n"));
  const auto all = one.ask({.path = "/dead-letters"});
  REQUIRE(all);
  CHECK(lines_of(*all) == 10);
  CHECK_THAT(*all, Catch::StartsWith(R"({"specversion":"1.0",)"));
  CHECK(lines_of(*one.ask({.path = "/dead-letters", .query = {{"count", "3"}}})) == 3);
  CHECK(lines_of(*one.ask({.path = "/dead-letters", .query = {{"after", "8"}}})) == 2);
  CHECK(lines_of(*one.ask({.path = "/dead-letters", .query = {{"number", "7"}}})) == 1);
  CHECK(one.ask({.path = "/dead-letters", .query = {{"topic", "other"}}})->empty());
  const auto records = weir::delivery::read_bundle(*one.ask({.path = "/dead-letters/records"}));
  REQUIRE(records);
  std::string again;
  for (const auto& letter : records->letters) again += cloud_event_of(letter) + '\n';
  CHECK(again == *all);
  CHECK(one.ask({.path = "/dead-letters", .query = {{"since", "soon"}}}).error().code ==
        errc::invalid_argument);
}

TEST_CASE("a subscription is paused and resumed from outside", "[node]") {
  const scratch_directory in;
  shop one{in.path() / "d"};
  const auto is_paused = [&] { return one.node.status().subscriptions.front().paused; };
  CHECK(!is_paused());
  REQUIRE(one.ask({.method = "POST", .path = "/pause", .query = {{"subscription", "billing"}}}));
  CHECK(is_paused());
  REQUIRE(one.ask({.method = "POST", .path = "/resume", .query = {{"subscription", "billing"}}}));
  CHECK(!is_paused());
  one.publish(4);
  CHECK(one.ask({.method = "POST", .path = "/pause", .query = {{"subscription", "nobody"}}})
            .error()
            .code == errc::not_found);
  CHECK(one.ask({.method = "POST", .path = "/pause"}).error().code == errc::invalid_argument);
  CHECK(one.ask({.path = "/pause"}).error().code == errc::invalid_argument);
}

TEST_CASE("the socket is there as long as the node runs, and a second node leaves it alone",
          "[node]") {
  const scratch_directory in;
  const auto data = in.path() / "d";
  const auto socket = data / "control.sock";
  {
    shop one{data};
    CHECK(fs::is_socket(socket));
    weir::node second{quiet({.data_dir = data.string()})};
    const auto started = second.start();
    REQUIRE(!started);
    CHECK(started.error().code == errc::store_locked);
    CHECK(one.ask({.path = "/status"}));
    REQUIRE(one.node.stop().drained);
    CHECK(!fs::exists(socket));
    CHECK(one.ask({.path = "/status"}).error().code == errc::not_found);
  }
  weir::node silent{quiet({.data_dir = data.string(), .control = false})};
  REQUIRE(silent.start());
  CHECK(!fs::exists(socket));
}

TEST_CASE("a node whose data directory has too long a path says so and does not start", "[node]") {
  const scratch_directory in;
  const auto data = (in.path() / std::string(100, 'd')).string();
  weir::node node{quiet({.data_dir = data})};
  const auto started = node.start();
  REQUIRE(!started);
  CHECK(started.error().code == errc::invalid_argument);
  CHECK_THAT(started.error().message, Catch::Contains("a socket's path"));
  weir::node quiet_one{quiet({.data_dir = data + "2", .control = false})};
  CHECK(quiet_one.start());
}
