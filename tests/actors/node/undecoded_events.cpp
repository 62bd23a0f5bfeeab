// SPDX-License-Identifier: BSD-3-Clause
// Stored events that the program cannot decode any more, through whole nodes: each is a dead letter
// with its bytes, and what lies behind it is handled.
#include <catch2/catch.hpp>

#include "weir/actors/node/custom.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::errc;
using weir::store::memory_store;
using weir::testkit::test_node;

namespace {

using numbers = std::vector<std::int64_t>;
using disk_ptr = std::shared_ptr<memory_store>;

weir::topic::topic_options stored_as(weir::payload_format format) {
  return {.batch_events_max = 4, .ring_events = 16, .durable = true, .stored_as = format};
}

/// Twenty orders, and an invoice after every fourth.
disk_ptr filled(const weir::topic::topic_options& options) {
  const auto disk = std::make_shared<memory_store>();
  test_node kit{3, quiet({.store = disk})};
  auto orders = orders_of(kit.node(), options);
  orders.key<invoice>(&invoice::customer);
  for (std::int64_t i = 0; i < 20; ++i) {
    REQUIRE(orders.publish(order{i, "c"}));
    if (i % 4 == 3) REQUIRE(orders.publish(invoice{i, "c"}));
    if (i % 3 == 0) kit.run();
  }
  REQUIRE(kit.node().stop(1h).drained);
  return disk;
}

/// Changes the bytes of every record of the log, sealed anew: as another program would have written
/// them.
void rewrite(memory_store& disk, const std::string& from, const std::string& to) {
  weir::store::changes changed;
  REQUIRE(disk.scan(weir::store::table::log, "", "", [&](auto key, std::string_view value) {
    std::string bytes{value};
    for (auto at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + 1)) {
      bytes.replace(at, from.size(), to);
    }
    changed.put(weir::store::table::log, key, bytes);
    return true;
  }));
  REQUIRE(disk.commit(changed));
}

/// Handles what it is given of everything that is stored.
struct reader {
  explicit reader(const disk_ptr& disk, const weir::topic::topic_options& options,
                  std::uint64_t seed = 3)
      : kit(seed, quiet({.store = disk})) {
    orders_of(kit.node(), options).key<invoice>(&invoice::customer);
    kit.node()
        .subscribe("billing", "orders",
                   [this](const order& one) { orders.push_back(one.number); },
                   [this](const invoice& one) { invoices.push_back(one.number); })
        .starting(weir::from_earliest());
    REQUIRE(kit.node().start());
    report = kit.drain(1h);
  }

  test_node kit;
  numbers orders, invoices;
  weir::drain_report report;
};

numbers up_to(std::int64_t end) {
  numbers all;
  for (std::int64_t i = 0; i < end; ++i) all.push_back(i);
  return all;
}

/// An actor of the program's own that takes whatever comes for orders.
class trusting : public caf::event_based_actor {
 public:
  trusting(caf::actor_config& config, weir::actors::subscriber_link link, numbers* seen)
      : caf::event_based_actor(config), link_(std::move(link)), seen_(seen) {}

  caf::behavior make_behavior() override {
    link_.ready(this);
    return {[this](const weir::actors::delivery& arrived) {
      for (const auto event : arrived.events) {
        REQUIRE(event.is<order>());
        seen_->push_back(event.as<order>().number);
      }
      link_.settle(arrived);
    }};
  }

 private:
  weir::actors::subscriber_link link_;
  numbers* seen_;
};

}  // namespace

TEST_CASE("events of a type that the program has not are dead letters, the others are handled",
          "[node][durable]") {
  for (const auto format : {weir::payload_format::json, weir::payload_format::binary}) {
    const auto options = stored_as(format);
    const auto disk = filled(options);
    rewrite(*disk, "test.invoice", "test.invXice");
    reader next{disk, options};
    REQUIRE(next.report.drained);
    CHECK(next.orders == up_to(20));
    CHECK(next.invoices.empty());
    const auto letters = next.kit.node().dead_letters();
    REQUIRE(letters.size() == 5);
    CHECK(letters[0].type_name == "test.invXice");
    CHECK(letters[0].offset == 4);
    CHECK(letters[0].key == "c");
    CHECK(letters[0].subscription == "billing");
    CHECK(letters[0].failure.code == errc::unknown_event_type);
    CHECK(letters[0].failure.message ==
          "test.invXice@1 at offset 4: this program has no such type");
    CHECK(letters[0].payload == (format == weir::payload_format::json
                                     ? R"({"number":3,"customer":"c"})"
                                     : std::string{"\x06\x01"
                                                   "c"}));
    CHECK(letters[0].attempt_count == 1);
    CHECK(ledger_of(next.kit.node(), "billing").dead_lettered == 5);
    CHECK(next.kit.final_verdict() == "");
  }
}

TEST_CASE("an event whose bytes make no sense is a dead letter, alone", "[node][durable]") {
  const auto options = stored_as(weir::payload_format::json);
  const auto disk = filled(options);
  rewrite(*disk, R"({"number":7,"customer":"c"})", R"({"nXmber":7,"customer":"c"})");
  reader next{disk, options};
  REQUIRE(next.report.drained);
  CHECK(next.orders.size() == 19);
  CHECK(next.invoices == numbers{3, 11, 15, 19});
  const auto letters = next.kit.node().dead_letters();
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].failure.code == errc::missing_field);
  CHECK(letters[0].payload == R"({"nXmber":7,"customer":"c"})");
  CHECK(letters[0].type_name == "test.order");
  CHECK(letters[1].type_name == "test.invoice");
  CHECK(next.kit.final_verdict() == "");
}

TEST_CASE("a log of nothing but unknown events is settled as letters", "[node][durable]") {
  const auto options = stored_as(weir::payload_format::binary);
  const auto disk = filled(options);
  rewrite(*disk, "test.order", "test.oXder");
  rewrite(*disk, "test.invoice", "test.invXice");
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    reader next{disk, options, seed};
    REQUIRE(next.report.drained);
    CHECK(next.orders.empty());
    CHECK(next.kit.node().dead_letters().size() == 25);
    CHECK(next.kit.final_verdict() == "");
    REQUIRE(next.kit.node().unsubscribe("billing"));
    REQUIRE(next.kit.node().stop(1h).drained);
  }
}

TEST_CASE("the letter of an event that cannot be decoded is stored before the event is settled",
          "[node][durable]") {
  const auto options = stored_as(weir::payload_format::json);
  for (std::uint64_t call = 1; call <= 40; ++call) {
    const auto disk = filled(options);
    rewrite(*disk, "test.invoice", "test.invXice");
    disk->set_faults({.seed = call, .crash_at_call = disk->calls() + call});
    {
      test_node kit{call, quiet({.store = disk})};
      orders_of(kit.node(), options);
      kit.node()
          .subscribe("billing", "orders", [](const order&) {})
          .starting(weir::from_earliest());
      static_cast<void>(kit.node().start());
      kit.run();
    }
    disk->set_faults({});
    disk->reopen();
    reader next{disk, options, call};
    INFO("crash at call " << call);
    REQUIRE(next.report.drained);
    CHECK(next.kit.node().dead_letters().size() == 5);
  }
}

TEST_CASE("an actor of the program's own is never sent what it could take for something else",
          "[node][durable]") {
  const auto options = stored_as(weir::payload_format::json);
  const auto disk = filled(options);
  rewrite(*disk, "test.invoice", "test.invXice");
  test_node kit{3, quiet({.store = disk})};
  orders_of(kit.node(), options);
  numbers seen;
  weir::actors::subscribe<trusting>(kit.node(), "audit", "orders", {&weir::type_of<order>()},
                                    &seen)
      .starting(weir::from_earliest());
  REQUIRE(kit.node().start());
  const auto report = kit.drain(1h);
  CHECK(seen == numbers{0, 1, 2, 3});
  REQUIRE(report.left.size() == 1);
  CHECK_THAT(report.left.front().halted, Catch::Contains("test.invXice@1 at offset 4"));
}
