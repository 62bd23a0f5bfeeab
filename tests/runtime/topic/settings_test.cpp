// SPDX-License-Identifier: BSD-3-Clause
// Key rules of every shape, and the ring that follows from a topic's options.
#include "weir/runtime/topic/settings.hpp"

#include <array>
#include <limits>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/tests/runtime/event/sample_events.hpp"

namespace topic_tests {
namespace {

struct order {
  std::string customer;
  std::int64_t number = 0;
  std::uint64_t large = 0;
  std::int8_t small = 0;
  std::string_view view{};

  const std::string& customer_name() const { return customer; }
};
WEIR_EVENT(order, "topic_tests.order", 1, (customer, number, large, small, view))

struct prefixed {
  std::size_t length;
  std::string_view operator()(const order& value) const {
    return std::string_view{value.customer}.substr(0, length);
  }
};

std::string_view free_function(const order& value) { return value.customer; }

}  // namespace
}  // namespace topic_tests

using topic_tests::order;
using weir::topic::settings;

namespace {

template <class Reader>
std::string key_by(Reader reader, const order& value) {
  settings topic;
  topic.set_key<order>(std::move(reader));
  const auto* rule = topic.key_of(weir::type_of<order>());
  REQUIRE(rule != nullptr);
  std::array<char, weir::topic::key_scratch_bytes> scratch{};
  return std::string{rule->extract(rule->rule.get(), &value, scratch)};
}

}  // namespace

TEST_CASE("a key is read from a member, a function or an object", "[topic]") {
  const order value{.customer = "c-7", .view = "seen"};
  CHECK(key_by(&order::customer, value) == "c-7");
  CHECK(key_by(&order::view, value) == "seen");
  CHECK(key_by(&order::customer_name, value) == "c-7");
  CHECK(key_by(topic_tests::free_function, value) == "c-7");
  CHECK(key_by(topic_tests::prefixed{2}, value) == "c-");
  CHECK(key_by([](const order& from) -> const std::string& { return from.customer; }, value) ==
        "c-7");
}

TEST_CASE("an integer is a key in decimal", "[topic]") {
  order value;
  value.number = std::numeric_limits<std::int64_t>::min();
  value.large = std::numeric_limits<std::uint64_t>::max();
  value.small = -5;
  CHECK(key_by(&order::number, value) == "-9223372036854775808");
  CHECK(key_by(&order::large, value) == "18446744073709551615");
  CHECK(key_by(&order::small, value) == "-5");
  CHECK(key_by([](const order& from) { return from.number + 1; }, value) == "-9223372036854775807");
}

TEST_CASE("only the types that were given a rule have one", "[topic]") {
  settings topic;
  CHECK(topic.key_of(weir::type_of<order>()) == nullptr);
  topic.set_key<order>(&order::customer);
  CHECK(topic.key_of(weir::type_of<order>()) != nullptr);
  CHECK(topic.key_of(weir::type_of<event_tests::numbered>()) == nullptr);
  CHECK(topic.key_of(weir::type_of<event_tests::named>()) == nullptr);
}

TEST_CASE("the latest rule for a type counts", "[topic]") {
  settings topic;
  topic.set_key<order>(&order::customer);
  topic.set_key<order>(&order::number);
  const order value{.customer = "c-7", .number = 12};
  std::array<char, weir::topic::key_scratch_bytes> scratch{};
  const auto* rule = topic.key_of(weir::type_of<order>());
  CHECK(rule->extract(rule->rule.get(), &value, scratch) == "12");
}

TEST_CASE("a topic's limits are those it was given", "[topic]") {
  settings topic;
  topic.options.ring_events = 17;
  topic.options.ring_bytes = 1000;
  CHECK(topic.limits().retained_events == 0);
  topic.options.retained_events = 7;
  CHECK(topic.limits().retained_events == 7);
  CHECK(topic.limits().ring_events == 17);
  CHECK(topic.limits().ring_bytes == 1000);
}

TEST_CASE("any allowed event with any allowed key fits an empty ring", "[topic][property]") {
  rc::prop("the arena is large enough, blocks are as long as batches may be", [] {
    settings topic;
    topic.options.batch_events_max = *rc::gen::inRange<std::uint32_t>(1, 2000);
    topic.options.event_bytes_max = *rc::gen::inRange<std::size_t>(128, 1'000'000);
    const auto limits = topic.publisher_ring();
    RC_ASSERT(limits.block.events == topic.options.batch_events_max);
    weir::topic::ring events{limits};
    const auto place =
        events.reserve(topic.options.event_bytes_max, 64, weir::topic::key_bytes_max);
    RC_ASSERT((place.payload != nullptr));
  });
}
