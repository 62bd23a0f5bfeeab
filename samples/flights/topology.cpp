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

void declare_statistics(weir::node& node, const std::shared_ptr<tallies>& counted, bool kept) {
  node.subscribe("airport-statistics", "flights.enriched",
                 [counted](const flight_enriched& f, weir::context& context) {
                   return counted->delays.update(
                       context, f.origin.bits(),
                       [&](delay_summary& delays) { delays.add(f.delay_minutes); });
                 })
      .transactional(kept);
  node.subscribe("departures-per-day", "flights.enriched",
                 [counted](const flight_enriched& f, weir::context& context) {
                   const auto day = std::chrono::floor<std::chrono::days>(f.at);
                   return counted->departures.update(
                       context, day.time_since_epoch().count(),
                       [](std::uint64_t& departures) { ++departures; });
                 })
      .transactional(kept);
}

void declare_disruptions(weir::node& node, const weir::topic_handle& status,
                         const std::shared_ptr<tallies>& counted, bool kept) {
  node.subscribe(
          "disruption-detector", "flights.enriched",
          [counted, status](const flight_enriched& f,
                            weir::context& context) -> weir::result<void> {
            auto change = disruption_change::none;
            double mean = 0;
            auto observed = counted->detectors.update(
                context, f.origin.bits(), [&](disruption_detector& airport) {
                  change = airport.observe(f.delay_minutes);
                  mean = airport.mean_minutes();
                });
            if (!observed || change == disruption_change::none) return observed;
            if (change == disruption_change::disrupted) {
              return context.publish(status, airport_disrupted{f.origin, mean});
            }
            return context.publish(status, airport_recovered{f.origin, mean});
          })
      .publishes_to(status)
      .transactional(kept);
  const auto count = [counted](disruption_change change, weir::context& context) {
    return counted->changes.update(context, static_cast<std::uint32_t>(change),
                                   [](std::uint64_t& times) { ++times; });
  };
  node.subscribe(
          "notifier", "airports.status",
          [count](const airport_disrupted&, weir::context& context) {
            return count(disruption_change::disrupted, context);
          },
          [count](const airport_recovered&, weir::context& context) {
            return count(disruption_change::recovered, context);
          })
      .transactional(kept);
}

}  // namespace

topology declare(weir::node& node, std::shared_ptr<const airport_table> airports,
                 std::uint32_t partitions, bool kept) {
  const weir::topic::topic_options keyed{
      .partitions = partitions, .ordered = true, .durable = kept};
  auto departures = node.topic("flights", keyed);
  departures.key<flight_departed>([](const flight_departed& f) { return f.origin.view(); });
  auto malformed = node.topic("flights.malformed", {.durable = kept});
  malformed.carries<record_malformed>();
  auto enriched = node.topic("flights.enriched", keyed);
  enriched.key<flight_enriched>([](const flight_enriched& f) { return f.origin.view(); });
  auto status = node.topic("airports.status", {.ordered = true, .durable = kept});
  status.key<airport_disrupted>([](const airport_disrupted& a) { return a.airport.view(); });
  status.key<airport_recovered>([](const airport_recovered& a) { return a.airport.view(); });

  auto counted = std::make_shared<tallies>(kept);

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
                               .check = check_delay})
      .transactional(kept);
  // [enrich]
  node.subscribe("intake", "flights.malformed",
                 [](const record_malformed& bad) -> weir::result<void> {
                   return weir::fail(weir::errc::malformed,
                                     "record " + std::to_string(bad.record) +
                                         (bad.field.empty() ? "" : ", field " + bad.field) + ": " +
                                         bad.reason);
                 });
  declare_statistics(node, counted, kept);
  declare_disruptions(node, status, counted, kept);
  return {departures, malformed, counted};
}

weir::result<findings> collect(weir::node& node, const tallies& counted) {
  findings found;
  auto seen = counted.delays.visit(node, [&](std::uint32_t airport, const delay_summary& delays) {
    found.airports.add(iata::of(airport), delays);
    found.enriched += static_cast<std::uint64_t>(delays.count);
  });
  if (!seen) return weir::fail(std::move(seen.error()));
  seen = counted.departures.visit(node, [&](std::int64_t day, std::uint64_t departures) {
    found.days.add(std::chrono::sys_days{std::chrono::days{day}}, departures);
  });
  if (!seen) return weir::fail(std::move(seen.error()));
  seen = counted.changes.visit(node, [&](std::uint32_t change, std::uint64_t times) {
    const bool began = change == static_cast<std::uint32_t>(disruption_change::disrupted);
    (began ? found.disrupted : found.recovered) += times;
  });
  if (!seen) return weir::fail(std::move(seen.error()));
  return found;
}

}  // namespace flights
