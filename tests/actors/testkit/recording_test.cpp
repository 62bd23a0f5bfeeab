// SPDX-License-Identifier: BSD-3-Clause
// Recorded handlers behave like the ones inside, and events out of order are noticed.
#include "weir/actors/testkit/recording.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/topic/publisher.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using weir::testkit::recorded;
using weir::testkit::recording;

namespace {

void plain(const order&) {}

/// One partition's batch of orders of one customer, from one publisher.
weir::batch orders_made(std::int64_t count) {
  auto settings = std::make_shared<weir::topic::settings>();
  settings->name = "orders";
  settings->set_key<order>(&order::customer);
  weir::topic::publisher from{settings, 1};
  for (std::int64_t i = 0; i < count; ++i) {
    REQUIRE(from.build(order{i, "c"}, weir::timestamp{std::chrono::hours{1}}));
    from.accept();
  }
  from.commit([](auto...) {});
  return from.ring_of(0)->take();
}

void call(recording& seen, weir::context& where, const weir::batch& events, std::uint32_t index,
          unsigned delivery = 1) {
  where.open(events, {.partition = 0, .delivery_count = delivery, .attempt = 1, .now = {}});
  where.at(index);
  seen.called("billing", where);
}

}  // namespace

TEST_CASE("a recorded handler is a handler of the same event", "[testkit]") {
  auto seen = std::make_shared<recording>();
  const auto fails = [](const order&, weir::context&) -> weir::result<void> {
    return weir::fail(weir::errc::rejected, "no");
  };
  static_assert(std::is_same_v<weir::delivery::handled_type<recorded<decltype(&plain)>>, order>);
  weir::context where{1};
  const auto events = orders_made(1);
  where.open(events, {.partition = 0, .delivery_count = 1, .attempt = 1, .now = {}});
  recorded inner{seen, "billing", fails};
  CHECK(inner(order{}, where).error().code == weir::errc::rejected);
  recorded function{seen, "audit", &plain};
  function(order{}, where);
  CHECK(seen->lines().size() == 2);
  CHECK(seen->order().ok());
}

TEST_CASE("nothing is said of the order of events that were delivered again later", "[testkit]") {
  recording seen;
  weir::context where{1};
  const auto events = orders_made(3);
  call(seen, where, events, 2);
  where.open(events, {.partition = 0, .delivery_count = 1, .attempt = 1, .now = {},
                      .overtaken = true});
  where.at(0);
  seen.called("billing", where);
  CHECK(seen.order().ok());
  call(seen, where, events, 1);
  CHECK_FALSE(seen.order().ok());
}

TEST_CASE("events of one publisher and key must come in the order they were made", "[testkit]") {
  recording seen;
  weir::context where{1};
  const auto events = orders_made(3);
  call(seen, where, events, 0);
  call(seen, where, events, 1);
  SECTION("as they do") { call(seen, where, events, 2); }
  SECTION("the last again, because it ended its subscriber") { call(seen, where, events, 1, 2); }
  CHECK(seen.order().ok());
  SECTION("an earlier one as new is noticed") {
    call(seen, where, events, 0);
    CHECK_FALSE(seen.order().ok());
  }
  SECTION("the same one as new is noticed") {
    call(seen, where, events, 1);
    CHECK_FALSE(seen.order().ok());
  }
}
