// SPDX-License-Identifier: BSD-3-Clause
// Everything that happens to a ride until it ends comes in one topic, `dispatch`, under its number:
// its request, answers, timeouts, the end of the trip. Handlers are coroutines: while one ride
// waits for the router, others go on, but never two events of one ride.
#include "weir/samples/ride_hailing/dispatch.hpp"

#include <algorithm>

#include "weir/samples/ride_hailing/events.hpp"

namespace ride_hailing {
namespace {

using namespace std::chrono_literals;
using weir::duration;
using weir::errc;
using weir::fail;
using weir::result;
using weir::task;
using weir::task_context;

/// A group: they share the partitions of `dispatch`.
constexpr int dispatchers = 2;
constexpr std::size_t candidates_max = 3;

struct route_wanted {
  std::vector<candidate> who;
  point from, to;
};
/// Seconds to the rider, in the order of the candidates.
using route_times = std::vector<std::int64_t>;
using router_handle = weir::service_handle<route_wanted, route_times>;

result<route_times> route(const route_wanted& asked) {
  if (!in_city(asked.to)) return fail(errc::not_found, "no road leads there");
  route_times times;
  for (const auto& one : asked.who) {
    // Downtown is slow.
    const auto slow = std::abs(one.at.x - city_metres / 2) < city_metres / 6;
    times.push_back(metres_between(one.at, asked.from) / (slow ? 4 : 9));
  }
  return times;
}

/// Copied into every handler.
struct office {
  std::shared_ptr<city> town;
  weir::topic_handle dispatch, offers, rides;
  router_handle router;
};

/// The nearest by time of those who are still free; `nobody` if none is.
std::int64_t reserve(fleet& drivers, const std::vector<candidate>& who, const route_times& times) {
  std::vector<std::size_t> order(who.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](auto one, auto other) {
    return times[one] != times[other] ? times[one] < times[other] : one < other;
  });
  // While the router thought, other rides may have taken some of them.
  for (const auto index : order) {
    if (drivers.reserve(who[index].driver)) return who[index].driver;
  }
  return nobody;
}

/// Begins a round: asks the router, offers the ride to a driver, sets the timer for the answer.
task<result<void>> ask_a_driver(const office& desk, std::int64_t ride, task_context& context) {
  auto& town = *desk.town;
  const auto wanted = town.people.wish_of(ride);
  const route_wanted question{
      town.drivers.nearest_free(wanted.from, candidates_max, town.slips.asked(ride)), wanted.from,
      wanted.to};
  co_await context.sleep(town.times.router);
  const auto times = co_await context.ask(desk.router, question, 5s);
  if (!times) co_return fail(times.error());

  const auto round = town.slips.begin_round(ride);
  auto timer = desk.dispatch;
  auto kept = timer.publish_after(offer_timed_out{ride, round}, town.times.patience);
  if (!kept) co_return fail(std::move(kept.error()));
  town.answers.keep(ride, std::move(*kept));
  const auto driver = reserve(town.drivers, question.who, *times);
  town.slips.ask(ride, driver);
  if (driver == nobody) {
    // The timer runs all the same: perhaps somebody is free in the next round.
    ++town.counts.nobody_free;
    co_return result<void>{};
  }
  ++town.counts.offers;
  context.publish(desk.offers, ride_offered{ride, driver, round});
  co_return result<void>{};
}

/// Frees whoever has the ride.
void release(city& town, std::int64_t ride) {
  const auto driver = town.slips.driver_of(ride);
  if (driver == nobody) return;
  town.slips.ask(ride, nobody);
  town.drivers.release(driver);
}

task<result<void>> accepted(const office& desk, const offer_accepted& answer,
                            task_context& context) {
  auto& town = *desk.town;
  const auto ride = answer.ride;
  if (!town.slips.accept(ride, answer.round)) {
    ++town.counts.too_late;
    co_return result<void>{};
  }
  ++town.counts.accepted;
  if (town.answers.cancel(ride)) ++town.counts.timers_cancelled;
  if (town.people.wish_of(ride).cancels) {
    release(town, ride);
    town.slips.close(ride);
    context.publish(desk.rides, ride_cancelled{ride});
    co_return result<void>{};
  }
  const auto takes = town.times.trip.count() / 4 +
                     static_cast<std::int64_t>(town.people.haste(ride, 0) *
                                               static_cast<double>(town.times.trip.count()));
  auto end = desk.dispatch;
  auto kept = end.publish_after(trip_ended{ride}, duration{takes});
  if (!kept) co_return fail(std::move(kept.error()));
  co_return result<void>{};
}

task<result<void>> timed_out(const office& desk, const offer_timed_out& late,
                             task_context& context) {
  auto& town = *desk.town;
  const auto ride = late.ride;
  const auto step = town.slips.time_out(ride, late.round);
  if (step == next_step::ignore) co_return result<void>{};
  ++town.counts.timed_out;
  release(town, ride);
  if (step == next_step::ask_another) co_return co_await ask_a_driver(desk, ride, context);
  town.answers.cancel(ride);
  town.slips.close(ride);
  context.publish(desk.rides, ride_expired{ride, rounds_max});
  co_return result<void>{};
}

task<result<void>> arrived(const office& desk, const trip_ended& trip, task_context& context) {
  auto& town = *desk.town;
  const auto driver = town.slips.driver_of(trip.ride);
  release(town, trip.ride);
  if (town.slips.close(trip.ride)) {
    context.publish(desk.rides, ride_completed{trip.ride, driver});
  }
  co_return result<void>{};
}

void declare_dispatchers(weir::node& node, const office& desk) {
  for (int number = 1; number <= dispatchers; ++number) {
    node.subscribe(
            "dispatch-" + std::to_string(number), "dispatch",
            [desk](const ride_requested& asked, task_context& context) -> task<result<void>> {
              return ask_a_driver(desk, asked.ride, context);
            },
            [desk](const offer_accepted& answer, task_context& context) -> task<result<void>> {
              return accepted(desk, answer, context);
            },
            [desk](const offer_timed_out& late, task_context& context) -> task<result<void>> {
              return timed_out(desk, late, context);
            },
            [desk](const trip_ended& trip, task_context& context) -> task<result<void>> {
              return arrived(desk, trip, context);
            })
        .group("dispatch")
        .concurrency(weir::per_key{desk.town->times.at_once})
        .retry(3, weir::exponential(1ms, 8ms))
        .publishes_to(desk.offers, desk.rides);
  }
}

/// Drivers' phones: some answer, some too late, some never. Answers take their time.
void declare_phones(weir::node& node, const office& desk) {
  node.subscribe("phones", "offers", [desk](const ride_offered& offer) -> result<void> {
    const auto& town = *desk.town;
    const auto how = town.people.reaction_to(offer.ride, offer.round);
    if (how == reaction::ignores) return {};
    const auto thinks = duration{static_cast<std::int64_t>(
        town.people.haste(offer.ride, offer.round) *
        static_cast<double>(town.times.reaction.count()))};
    const auto after = how == reaction::accepts ? thinks : town.times.patience + 10ms;
    auto answers = desk.dispatch;
    auto sent = answers.publish_after(offer_accepted{offer.ride, offer.driver, offer.round}, after);
    if (!sent) return fail(std::move(sent.error()));
    return {};
  });
}

}  // namespace

weir::topic_handle declare_dispatch(weir::node& node, const weir::topic::topic_options& options,
                                    const std::shared_ptr<city>& town) {
  auto dispatch = node.topic("dispatch", options);
  auto offers = node.topic("offers", options);
  auto rides = node.topic("rides", options);
  dispatch.key<ride_requested>(&ride_requested::ride);
  dispatch.key<offer_accepted>(&offer_accepted::ride);
  dispatch.key<offer_timed_out>(&offer_timed_out::ride);
  dispatch.key<trip_ended>(&trip_ended::ride);
  offers.key<ride_offered>(&ride_offered::ride);
  rides.key<ride_completed>(&ride_completed::ride);
  rides.key<ride_cancelled>(&ride_cancelled::ride);
  rides.key<ride_expired>(&ride_expired::ride);
  const office desk{town, dispatch, offers, rides, node.service("router", &route)};
  declare_dispatchers(node, desk);
  declare_phones(node, desk);
  return dispatch;
}

}  // namespace ride_hailing
