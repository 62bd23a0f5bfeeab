// SPDX-License-Identifier: BSD-3-Clause
// Positions go to the map and the odometer, quotes are asked and answered. Rides: dispatch.cpp.
#include "weir/samples/ride_hailing/topology.hpp"

#include "weir/samples/ride_hailing/dispatch.hpp"

namespace ride_hailing {
namespace {

using weir::context;
using weir::result;
using weir::task;
using weir::task_context;
using shared_city = std::shared_ptr<city>;

/// One topic, two wishes: the map wants the newest position and no old one, the odometer wants all.
void declare_positions(weir::node& node, const shared_city& town) {
  node.subscribe("map", "positions",
                 [town](const position_sent& sent, task_context& context) -> task<result<void>> {
                   const auto driver = sent.driver;
                   const point at{sent.x, sent.y};
                   co_await context.sleep(town->times.map);
                   town->drivers.seen(driver, at);
                   co_return result<void>{};
                 })
      .concurrency(weir::per_key{8})
      .credit(1)
      .time_to_live(town->times.freshness)
      .overflow(weir::overflow::drop_oldest);
  node.subscribe("odometer", "positions", [town](const position_sent& sent) {
    auto& last = town->driven[static_cast<std::size_t>(sent.driver)];
    const point at{sent.x, sent.y};
    town->counts.metres_driven += static_cast<std::uint64_t>(metres_between(last, at));
    last = at;
  });
}

void declare_books(weir::node& node, const shared_city& town) {
  node.subscribe(
      "books", "rides",
      [town](const ride_completed& ride) { town->done.end(ride.ride, fate::completed); },
      [town](const ride_cancelled& ride) { town->done.end(ride.ride, fate::cancelled); },
      [town](const ride_expired& ride) { town->done.end(ride.ride, fate::expired); });
}

}  // namespace

entrances declare(weir::node& node, std::uint32_t partitions, const shared_city& town) {
  const weir::topic::topic_options options{
      .partitions = partitions, .ordered = true, .ring_bytes = 2 * 1024 * 1024};
  auto small = options;
  // As far as the map may lag, in each partition.
  small.ring_events = 256;
  small.batch_events_max = 32;
  auto positions = node.topic("positions", small);
  auto wanted = node.topic("quotes.wanted", options);
  auto given = node.topic("quotes", options);
  positions.key<position_sent>(&position_sent::driver);
  wanted.key<quote_wanted>(&quote_wanted::ride);
  given.key<quote_given>(&quote_given::ride);

  declare_positions(node, town);
  node.subscribe("pricing", "quotes.wanted",
                 [given](const quote_wanted& asked, context& where) -> result<void> {
                   return where.publish(given, quote_given{asked.ride, fare_cents(asked.metres)});
                 })
      .publishes_to(given);
  auto quotes = std::make_shared<weir::requester<quote_wanted, quote_given>>(node, "riders", wanted,
                                                                             given);
  auto dispatching = declare_dispatch(node, options, town);
  declare_books(node, town);
  return {positions, dispatching, std::move(quotes)};
}

}  // namespace ride_hailing
