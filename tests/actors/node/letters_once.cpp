// SPDX-License-Identifier: BSD-3-Clause
// Every event that nobody could process is a dead letter exactly once, whoever of those that carry
// it dies on the way: its subscriber, the supervisor, the dead-letter actor; with a store in memory
// and with one that is flushed, under many seeds, killed between any two messages.
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "weir/actors/node/custom.hpp"
#include "weir/actors/node/impl.hpp"
#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/actors/order.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::actors::subscriber_link;
using weir::supervision::restart_type;
using weir::testkit::test_node;

namespace {

constexpr std::int64_t events = 60;

bool poison(std::int64_t number) { return number % 3 == 0; }

weir::result<void> refuse(const order& one) {
  if (!poison(one.number)) return {};
  return weir::fail(weir::errc::rejected, "poison");
}

/// An actor of the program's own that refuses the same.
class auditor : public caf::event_based_actor {
 public:
  auditor(caf::actor_config& config, subscriber_link link)
      : caf::event_based_actor(config), link_(std::move(link)) {}

  caf::behavior make_behavior() override {
    link_.ready(this);
    return {[this](const weir::actors::delivery& arrived) {
              for (std::uint32_t i = 0; i < arrived.events.size(); ++i) {
                if (!poison(arrived.events[i].as<order>().number)) continue;
                link_.dead_letter(arrived, i, {weir::errc::rejected, "poison"});
              }
              link_.settle(arrived);
            },
            [this](const weir::actors::letters_answered&) { link_.answered(); }};
  }

 private:
  subscriber_link link_;
};

/// How often each event of each subscription is a letter.
std::map<std::string, std::map<std::string, int>> letters_of(weir::node& node) {
  std::map<std::string, std::map<std::string, int>> counts;
  for (const auto& letter : node.dead_letters()) {
    ++counts[letter.subscription][std::to_string(letter.partition) + "/" +
                                  std::to_string(letter.offset)];
  }
  return counts;
}

struct fault_run {
  int kills = 0;
  std::set<weir::supervision::child_id> killed{};
};

/// Kills somebody every few messages until all is published, then lets the node come to rest.
fault_run run_with_kills(test_node& kit, weir::topic_handle& orders, weir::random& chance) {
  fault_run did;
  auto& inside = kit.node().internals();
  std::int64_t next = 0;
  while (next < events) {
    for (auto more = 1 + chance.below(6); more > 0 && next < events; --more, ++next) {
      REQUIRE(orders.publish(order{next, "c" + std::to_string(next % 5)}));
    }
    for (auto more = chance.below(5); more > 0; --more) {
      kit.run(1 + chance.below(12));
      const auto who = chance.below(5);  // two of the tree, three subscriptions
      weir::actors::child_killed fault{weir::subscriptions_supervisor, who};
      if (who == 3) fault = {0, weir::dead_letter_keeper};
      if (who == 4) fault = {0, weir::subscriptions_supervisor};
      weir::actors::tell_urgently(inside.supervisor, fault);
      did.killed.insert(fault.child);
      ++did.kills;
    }
  }
  return did;
}

void check_letters(std::uint64_t seed, weir::node_options options, bool durable) {
  INFO("seed " << seed << (durable ? ", durable" : ", in memory"));
  options.intensity = {.restarts = 10'000, .window = 1ms};
  test_node kit{seed, quiet(options)};
  auto orders = orders_of(kit.node(), {.partitions = 2,
                                       .batch_events_max = 4,
                                       .ring_events = 64,
                                       .durable = durable});
  kit.node().subscribe("billing", "orders", refuse);
  weir::actors::subscribe<auditor>(kit.node(), "audit", "orders", {&weir::type_of<order>()});
  kit.node()
      .subscribe("later", "orders",
                 [](const order& one,
                    weir::task_context& context) -> weir::task<weir::result<void>> {
                   co_await context.sleep(1ms);
                   co_return refuse(one);
                 })
      .concurrency(weir::per_key{4});
  weir::random chance{seed * 977};
  const auto did = run_with_kills(kit, orders, chance);
  CHECK(did.kills > 10);
  const auto report = kit.drain(1h);
  INFO(to_string(report) << to_string(kit.node().health()));
  CHECK(report.drained);
  const auto letters = letters_of(kit.node());
  for (const auto* subscription : {"billing", "audit", "later"}) {
    INFO(subscription);
    const auto& own = letters.at(subscription);
    CHECK(own.size() == static_cast<std::size_t>(events) / 3);
    for (const auto& [place, count] : own) {
      INFO(place);
      CHECK(count == 1);
    }
    const auto counts = ledger_of(kit.node(), subscription);
    CHECK(counts.dead_lettered == static_cast<std::uint64_t>(events) / 3);
    CHECK(counts.delivered == static_cast<std::uint64_t>(events) * 2 / 3);
  }
  CHECK(kit.final_verdict() == "");
}

}  // namespace

TEST_CASE("a failed event is a letter once, whoever dies between report and answer", "[node]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) check_letters(seed, {}, false);
}

TEST_CASE("the same where letters are flushed, and an answer may find nobody", "[node]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    check_letters(seed, {.store = std::make_shared<weir::store::memory_store>()}, seed % 2 == 0);
  }
}

TEST_CASE("a dead-letter actor that dies goes on with the same letters", "[node]") {
  test_node kit{5, quiet()};
  auto orders = orders_of(kit.node());
  kit.node().subscribe("billing", "orders", refuse);
  REQUIRE(orders.publish(order{3, "c"}));
  REQUIRE(kit.drain().drained);
  weir::actors::kill(kit.node().internals().dead_letters->current());
  REQUIRE(orders.publish(order{6, "c"}));
  REQUIRE(kit.drain().drained);
  CHECK(kit.node().dead_letters().size() == 2);
  const auto seen = kit.node().health();
  REQUIRE(seen.children.size() == 2);
  CHECK(seen.children[0].name == "weir.dead_letters");
  CHECK(seen.children[0].restarts == 1);
  CHECK(seen.recent == 1);
  CHECK(seen.well());
}
