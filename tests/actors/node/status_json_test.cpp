// SPDX-License-Identifier: BSD-3-Clause
// A status as JSON says what the status says.
#include "weir/actors/node/status_json.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::node_status;

TEST_CASE("a status comes back from JSON as it was", "[node]") {
  node_status seen{.at = weir::timestamp{1s}};
  seen.topics.push_back({"orders", 4, 10, 2048, 1});
  weir::subscription_status one{.subscription = "bil\"ling", .topic = "orders"};
  one.counts = {.published = 10, .delivered = 4, .filtered = 1, .in_flight = 2, .expired = 1};
  one.counts.dead_lettered = 1;
  one.counts.drop(weir::observe::drop_reason::skipped);
  one.behind = {.sent = 2, .oldest_age = 1500ms, .halted = true};
  one.halted = "unknown_topic: gone";
  one.paused = true;
  seen.subscriptions = {one, {.subscription = "other", .topic = "orders"}};
  seen.subscribers.push_back(
      {"bil\"ling", {1, 2, 3, 4, weir::circuit_breaker::state::half_open}});
  seen.subscribers.push_back({"other", {}});
  seen.bulkheads.push_back({"payments", {4, 3, 2}});
  const auto json = to_json(seen);
  CHECK_THAT(json, Catch::Contains(R"("dropped":{"skipped":1})") &&
                       Catch::Contains(R"("breaker":"half_open")") &&
                       Catch::Contains(R"("oldest_age_ns":1500000000)"));
  const auto back = weir::read_status(json);
  REQUIRE(back);
  CHECK(back->at == seen.at);
  REQUIRE(back->subscriptions.size() == 2);
  CHECK(back->subscriptions[0].counts == one.counts);
  CHECK(back->subscriptions[0].behind == one.behind);
  CHECK(back->subscriptions[0].halted == one.halted);
  CHECK(back->subscriptions[0].paused);
  CHECK(!back->subscriptions[1].behind.oldest_age);
  CHECK(back->subscribers[0].counts == seen.subscribers[0].counts);
  CHECK(back->subscribers[1].counts == seen.subscribers[1].counts);
  CHECK(back->bulkheads[0].counts == seen.bulkheads[0].counts);
  CHECK(to_json(*back) == json);
  CHECK(!weir::read_status("{}"));
}
