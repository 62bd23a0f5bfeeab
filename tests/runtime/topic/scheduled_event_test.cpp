// SPDX-License-Identifier: BSD-3-Clause
// An event that waited is the event that was given: value, key, conversation; and its mistakes are
// known at once.
#include "weir/runtime/topic/scheduled_event.hpp"

#include <catch2/catch.hpp>

using namespace weir::topic;
using weir::errc;

namespace scheduled_event_tests {

struct reminder {
  std::int64_t number = 0;
  std::string customer;
};
WEIR_EVENT(reminder, "test.reminder", 1, (number, customer))

std::shared_ptr<settings> reminders() {
  auto made = std::make_shared<settings>();
  made->name = "reminders";
  made->index = 3;
  made->options = {.ordered = true, .event_bytes_max = 256};
  made->set_key<reminder>(&reminder::customer);
  return made;
}

/// Publishes it and gives the partition's side.
weir::batch published(scheduled_event& event, const std::shared_ptr<settings>& topic) {
  publisher to{topic, 7};
  REQUIRE(event.build(to, weir::timestamp{std::chrono::seconds{5}}));
  to.accept();
  weir::batch taken;
  to.commit([&](std::uint32_t, const std::shared_ptr<ring>& from, bool, bool) {
    taken = from->take();
  });
  REQUIRE(taken.size() == 1);
  return taken;
}

TEST_CASE("a scheduled event keeps its value and is stamped when it is published", "[topic]") {
  const auto topic = reminders();
  reminder value{7, "a customer with a name that needs the heap"};
  auto made = make_scheduled(*topic, std::move(value), no_options);
  REQUIRE(made);
  CHECK(value.customer.empty());
  CHECK((*made)->topic() == 3);
  CHECK((*made)->bytes() > sizeof(reminder) + 40);
  const auto events = published(**made, topic);
  CHECK(events[0].as<reminder>().number == 7);
  CHECK(events[0].header.key == "a customer with a name that needs the heap");
  CHECK(events[0].header.time == weir::timestamp{std::chrono::seconds{5}});
}

TEST_CASE("a scheduled event keeps its own key and its conversation", "[topic]") {
  const auto topic = reminders();
  const weir::event_id conversation{.high = 1, .low = 2}, cause{.high = 3, .low = 4};
  auto made = [&] {
    const std::string passing = "a key that is gone when the event is published";
    return make_scheduled(*topic, reminder{7, "c"}, {.key = passing,
                                                     .correlation_id = conversation,
                                                     .causation_id = cause});
  }();
  REQUIRE(made);
  const auto events = published(**made, topic);
  CHECK(events[0].header.key == "a key that is gone when the event is published");
  CHECK(events[0].header.correlation_id() == conversation);
  CHECK(events[0].header.causation_id() == cause);
}

TEST_CASE("what the topic would refuse later is refused now", "[topic]") {
  const auto topic = reminders();
  CHECK(make_scheduled(*topic, reminder{1, ""}, no_options).error().code == errc::missing_key);
  reminder large{1, std::string(300, 'x')};
  const auto refused = make_scheduled(*topic, std::move(large), no_options);
  CHECK(refused.error().code == errc::event_too_large);
  CHECK(large.customer.size() == 300);
  const std::string long_key(2000, 'k');
  CHECK(make_scheduled(*topic, reminder{1, "c"}, {.key = long_key}).error().code ==
        errc::event_too_large);
  CHECK(make_scheduled(*topic, reminder{1, ""}, {.key = "k"}));
}

}  // namespace scheduled_event_tests
