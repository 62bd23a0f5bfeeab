// SPDX-License-Identifier: BSD-3-Clause
// flights --(enrich: airport service)--> flights.enriched --> statistics, days, disruption detector
//                                        airports.status <-- disruption detector, --> notifier
// Poison (a malformed record, an impossible delay, an unknown airport) ends as dead letters.
#include "weir/samples/flights/topology.hpp"

namespace flights {
namespace {

weir::result<void> check_delay(const flight_departed& flight) {
  if (flight.delay_minutes >= delay_least_minutes && flight.delay_minutes <= delay_most_minutes) {
    return {};
  }
  return weir::fail(weir::errc::rejected, "record " + std::to_string(flight.record) +
                                              ": delay of " + std::to_string(flight.delay_minutes) +
                                              " minutes is not in -120..1440");
}

weir::result<place> look_up(const airport_table& airports, iata code) {
  const auto* found = airports.find(code);
  if (found == nullptr) {
    return weir::fail(weir::errc::rejected,
                      "airport " + std::string{code.view()} + " is not in airports.csv");
  }
  return place{weir::inline_string<40>::cut(found->city), weir::inline_string<2>::cut(found->state),
               found->latitude, found->longitude};
}

weir::result<flight_enriched> join(const flight_departed& flight,
                                   const std::array<const place*, 2>& ends,
                                   const weir::context& where) {
  return flight_enriched{flight.at,
                         where.now(),
                         flight.delay_minutes,
                         flight.distance_miles,
                         flight.origin,
                         flight.destination,
                         *ends[0],
                         *ends[1]};
}

}  // namespace

topology declare(weir::node& node, std::shared_ptr<const airport_table> airports,
                 std::uint32_t partitions) {
  auto departures = node.topic("flights", {.partitions = partitions, .ordered = true});
  departures.key<flight_departed>([](const flight_departed& f) { return f.origin.view(); });
  auto malformed = node.topic("flights.malformed", {});
  malformed.carries<record_malformed>();
  auto enriched = node.topic("flights.enriched", {.partitions = partitions, .ordered = true});
  enriched.key<flight_enriched>([](const flight_enriched& f) { return f.origin.view(); });
  auto status = node.topic("airports.status", {.ordered = true});
  status.key<airport_disrupted>([](const airport_disrupted& a) { return a.airport.view(); });
  status.key<airport_recovered>([](const airport_recovered& a) { return a.airport.view(); });

  auto found = std::make_shared<findings>();

  // [enrich]
  auto service = node.service("airports", [airports](const iata& code) -> weir::result<place> {
    return look_up(*airports, code);
  });
  node.enrich("enricher", departures, enriched,
              weir::enrichment{.from = service,
                               .ask =
                                   [](const flight_departed& f) {
                                     return std::array{f.origin, f.destination};
                                   },
                               .join = join,
                               .check = check_delay});
  // [enrich]
  node.subscribe("intake", "flights.malformed",
                 [](const record_malformed& bad) -> weir::result<void> {
                   return weir::fail(weir::errc::malformed,
                                     "record " + std::to_string(bad.record) +
                                         (bad.field.empty() ? "" : ", field " + bad.field) + ": " +
                                         bad.reason);
                 });
  node.subscribe("airport-statistics", "flights.enriched", [found](const flight_enriched& f) {
    ++found->enriched;
    found->airports.add(f.origin, f.delay_minutes);
  });
  node.subscribe("departures-per-day", "flights.enriched",
                 [found](const flight_enriched& f) { found->days.add(f.at); });
  node.subscribe(
          "disruption-detector", "flights.enriched",
          [found, status](const flight_enriched& f, weir::context& context) -> weir::result<void> {
            auto& detector = found->detectors[f.origin];
            switch (detector.observe(f.delay_minutes)) {
              case disruption_change::none: return {};
              case disruption_change::disrupted:
                return context.publish(status,
                                       airport_disrupted{f.origin, detector.mean_minutes()});
              case disruption_change::recovered:
                return context.publish(status,
                                       airport_recovered{f.origin, detector.mean_minutes()});
            }
            return {};
          })
      .publishes_to(status);
  node.subscribe(
      "notifier", "airports.status", [found](const airport_disrupted&) { ++found->disrupted; },
      [found](const airport_recovered&) { ++found->recovered; });
  return {departures, malformed, found};
}

}  // namespace flights
