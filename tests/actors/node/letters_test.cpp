// SPDX-License-Identifier: BSD-3-Clause
// Events that are delivered again later, keys that wait behind them, and the workbench, through
// whole nodes.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "weir/actors/node/impl.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::context;
using weir::errc;
using weir::fail;
using weir::result;
using weir::delivery::letter_state;
using weir::store::memory_store;
using weir::testkit::test_node;

namespace {

using numbers = std::vector<std::int64_t>;

/// Orders 0, 1, 2, ... of two customers in turn.
void publish(weir::topic_handle& to, std::int64_t from, std::int64_t end) {
  for (auto i = from; i < end; ++i) {
    REQUIRE(to.publish(order{i, i % 2 == 0 ? "even" : "odd"}));
  }
}

/// Handles what `broken` does not say; notes what it handled.
struct billing {
  std::set<std::int64_t> broken;
  errc why = errc::rejected;
  numbers handled{};

  auto handler() {
    return [this](const order& one) -> result<void> {
      if (broken.contains(one.number)) {
        return fail(why, "number " + std::to_string(one.number));
      }
      handled.push_back(one.number);
      return {};
    };
  }
};

std::size_t letters_in(weir::node& node, letter_state state) {
  const auto letters = node.dead_letters();
  return static_cast<std::size_t>(std::count_if(
      letters.begin(), letters.end(), [&](const auto& one) { return one.state == state; }));
}

}  // namespace

TEST_CASE("an event that is delivered later is in flight until then, and holds up nothing",
          "[node]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 4});
    billing bills{{3, 4}, errc::unavailable};
    kit.node().subscribe("billing", "orders", bills.handler()).retry(0).redeliver({10s, 60s});
    publish(orders, 0, 40);
    kit.run();
    CHECK(bills.handled.size() == 38);
    const auto counts = ledger_of(kit.node(), "billing");
    CHECK(counts.in_flight == 2);
    CHECK(counts.balanced());
    CHECK(letters_in(kit.node(), letter_state::parked) == 2);
    kit.advance(11s);
    CHECK(ledger_of(kit.node(), "billing").in_flight == 2);
    bills.broken = {4};
    REQUIRE(kit.drain().drained);
    CHECK(bills.handled.size() == 39);
    CHECK(bills.handled.back() == 3);
    REQUIRE(kit.node().dead_letters().size() == 1);
    const auto letter = kit.node().dead_letters()[0];
    CHECK(letter.state == letter_state::dead);
    CHECK(letter.attempt_count == 3);
    CHECK(letter.delivery_count == 3);
    CHECK(ledger_of(kit.node(), "billing").dead_lettered == 1);
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("where keys are parked every key keeps its order, whatever fails", "[node]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 4});
    std::map<std::string, numbers> handled;
    weir::random chance{seed};
    kit.node()
        .subscribe("billing", "orders",
                   [&](const order& one) -> result<void> {
                     if (chance.below(4) == 0) return fail(errc::unavailable, "away");
                     if (chance.below(20) == 0) throw 7;
                     handled[one.customer].push_back(one.number);
                     return {};
                   })
        .redeliver(std::vector<weir::duration>(100, 5s))
        .max_deliveries(1000)
        .park_key();
    publish(orders, 0, 60);
    REQUIRE(kit.drain().drained);
    for (const auto& [customer, seen] : handled) {
      CHECK(seen.size() == 30);
      CHECK(std::is_sorted(seen.begin(), seen.end()));
    }
    CHECK(kit.node().dead_letters().empty());
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a redrive has letters handled where they failed, behind them what is parked",
          "[node]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 4});
    billing bills{{2, 3}};
    kit.node().subscribe("billing", "orders", bills.handler()).park_key();
    publish(orders, 0, 10);
    REQUIRE(kit.drain().drained);  // what waits behind a dead letter is not in flight
    CHECK(ledger_of(kit.node(), "billing").dead_lettered == 8);
    CHECK(letters_in(kit.node(), letter_state::parked) == 6);
    bills.broken = {3};
    const auto done = kit.node().redrive({}, {.stop_on_repeat = false});
    REQUIRE(done);
    CHECK(done->matched == 2);
    CHECK(done->handled == 1);
    CHECK(done->failed == 1);
    kit.run();
    std::sort(bills.handled.begin(), bills.handled.end());
    CHECK(bills.handled == numbers{0, 1, 2, 4, 6, 8});
    CHECK(letters_in(kit.node(), letter_state::parked) == 3);
    CHECK(letters_in(kit.node(), letter_state::redriven) == 1);
    bills.broken.clear();
    CHECK(kit.node().redrive({.subscription = "billing"})->handled == 1);
    kit.run();
    CHECK(bills.handled.size() == 10);
    CHECK(letters_in(kit.node(), letter_state::parked) == 0);
    CHECK(kit.node().redrive({})->matched == 0);  // nothing is handled twice
    CHECK(kit.final_verdict() == "");
  }
}

TEST_CASE("a redrive is a canary, stops when a failure repeats, and keeps its rate", "[node]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node());
  billing bills{{0, 1, 2, 3, 4, 5}};
  kit.node().subscribe("billing", "orders", bills.handler());
  publish(orders, 0, 6);
  REQUIRE(kit.drain().drained);
  auto done = kit.node().redrive({});
  REQUIRE(done);
  CHECK(done->failed == 1);
  CHECK(done->left == 5);
  CHECK(done->repeated);
  bills.broken = {5};
  done = kit.node().redrive({}, {.limit = 2});
  CHECK(done->handled == 2);
  CHECK(done->left == 4);
  const auto before = kit.now();
  done = kit.node().redrive({}, {.per_second = 2.0});
  CHECK(done->handled == 3);
  CHECK(done->failed == 1);
  CHECK(kit.now() - before >= 1s);
  CHECK(bills.handled == numbers{0, 1, 2, 3, 4});
}

TEST_CASE("a dry run handles letters on a copy that can publish and keep nothing",
          "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  test_node kit{3, quiet({.store = disk})};
  auto orders = orders_of(kit.node(), {.durable = true});
  auto invoices = kit.node().topic("invoices", {.durable = true});
  bool broken = true;
  std::uint64_t calls = 0;
  kit.node()
      .subscribe("billing", "orders",
                 [&, invoices](const order& one, context& where) -> result<void> {
                   ++calls;
                   auto& sums = where.state<std::string, std::int64_t>("sums");
                   if (auto kept = sums.update(one.customer,
                                               [&](auto& sum) { sum += one.number; });
                       !kept) {
                     return kept;
                   }
                   if (auto sent = where.publish(invoices, invoice{one.number, one.customer});
                       !sent) {
                     return sent;
                   }
                   return broken ? fail(errc::rejected, "broken") : result<void>{};
                 })
      .transactional();
  publish(orders, 7, 8);
  REQUIRE(kit.drain().drained);
  const auto dry = kit.node().redrive({}, {.dry_run = true});
  REQUIRE(dry);
  CHECK(dry->failed == 1);
  broken = false;
  CHECK(kit.node().redrive({}, {.dry_run = true})->handled == 1);
  CHECK(calls == 3);
  kit.run();
  CHECK(letters_in(kit.node(), letter_state::dead) == 1);
  CHECK(kit.node().status().topics[1].published == 0);
  CHECK(kit.node().redrive({})->handled == 1);
  REQUIRE(kit.drain().drained);
  CHECK(kit.node().status().topics[1].published == 1);
  std::int64_t sum = 0;
  REQUIRE(kit.node().scan_state<std::string, std::int64_t>(
      "billing", "sums", [&](const std::string&, std::int64_t value) { sum += value; }));
  CHECK(sum == 7);
}

TEST_CASE("an edited letter is handled as it is now, and its story tells", "[node]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node());
  billing bills{{1}};
  kit.node().subscribe("billing", "orders", bills.handler()).park_key();
  publish(orders, 0, 4);
  REQUIRE(kit.drain().drained);
  const auto letter = kit.node().dead_letters()[0];
  CHECK(kit.node().edit(letter.number, R"({"number":"x","customer":"odd"})", "me").error().code ==
        errc::wrong_type);
  CHECK(kit.node().edit(letter.number, "{}", "me").error().code == errc::missing_field);
  CHECK(kit.node().edit(77, letter.payload, "me").error().code == errc::not_found);
  REQUIRE(kit.node().edit(letter.number, R"({"number":10,"customer":"odd"})", "a typo"));
  const auto edited = kit.node().dead_letters()[0];
  REQUIRE(edited.edits.size() == 1);
  CHECK(edited.edits[0].note == "a typo");
  CHECK(edited.edits[0].payload_before == letter.payload);
  // What waits behind it can be edited too.
  const auto behind = kit.node().dead_letters()[1];
  REQUIRE(behind.state == letter_state::parked);
  REQUIRE(kit.node().edit(behind.number, R"({"number":30,"customer":"odd"})", "another"));
  CHECK(kit.node().redrive({})->handled == 1);
  kit.run();
  CHECK(bills.handled == numbers{0, 2, 10, 30});
  CHECK(kit.node().edit(letter.number, letter.payload, "late").error().code ==
        errc::invalid_argument);
}

TEST_CASE("a discarded letter lets its key go on", "[node]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node());
  billing bills{{1}};
  kit.node().subscribe("billing", "orders", bills.handler()).park_key();
  publish(orders, 0, 6);
  REQUIRE(kit.drain().drained);
  CHECK(kit.node().discard({.fingerprint = "nobody's"}) == std::size_t{0});
  CHECK(kit.node().discard({.state = letter_state::dead}) == std::size_t{1});
  kit.run();
  CHECK(bills.handled == numbers{0, 2, 4, 3, 5});
  CHECK(letters_in(kit.node(), letter_state::discarded) == 1);
  CHECK(kit.node().dead_letters().size() == 1);
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("of two redrives of one letter at once one handles it", "[node]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node());
    billing bills{{1, 2}};
    kit.node().subscribe("billing", "orders", bills.handler());
    publish(orders, 0, 4);
    REQUIRE(kit.drain().drained);
    bills.broken.clear();
    auto& internals = kit.node().internals();
    std::vector<weir::actors::completion_ptr<result<weir::delivery::redrive_summary>>> both;
    for (int i = 0; i < 2; ++i) {
      both.push_back(std::make_shared<
                     weir::actors::completion<result<weir::delivery::redrive_summary>>>());
      weir::actors::tell(internals.workbench,
                         weir::actors::redrive_wanted{{}, {}, 1h, both.back()});
    }
    kit.run();
    std::size_t handled = 0;
    for (const auto& one : both) {
      REQUIRE(one->peek());
      handled += (**one->peek()).handled;
    }
    CHECK(handled == 2);
    CHECK(bills.handled.size() == 4);
  }
}

TEST_CASE("letters of a subscription that is not there are passed over, and stay", "[node]") {
  test_node kit{3, quiet()};
  auto orders = orders_of(kit.node());
  billing bills{{1}};
  kit.node().subscribe("billing", "orders", bills.handler());
  publish(orders, 0, 2);
  REQUIRE(kit.drain().drained);
  REQUIRE(kit.node().unsubscribe("billing"));
  const auto done = kit.node().redrive({});
  REQUIRE(done);
  CHECK(done->passed_over == 1);
  REQUIRE(done->why_not);
  CHECK(done->why_not->code == errc::not_found);
  CHECK_THAT(done->why_not->message, Catch::Contains("billing"));
  CHECK(letters_in(kit.node(), letter_state::dead) == 1);
  CHECK(kit.node().redrive({}, {.limit = 0}).error().code == errc::invalid_argument);
}

TEST_CASE("what waits for a durable topic is handled by a later run", "[node][durable]") {
  const auto disk = std::make_shared<memory_store>();
  billing bills{{1, 3}, errc::unavailable};
  {
    test_node kit{3, quiet({.store = disk})};
    auto orders = orders_of(kit.node(), {.durable = true});
    kit.node().subscribe("billing", "orders", bills.handler()).redeliver({1h}).park_key();
    publish(orders, 0, 6);
    kit.run();
    CHECK_FALSE(kit.node().stop(1s).drained);
    CHECK(bills.handled == numbers{0, 2, 4});
  }
  bills.broken.clear();
  test_node kit{4, quiet({.store = disk})};
  auto orders = orders_of(kit.node(), {.durable = true});
  kit.node().subscribe("billing", "orders", bills.handler()).redeliver({1h}).park_key();
  REQUIRE(kit.node().start());
  publish(orders, 6, 8);
  kit.run();
  CHECK(bills.handled == numbers{0, 2, 4, 6});  // 7 waits behind the others
  kit.advance(2h);
  CHECK(bills.handled == numbers{0, 2, 4, 6, 1, 3, 5, 7});
  CHECK(kit.node().dead_letters().empty());
  CHECK(kit.final_verdict() == "");
}

TEST_CASE("wherever a node crashes, effects of redelivered events happen once, in key order",
          "[node][durable][transactional]") {
  std::uint64_t crashes = 0;
  for (std::uint64_t call = 1; call <= 200; ++call) {
    const auto disk = std::make_shared<memory_store>();
    const auto declare = [&](test_node& kit, weir::random& chance) {
      auto orders = orders_of(kit.node(), {.batch_events_max = 4, .durable = true});
      kit.node()
          .subscribe("billing", "orders",
                     [&](const order& one, context& where) -> result<void> {
                       auto& seen = where.state<std::string, std::string>("seen");
                       if (chance.below(4) == 0) return fail(errc::unavailable, "away");
                       return seen.update(one.customer, [&](auto& text) {
                         text += std::to_string(one.number) + " ";
                       });
                     })
          .redeliver(std::vector<weir::duration>(100, 5s))
          .park_key()
          .transactional();
      return orders;
    };
    {
      weir::random chance{call};
      test_node kit{call, quiet({.store = disk})};
      auto orders = declare(kit, chance);
      disk->set_faults({.seed = call, .crash_at_call = call});
      for (std::int64_t i = 0; i < 30; ++i) {
        if (!orders.publish(order{i, i % 2 == 0 ? "even" : "odd"}, weir::wait_for::stored, 1h)) {
          ++crashes;
          break;
        }
      }
      kit.advance(6s);
      static_cast<void>(kit.node().stop(1s));
    }
    disk->set_faults({});
    disk->reopen();
    weir::random chance{call + 1};
    test_node kit{call + 1000, quiet({.store = disk})};
    auto orders = declare(kit, chance);
    REQUIRE(kit.node().start());
    kit.advance(1h);
    REQUIRE(kit.drain().drained);
    CAPTURE(call);
    CHECK(kit.node().dead_letters().empty());
    const auto published = kit.node().status().topics[0].published;
    std::size_t effects = 0;
    REQUIRE(kit.node().scan_state<std::string, std::string>(
        "billing", "seen", [&](const std::string& customer, const std::string& text) {
          std::istringstream words{text};
          std::int64_t next = customer == "even" ? 0 : 1;
          for (std::int64_t number = 0; words >> number; next += 2, ++effects) {
            CHECK(number == next);
          }
        }));
    CHECK(effects == published);
  }
  CHECK(crashes > 20);
}

TEST_CASE("a member that leaves its group hands over what waits outside of its partitions",
          "[node]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_node kit{seed, quiet()};
    auto orders = orders_of(kit.node(), {.partitions = 4});
    billing bills{{0, 1, 2, 3}, errc::unavailable};
    for (const auto* name : {"one", "two"}) {
      kit.node()
          .subscribe(name, "orders", bills.handler())
          .group("billing")
          .retry(0)
          .redeliver({1h});
    }
    publish(orders, 0, 12);
    kit.run();
    CHECK(bills.handled.size() == 8);
    REQUIRE(kit.node().unsubscribe("one"));
    bills.broken.clear();
    REQUIRE(kit.drain().drained);
    CHECK(bills.handled.size() == 12);
    CHECK(kit.final_verdict() == "");
  }
}
