// SPDX-License-Identifier: BSD-3-Clause
// The check: a catalogue of single mistakes, and the property that any set of them is reported
// whole.
#include "weir/runtime/topology/check.hpp"

#include <algorithm>
#include <functional>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/runtime/topology/bound.hpp"

#include "shop.hpp"

using namespace weir::topology;
using weir::errc;

namespace {

struct mistake {
  errc code;
  std::string message;
  std::function<void(description&)> make;
};

// Mistakes that do not touch each other, so that any of them can be made together.
const std::vector<mistake>& catalogue() {
  static const std::vector<mistake> all{
      {errc::invalid_name, "topology 'The Shop' has a byte outside a-z 0-9 _ - at byte 0",
       [](description& d) { d.name = "The Shop"; }},
      {errc::invalid_argument, "topology: dead_letters_max 0 is not in 1..10000000",
       [](description& d) { d.dead_letters_max = 0; }},
      {errc::invalid_argument, "topology: dead_letter_bytes_max 1 is not in 256..67108864",
       [](description& d) { d.dead_letter_bytes_max = 1; }},
      {errc::invalid_argument, "topic orders.eu: partitions 1025 is not in 1..1024",
       [](description& d) {
         d.topics[0].partitions = 1025;
         d.topics[0].ring_bytes = 64 * kib;
         d.topics[0].event_bytes_max = 128;
         d.memory_budget_bytes = 100 * gib;
       }},
      {errc::invalid_argument, "topic orders.eu: batch_events_max 0 is not in 1..65536",
       [](description& d) { d.topics[0].batch_events_max = 0; }},
      {errc::invalid_argument, "topic orders.eu: ring_events 0 is not in 1..16777216",
       [](description& d) { d.topics[0].ring_events = 0; }},
      {errc::invalid_argument, "topic invoices: event_bytes_max 127 is not in 128..67108864",
       [](description& d) { d.topics[1].event_bytes_max = 127; }},
      {errc::missing_key, "topic orders.eu asks for order, but order.paid@2 has no key",
       [](description& d) { d.topics[0].keyed_types.pop_back(); }},
      {errc::already_exists, "topic invoices is declared twice",
       [](description& d) {
         d.topics.push_back(d.topics[1]);
         d.topics.back().event_bytes_max = 128;
       }},
      {errc::no_handler, "subscription billing has no handler for order.paid@2 of topic orders.eu",
       [](description& d) { d.subscriptions[0].handles.pop_back(); }},
      {errc::already_exists, "subscription billing has two handlers for order.created@1",
       [](description& d) {
         auto& handles = d.subscriptions[0].handles;
         handles.insert(handles.begin(), "order.created@1");
       }},
      {errc::unknown_topic,
       "subscription billing publishes to topic refunds, which is not declared",
       [](description& d) { d.subscriptions[0].publishes_to.emplace_back("refunds"); }},
      {errc::invalid_argument, "subscription audit: credit_batches 0 is not in 1..1024",
       [](description& d) { d.subscriptions[1].credit_batches = 0; }},
      {errc::invalid_argument, "subscription audit: time_to_live 0s is not above zero",
       [](description& d) { d.subscriptions[1].time_to_live = weir::duration::zero(); }},
      {errc::invalid_argument, "subscription billing: time_to_live -5ms is not above zero",
       [](description& d) { d.subscriptions[0].time_to_live = std::chrono::milliseconds{-5}; }},
      {errc::unknown_topic, "subscription stock subscribes to topic stock, which is not declared",
       [](description& d) { d.subscriptions.push_back({"stock", "stock", {}, 4, {}, false}); }},
      {errc::unknown_topic, "subscription ship: pattern ship.* matches no topic",
       [](description& d) { d.subscriptions.push_back({"ship", "ship.*", {}, 4, {}, false}); }},
      {errc::invalid_name, "subscription odd: pattern at byte 0: '>' must be the last token",
       [](description& d) { d.subscriptions.push_back({"odd", ">.a", {}, 4, {}, false}); }},
      {errc::already_exists, "subscription audit is declared twice",
       [](description& d) { d.subscriptions.push_back({"audit", ">", {}, 1, {}, true}); }},
      {errc::unknown_topic, "publisher cron publishes to topic timers, which is not declared",
       [](description& d) { d.publishers.push_back({"cron", "timers"}); }},
      {errc::already_exists, "publisher web is declared twice",
       [](description& d) { d.publishers.push_back({"web", "invoices"}); }},
  };
  return all;
}

std::vector<std::string> lines(const description& topology) {
  std::vector<std::string> found;
  for (const auto& one : check(topology)) found.push_back(to_string(one));
  std::sort(found.begin(), found.end());
  return found;
}

std::string line(const mistake& one) { return to_string(weir::error{one.code, one.message}); }

}  // namespace

TEST_CASE("a topology without mistakes passes", "[topology]") { CHECK(lines(shop()).empty()); }

TEST_CASE("each mistake is reported by name, and alone", "[topology]") {
  for (const auto& one : catalogue()) {
    auto topology = shop();
    one.make(topology);
    CHECK(lines(topology) == std::vector<std::string>{line(one)});
  }
}

TEST_CASE("any set of mistakes is reported whole and at once", "[topology][property]") {
  rc::prop("all of them, nothing else", [] {
    auto topology = shop();
    std::vector<std::string> expected;
    for (const auto& one : catalogue()) {
      if (!*rc::gen::arbitrary<bool>()) continue;
      one.make(topology);
      expected.push_back(line(one));
    }
    std::sort(expected.begin(), expected.end());
    RC_ASSERT(lines(topology) == expected);
  });
}

TEST_CASE("huge numbers are refused and neither overflow nor hide the budget", "[topology]") {
  auto topology = shop();
  topology.topics[0].ring_bytes = ~std::uint64_t{0};
  const auto found = lines(topology);
  REQUIRE(found.size() == 2);
  CHECK(found[0] ==
        "invalid_argument: topic orders.eu: ring_bytes 18446744073709551615 is not in "
        "65536..68719476736");
  CHECK(found[1] ==
        "out_of_memory_budget: topology shop may need 17179869184 GiB, its budget is 1 GiB");
}

TEST_CASE("a bound of one byte over the budget is refused, the budget itself is not",
          "[topology]") {
  auto topology = shop();
  topology.memory_budget_bytes = bound_of(topology).total_bytes;
  CHECK(lines(topology).empty());
  --topology.memory_budget_bytes;
  REQUIRE(check(topology).size() == 1);
  CHECK(check(topology).front().code == errc::out_of_memory_budget);
}

TEST_CASE("scheduled events have their limits, and none is allowed", "[topology]") {
  auto topology = shop();
  topology.scheduled_bytes_max = 64 * gib + 1;
  CHECK(lines(topology) ==
        std::vector<std::string>{"invalid_argument: topology: scheduled_bytes_max 68719476737 is "
                                 "not in 0..68719476736"});
  topology.scheduled_bytes_max = 1000;
  topology.scheduled_max = 100'000'001;
  REQUIRE_FALSE(lines(topology).empty());
  CHECK(lines(topology)[0] ==
        "invalid_argument: topology: scheduled_max 100000001 is not in 0..100000000");
  topology.scheduled_max = 0;
  CHECK(lines(topology).empty());
}

TEST_CASE("an event that cannot fit its ring is a mistake", "[topology]") {
  auto topology = shop();
  topology.topics[1].ring_bytes = 64 * kib;
  topology.topics[1].event_bytes_max = 64 * kib + 1;
  CHECK(lines(topology) ==
        std::vector<std::string>{"invalid_argument: topic invoices: an event of event_bytes_max "
                                 "65537 does not fit ring_bytes 65536"});
}

TEST_CASE("a topic may retain all that its ring holds, and the bound stays", "[topology]") {
  auto topology = shop();
  const auto before = bound_of(topology).total_bytes;
  topology.topics[0].retained_events = topology.topics[0].ring_events;
  CHECK(lines(topology).empty());
  CHECK(bound_of(topology).total_bytes == before);
  ++topology.topics[0].retained_events;
  CHECK(lines(topology) ==
        std::vector<std::string>{
            "invalid_argument: topic orders.eu: retained_events 65537 is not in 0..65536"});
}

TEST_CASE("a flood of parts is one line", "[topology]") {
  auto topology = shop();
  topology.publishers.resize(70'000);
  CHECK(lines(topology) ==
        std::vector<std::string>{"invalid_argument: topology: 70000 publishers, at most 65536"});
  topology.publishers.clear();
  topology.topics.resize(4097);
  topology.subscriptions.resize(300'000);
  CHECK(lines(topology) ==
        std::vector<std::string>{
            "invalid_argument: topology: 300000 subscriptions, at most 262144",
            "invalid_argument: topology: 4097 topics, at most 4096"});
}

TEST_CASE("a topology of nothing but a name passes", "[topology]") {
  description empty;
  empty.name = "empty";
  CHECK(lines(empty).empty());
}
