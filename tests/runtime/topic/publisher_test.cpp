// SPDX-License-Identifier: BSD-3-Clause
// The publisher: where events go, what their envelopes say, what refuses them, and what is left of
// an attempt that failed.
#include "weir/runtime/topic/publisher.hpp"

#include <map>
#include <stdexcept>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/tests/runtime/event/sample_events.hpp"

using namespace event_tests;
using weir::errc;
using weir::topic::publisher;
using weir::topic::settings;
using weir::topic::topic_options;

namespace {

const weir::timestamp noon{std::chrono::hours{12}};

std::shared_ptr<settings> topic_of(topic_options options) {
  auto topic = std::make_shared<settings>();
  topic->name = "orders";
  topic->options = options;
  return topic;
}

std::shared_ptr<settings> keyed_topic(topic_options options) {
  auto topic = topic_of(options);
  topic->set_key<named>(&named::name);
  return topic;
}

// Everything a partition would find now, by number.
std::vector<std::uint64_t> taken(publisher& from, std::uint32_t partition) {
  std::vector<std::uint64_t> numbers;
  const auto& ring = from.ring_of(partition);
  if (ring == nullptr) return numbers;
  for (auto some = ring->take(); !some.empty(); some = ring->take()) {
    for (const auto event : some) {
      numbers.push_back(event.is<named>() ? event.as<named>().number : event.as<numbered>().number);
    }
  }
  return numbers;
}

void commit(publisher& from) {
  from.accept();
  from.commit([](auto, const auto&, bool, bool) {});
}

// Builds, commits and takes one event; the batch keeps it alive.
template <class T>
weir::batch published(publisher& from, T value, const weir::topic::publish_options& options = {}) {
  const auto partition = from.build(std::move(value), noon, options);
  REQUIRE(partition);
  commit(from);
  return from.ring_of(*partition)->take();
}

using numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("an event without cause begins a conversation of its own", "[topic]") {
  publisher orders{topic_of({}), 1};
  const auto events = published(orders, numbered{7});
  const auto& header = events[0].header;
  CHECK(header.id);
  CHECK(header.correlation_id() == header.id);
  CHECK_FALSE(header.causation_id());
  CHECK(header.time == noon);
  CHECK(header.id.time() == noon);
  CHECK(header.key.empty());
  CHECK(header.type == &weir::type_of<numbered>());
}

TEST_CASE("an event may continue a conversation and name its cause", "[topic]") {
  publisher orders{topic_of({}), 1};
  const auto events =
      published(orders, numbered{7}, {.correlation_id = {1, 2}, .causation_id = {3, 4}});
  CHECK(events[0].header.correlation_id() == weir::event_id{1, 2});
  CHECK(events[0].header.causation_id() == weir::event_id{3, 4});
}

TEST_CASE("either of conversation and cause may be given alone, beside a key of any length",
          "[topic]") {
  publisher orders{topic_of({}), 1};
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string key(length, 'k');
    const auto begun = published(orders, numbered{1}, {.key = key, .causation_id = {3, 4}});
    CHECK(begun[0].header.key == key);
    CHECK(begun[0].header.correlation_id() == begun[0].header.id);
    CHECK(begun[0].header.causation_id() == weir::event_id{3, 4});
    const auto joined = published(orders, numbered{2}, {.key = key, .correlation_id = {1, 2}});
    CHECK(joined[0].header.key == key);
    CHECK(joined[0].header.correlation_id() == weir::event_id{1, 2});
    CHECK_FALSE(joined[0].header.causation_id());
  }
}

TEST_CASE("ids and times never go back, whatever the clock does", "[topic]") {
  publisher orders{topic_of({}), 1};
  const auto first = published(orders, numbered{1});
  REQUIRE(orders.build(numbered{2}, noon - std::chrono::hours{1}));
  commit(orders);
  const auto second = orders.ring_of(0)->take();
  CHECK(first[0].header.id < second[0].header.id);
  CHECK(second[0].header.time == noon);
}

TEST_CASE("a key comes from the topic's rule, outlives the value, and chooses the partition",
          "[topic]") {
  publisher orders{keyed_topic({.partitions = 7}), 1};
  const std::string customer = "a customer with a name too long for a short string";
  const auto built = orders.build(named{customer, 1}, noon);
  REQUIRE(built);
  CHECK(*built == weir::topic::partition_of(customer, 7));
  commit(orders);
  const auto events = orders.ring_of(*built)->take();
  CHECK(events[0].header.key == customer);
  CHECK(events[0].as<named>().name == customer);
}

TEST_CASE("a key given with the event overrides the rule", "[topic]") {
  publisher orders{keyed_topic({.partitions = 7, .ordered = true}), 1};
  const auto events = published(orders, named{"c-1", 1}, {.key = "c-2"});
  CHECK(events[0].header.key == "c-2");
}

TEST_CASE("an ordered topic refuses an event without a key", "[topic]") {
  publisher orders{keyed_topic({.ordered = true}), 1};
  const auto no_rule = orders.build(numbered{1}, noon);
  REQUIRE_FALSE(no_rule);
  CHECK(no_rule.error().code == errc::missing_key);
  CHECK(no_rule.error().message == "orders: event_tests.numbered@1 has no key");
  const auto empty = orders.build(named{"", 1}, noon);
  REQUIRE_FALSE(empty);
  CHECK(empty.error().code == errc::missing_key);
  CHECK(orders.build(numbered{1}, noon, {.key = "k"}));
}

TEST_CASE("events without a key are spread over all partitions in long runs", "[topic]") {
  publisher orders{topic_of({.partitions = 3}), 1};
  std::vector<std::uint32_t> order;
  std::map<std::uint32_t, int> counts;
  for (std::uint64_t i = 0; i < 384; ++i) {
    const auto partition = orders.build(numbered{i}, noon);
    REQUIRE(partition);
    ++counts[*partition];
    if (order.empty() || order.back() != *partition) order.push_back(*partition);
  }
  CHECK(order == std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2});
  CHECK(counts == std::map<std::uint32_t, int>{{0, 128}, {1, 128}, {2, 128}});
}

TEST_CASE("an event larger than the topic allows is refused with both numbers", "[topic]") {
  publisher orders{topic_of({.event_bytes_max = 200}), 1};
  const std::string text(500, 'x');
  const auto refused = orders.build(named{text, 1}, noon);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::event_too_large);
  CHECK(refused.error().message == "orders: event_tests.named@3 takes " +
                                       std::to_string(sizeof(named) + 501) +
                                       " bytes, the topic allows 200");
  CHECK(orders.build(named{std::string(100, 'x'), 1}, noon));
}

TEST_CASE("a key longer than keys may be is refused", "[topic]") {
  publisher orders{keyed_topic({}), 1};
  CHECK(orders.build(named{std::string(1024, 'k'), 1}, noon));
  const auto refused = orders.build(named{std::string(1025, 'k'), 1}, noon);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::event_too_large);
  CHECK(refused.error().message ==
        "orders: event_tests.named@3 has a key of 1025 bytes, the limit is 1024");
  CHECK(orders.build(named{"", 1}, noon, {.key = std::string(2000, 'k')}).error().code ==
        errc::event_too_large);
}

TEST_CASE("a full ring refuses with backpressure and leaves the value untouched", "[topic]") {
  publisher orders{topic_of({.batch_events_max = 1}), 1};
  for (std::uint64_t i = 0; i < 4; ++i) REQUIRE(orders.build(numbered{i}, noon));
  commit(orders);
  CHECK_FALSE(orders.has_room());
  named value{"a value long enough to be moved out of", 4};
  const auto before = value.name;
  const auto refused = orders.build(std::move(value), noon);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::backpressure);
  CHECK(refused.error().message == "orders: the ring of partition 0 is full");
  CHECK(value.name == before);
  CHECK_FALSE(orders.attempting());

  CHECK(orders.want_room());
  CHECK(taken(orders, 0) == numbers{0, 1, 2, 3});
  CHECK(orders.ring_of(0)->room_made());
  CHECK_FALSE(orders.want_room());
  REQUIRE(orders.build(std::move(value), noon));
  commit(orders);
  CHECK(taken(orders, 0) == numbers{4});
}

TEST_CASE("a large event takes a block of its own rather than being refused", "[topic]") {
  publisher orders{topic_of({.batch_events_max = 1, .event_bytes_max = 5000}), 1};
  for (std::uint64_t i = 0; i < 4; ++i) {
    REQUIRE(orders.build(named{std::string(4000, 'x'), i}, noon, {.key = std::string(1024, 'k')}));
  }
  commit(orders);
  CHECK(taken(orders, 0) == numbers{0, 1, 2, 3});
}

TEST_CASE("a publisher copies what it is given to keep and moves what it may have", "[topic]") {
  publisher orders{topic_of({}), 1};
  named value{"a value long enough to be moved out of", 1};
  REQUIRE(orders.build(value, noon));
  CHECK(value.name == "a value long enough to be moved out of");
  REQUIRE(orders.build(std::move(value), noon));
  CHECK(value.name.empty());
}

TEST_CASE("what an attempt built is forgotten with it, and what was accepted before stays",
          "[topic]") {
  publisher orders{keyed_topic({.partitions = 4}), 1};
  REQUIRE(orders.build(named{"a", 1}, noon));
  REQUIRE(orders.build(named{"c-7", 2}, noon));
  CHECK(orders.attempting());
  orders.accept();
  CHECK_FALSE(orders.attempting());
  REQUIRE(orders.build(named{"a", 3}, noon));
  REQUIRE(orders.build(named{"LAX", 4}, noon));
  orders.reject();
  CHECK_FALSE(orders.attempting());
  orders.commit([](auto, const auto&, bool, bool) {});
  CHECK(orders.published() == 2);
  CHECK(taken(orders, 3) == numbers{1});
  CHECK(taken(orders, 1) == numbers{2});
  CHECK(taken(orders, 2).empty());
}

TEST_CASE("commit names each partition that got something, and says when it is the first time",
          "[topic]") {
  publisher orders{keyed_topic({.partitions = 4, .batch_events_max = 2}), 1};
  struct call {
    std::uint32_t partition;
    bool first_use, half_full;
    bool operator==(const call&) const = default;
  };
  const auto calls = [&] {
    std::vector<call> seen;
    orders.accept();
    orders.commit([&](auto partition, const auto& ring, bool first_use, bool half_full) {
      CHECK(ring == orders.ring_of(partition));
      seen.push_back({partition, first_use, half_full});
    });
    return seen;
  };
  REQUIRE(orders.build(named{"a", 1}, noon));
  REQUIRE(orders.build(named{"c-7", 2}, noon));
  CHECK(calls() == std::vector<call>{{3, true, false}, {1, true, false}});
  CHECK(calls().empty());
  REQUIRE(orders.build(named{"a", 3}, noon));
  CHECK(calls() == std::vector<call>{{3, false, false}});
  // The second of four blocks is complete, and nobody has taken the first.
  REQUIRE(orders.build(named{"a", 4}, noon));
  REQUIRE(orders.build(named{"a", 5}, noon));
  CHECK(calls() == std::vector<call>{{3, false, true}});
  std::vector<std::uint32_t> known;
  orders.visit_rings([&](std::uint32_t partition, const auto&) { known.push_back(partition); });
  CHECK(known == std::vector<std::uint32_t>{1, 3});
}

TEST_CASE("a ring that only a rejected attempt touched is not announced", "[topic]") {
  publisher orders{topic_of({}), 1};
  REQUIRE(orders.build(numbered{1}, noon));
  orders.reject();
  int calls = 0;
  orders.commit([&](auto, const auto&, bool, bool) { ++calls; });
  orders.visit_rings([&](std::uint32_t, const auto&) { ++calls; });
  CHECK(calls == 0);
}

TEST_CASE("what a key function throws reaches the publisher's caller, and nothing was built",
          "[topic]") {
  auto topic = topic_of({});
  topic->set_key<named>([](const named&) -> std::string_view { throw std::runtime_error{"no"}; });
  publisher orders{topic, 1};
  CHECK_THROWS_AS(orders.build(named{"a", 1}, noon), std::runtime_error);
  CHECK_FALSE(orders.attempting());
  CHECK(orders.build(numbered{2}, noon));
}

TEST_CASE("accepted events arrive in order per key, rejected ones never", "[topic][property]") {
  rc::prop("random attempts over several partitions", [] {
    const auto partitions = *rc::gen::inRange<std::uint32_t>(1, 5);
    publisher orders{keyed_topic({.partitions = partitions, .batch_events_max = 4}), 1};
    std::map<std::uint32_t, numbers> expected, found;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> attempt;
    std::uint64_t next = 0;
    const auto drain = [&] {
      for (std::uint32_t i = 0; i < partitions; ++i) {
        for (const auto number : taken(orders, i)) found[i].push_back(number);
      }
    };
    for (int step = *rc::gen::inRange(0, 100); step > 0; --step) {
      const auto choice = *rc::gen::inRange(0, 10);
      if (choice < 5) {
        const auto key = std::string(1, *rc::gen::inRange('a', 'h'));
        const auto built = orders.build(named{key, next}, noon);
        if (built) attempt.emplace_back(*built, next);
        if (built) RC_ASSERT(*built == weir::topic::partition_of(key, partitions));
        ++next;
        continue;
      }
      if (choice < 7) {
        orders.reject();
      } else {
        orders.accept();
        for (const auto& [partition, number] : attempt) expected[partition].push_back(number);
        orders.commit([](auto, const auto&, bool, bool) {});
        if (choice == 9) drain();
      }
      attempt.clear();
    }
    orders.reject();
    drain();
    RC_ASSERT(found == expected);
  });
}
