// SPDX-License-Identifier: BSD-3-Clause
// What `describe` shows, as one literal.
#include "weir/runtime/topology/render.hpp"

#include <catch2/catch.hpp>

#include "shop.hpp"

using namespace weir::topology;

TEST_CASE("a topology reads as topics, subscriptions, flow and its memory bound", "[topology]") {
  CHECK(render(shop(), bound_of(shop())) == R"(topology shop

topics
  orders.eu  4 partitions, ordered by key
    batches of 1024 events, rings of 65536 events or 16 MiB, events of 64 KiB at most
    order.created@1 (keyed)
    order.paid@2 (keyed)
  invoices   1 partition
    batches of 1024 events, rings of 65536 events or 16 MiB, events of 64 KiB at most
    invoice.sent@1

subscriptions
  billing  to orders.*, handles order.created@1, order.paid@2, credit 4 batches
  audit    to >, handles everything else, credit 1 batch

flow
  web -> [orders.eu] -> billing, audit
  billing -> [invoices] -> audit

memory bound
  topic orders.eu                    66.2 MiB  4 partitions x (ring 16 MiB + batch 552 KiB + 4 KiB)
  topic invoices                     16.6 MiB  1 partition x (ring 16 MiB + batch 552 KiB + 4 KiB)
  publisher web -> orders.eu          8.7 MiB  4 partitions x 4 blocks of 552 KiB
  subscription billing -> invoices    2.2 MiB  1 partition x 4 blocks of 552 KiB
  subscription billing                  8 KiB  4 partitions x credit 4 x 256 B + 4 KiB
  subscription audit                  5.3 KiB  5 partitions x credit 1 x 256 B + 4 KiB
  dead letters                      156.3 MiB  10000 letters x 16 KiB
  total                             249.8 MiB  budget 1 GiB
)");
}

TEST_CASE("a cycle is shown with the flow", "[topology]") {
  auto topology = shop();
  topology.subscriptions[1].publishes_to = {"invoices"};
  CHECK_THAT(render(topology, bound_of(topology)),
             Catch::Contains("  cycle: invoices -> [audit] -> invoices\n"));
}

TEST_CASE("a subscription that nobody waits for says so", "[topology]") {
  auto topology = shop();
  topology.subscriptions[0].when_behind = weir::overflow::drop_oldest;
  const auto text = render(topology, bound_of(topology));
  CHECK_THAT(text, Catch::Contains("order.paid@2, credit 4 batches, overflow drop_oldest\n"));
  CHECK_THAT(text, Catch::Contains("credit 1 batch\n"));
}

TEST_CASE("a subscription whose events expire says when", "[topology]") {
  auto topology = shop();
  topology.subscriptions[1].time_to_live = std::chrono::milliseconds{1500};
  CHECK_THAT(render(topology, bound_of(topology)),
             Catch::Contains("credit 1 batch, time to live 1500ms\n"));
}

TEST_CASE("a topic that retains events says how many", "[topology]") {
  auto topology = shop();
  topology.topics[1].retained_events = 1000;
  CHECK_THAT(render(topology, bound_of(topology)),
             Catch::Contains("64 KiB at most, the newest 1000 retained\n    invoice.sent@1"));
}

TEST_CASE("a subscription with filters says of which types", "[topology]") {
  auto topology = shop();
  topology.subscriptions[1].filtered = {"order.placed@1", "order.paid@2"};
  CHECK_THAT(render(topology, bound_of(topology)),
             Catch::Contains("credit 1 batch, filters order.placed@1, order.paid@2\n"));
}

TEST_CASE("a subscription that takes batches, or only so many, says so", "[topology]") {
  auto topology = shop();
  topology.subscriptions[1].batched = {"order.placed@1"};
  topology.subscriptions[1].rate = weir::rate_limit{20, 5};
  CHECK_THAT(render(topology, bound_of(topology)),
             Catch::Contains("credit 1 batch, in batches order.placed@1, at most 20 events/s, "
                             "bursts of 5\n"));
}

TEST_CASE("a topology with mistakes can be shown too", "[topology]") {
  auto topology = shop();
  topology.subscriptions[0].pattern = ">.>";
  topology.publishers.push_back({"cron", "nowhere"});
  const auto text = render(topology, bound_of(topology));
  CHECK_THAT(text, Catch::Contains("billing  to >.>"));
  CHECK_THAT(text, Catch::Contains("web -> [orders.eu] -> audit"));
}
