// SPDX-License-Identifier: BSD-3-Clause
// A node that starts again with a clock that was set back: every simulated node begins at the same
// time, so a second one on the disk of one that ran for days is that.
#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/store/log_cursor.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/runtime/store/survey.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::store::memory_store;
using weir::testkit::test_node;

namespace {

constexpr weir::topic::topic_options durable{.durable = true, .keep_for = 1h};

struct shop {
  explicit shop(const std::shared_ptr<memory_store>& disk)
      : kit(3, quiet({.store = disk})), orders(orders_of(kit.node(), durable)) {
    kit.node().subscribe("billing", "orders",
                         [this](const order& one) { seen.push_back(one.number); });
    REQUIRE(kit.node().start());
  }
  void publish(std::int64_t from, std::int64_t end) {
    for (auto i = from; i < end; ++i) REQUIRE(orders.publish(order{i, "c"}));
    kit.run();
  }

  test_node kit;
  weir::topic_handle orders;
  std::vector<std::int64_t> seen;
};

weir::store::log_survey log_of(const memory_store& disk) {
  return weir::store::survey_logs(disk).value().at({"orders", 0});
}

}  // namespace

TEST_CASE("with its clock set back a node goes on in order, and deletes nothing before its time",
          "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  {
    shop before{disk};
    before.kit.advance(48h);
    before.publish(0, 10);
    REQUIRE(before.orders.publish_after(order{1'000, "c"}, 1h));
    before.kit.run();
    CHECK(before.seen.size() == 10);
    static_cast<void>(before.kit.node().stop(1s));
  }
  {
    shop after{disk};
    after.publish(10, 20);
    CHECK(after.seen == std::vector<std::int64_t>{10, 11, 12, 13, 14, 15, 16, 17, 18, 19});
    // Events that are older than an hour by the log's newest, but not by the clock.
    after.kit.advance(30min);
    CHECK(log_of(*disk).first == 0);
    // Those that were published before are from the future: they wait for it, and so does what is
    // behind them.
    after.kit.advance(24h);
    CHECK(log_of(*disk).first == 0);
    CHECK(after.seen.size() == 10);
    after.kit.advance(26h);
    CHECK(after.seen.size() == 11);
    CHECK(after.seen.back() == 1'000);
    CHECK(log_of(*disk).first >= 10);
    CHECK(log_of(*disk).end == 21);
    CHECK(after.kit.final_verdict() == "");
    REQUIRE(after.kit.node().stop(1h).drained);
  }
  // The log itself is whole, and ids are not given twice.
  weir::store::log_cursor cursor{disk, "orders", 0, 0};
  weir::codec::stored_event event;
  std::vector<weir::event_id> ids;
  while (cursor.next(event).value()) ids.push_back(event.id);
  REQUIRE(!ids.empty());
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}
