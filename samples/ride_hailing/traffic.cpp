// SPDX-License-Identifier: BSD-3-Clause
// One rider after the other, drivers in between.
#include "weir/samples/ride_hailing/traffic.hpp"

namespace ride_hailing {
namespace {

using namespace std::chrono_literals;
using weir::result;

class radio {
 public:
  radio(weir::publisher& to, const world& people, std::uint64_t& count)
      : to_(to), people_(people), count_(count) {}

  /// The next driver's turn.
  result<void> send() {
    const auto driver = next_ % people_.drivers();
    const auto at = people_.position_of(driver, next_++ / people_.drivers());
    if (auto sent = to_.publish(position_sent{driver, at.x, at.y}); !sent) return sent;
    ++count_;
    return {};
  }
  result<void> send(std::int64_t times) {
    for (; times > 0; --times) {
      if (auto sent = send(); !sent) return sent;
    }
    return {};
  }

 private:
  weir::publisher& to_;
  const world& people_;
  std::uint64_t& count_;
  std::int64_t next_ = 0;
};

/// One rider, from the quote to the request.
result<void> ride(std::int64_t number, weir::publisher& requests, const entrances& into, city& town,
                  traffic& seen) {
  const auto wanted = town.people.wish_of(number);
  ++seen.quotes;
  const auto quote =
      into.quotes->request(quote_wanted{number, metres_between(wanted.from, wanted.to)}, 10s);
  if (!quote) return weir::fail(quote.error());
  ++seen.quotes_answered;
  if (wanted.declines) {
    ++seen.declined;
    return {};
  }
  if (auto sent = requests.publish(ride_requested{number, quote->cents}); !sent) return sent;
  town.done.request(number);
  return {};
}

}  // namespace

std::pair<traffic, result<void>> pass(const day& today, weir::node& node, const entrances& into,
                                      city& town) {
  traffic seen;
  auto positions = node.make_publisher(into.positions);
  if (!positions) return {seen, weir::fail(std::move(positions.error()))};
  auto requests = node.make_publisher(into.requests);
  if (!requests) return {seen, weir::fail(std::move(requests.error()))};
  radio drivers{*positions, town.people, seen.positions};
  const auto quarter = std::max<std::int64_t>(today.rides / 4, 1);
  for (std::int64_t number = 1; number <= today.rides && !today.over(); ++number) {
    const bool tunnel = number % quarter == 0 && number < today.rides;
    const auto turns =
        positions_per_ride + (tunnel ? positions_per_tunnel * town.people.drivers() : 0);
    if (auto sent = drivers.send(turns); !sent) return {seen, sent};
    if (auto done = ride(number, *requests, into, town, seen); !done) return {seen, done};
    today.pause();
  }
  return {seen, {}};
}

weir::drain_report finish(weir::node& node, const city& town, weir::duration patience) {
  const auto until = node.now() + patience;
  for (;;) {
    // Draining does not wait for timers, and every open ride has one or an event under way.
    auto report = node.drain(1s);
    const bool done = report.drained && report.scheduled == 0 && town.slips.open() == 0;
    if (done || node.now() >= until || !node.sleep(5ms)) return node.drain(1s);
  }
}

}  // namespace ride_hailing
