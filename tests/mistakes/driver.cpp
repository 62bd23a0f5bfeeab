// SPDX-License-Identifier: BSD-3-Clause
// Simulations that must find a mistake, linked with a runtime that has one (or none). One process
// tries seed after seed; the exit code is 0 if all are well and 1 at the first that is not, and a
// broken invariant ends it, too.
//
// Each seed is four runs. In memory: a busy topic, a subscription with random faults, one that
// lags and is lossy; every event must be handled or be a dead letter, once, in the order of its
// key. On disk: a node that crashes at a random call of its store, then another that finishes; what
// was acknowledged must be there and the effects of each event must have happened once. And a named
// producer that hands over to another, who brings everything again: each event must be there once.
// And a subscription that has failed events delivered later, with parked keys: each must be handled
// once, in the order of its key.
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/runtime/store/memory_store.hpp"
#include "weir/tests/actors/order.hpp"

namespace {

using namespace actors_tests;
using namespace std::chrono_literals;
using weir::result;
using weir::store::memory_store;
using weir::testkit::test_node;
using counts = std::map<std::int64_t, int>;

std::string different(const char* what, const counts& found, const counts& expected) {
  for (const auto& [number, times] : expected) {
    const auto there = found.find(number);
    const auto had = there == found.end() ? 0 : there->second;
    if (had != times) {
      return std::string{what} + " has event " + std::to_string(number) + " " +
             std::to_string(had) + " times";
    }
  }
  return found.size() == expected.size() ? "" : std::string{what} + " has others";
}

weir::node_options options_on(const std::shared_ptr<memory_store>& disk) {
  auto options = quiet({.store = disk});
  options.intensity = {.restarts = 10'000, .window = 1s};
  return options;
}

/// Fails now and then: with an error, an exception, poison, or the end of the subscriber.
class trouble {
 public:
  explicit trouble(std::uint64_t seed) : chance_(seed) {}
  result<void> strike(const order& one) {
    if (one.number % 17 == 3) return weir::fail(weir::errc::rejected, "poison");
    switch (chance_.below(12)) {
      case 0: return weir::fail(weir::errc::unavailable, "away");
      case 1: throw std::runtime_error{"thrown"};
      case 2: throw 7;
      default: return {};
    }
  }

 private:
  weir::random chance_;
};

std::string in_memory(std::uint64_t seed) {
  weir::random chance{seed};
  test_node kit{seed, options_on(nullptr)};
  auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 4, .ring_events = 32});
  const auto faults = std::make_shared<trouble>(seed);
  const auto handled = std::make_shared<counts>();
  kit.node()
      .subscribe("billing", "orders",
                 kit.recording("billing",
                               [=](const order& one) -> result<void> {
                                 if (auto struck = faults->strike(one); !struck) return struck;
                                 ++(*handled)[one.number];
                                 return {};
                               }))
      .retry(2, weir::fixed(1s))
      .max_deliveries(3);
  kit.node()
      .subscribe("lags", "orders", kit.recording("lags", [](const order&) {}))
      .rate_limit(5, 2)
      .credit(1)
      .overflow(weir::overflow::drop_oldest);
  kit.node().subscribe("sees-all", "orders", [](const order&) {});
  if (auto started = kit.node().start(); !started) return to_string(started.error());
  constexpr std::int64_t events = 120;
  for (std::int64_t i = 0; i < events; ++i) {
    if (auto sent = orders.publish(order{i, "c" + std::to_string(i % 5)}); !sent) {
      return to_string(sent.error());
    }
    kit.run(chance.below(12));
    if (chance.below(20) == 0) kit.advance(1s);
    if (auto wrong = kit.verdict(); !wrong.empty()) return wrong;
  }
  if (const auto report = kit.drain(10h); !report.drained) return to_string(report);
  if (auto wrong = kit.final_verdict(); !wrong.empty()) return wrong;
  counts ended = *handled;
  for (const auto& letter : kit.node().dead_letters()) {
    // The payload is the event as JSON: {"number":7,...}
    ++ended[std::atoll(letter.payload.c_str() + letter.payload.find(':') + 1)];
  }
  counts once;
  for (std::int64_t i = 0; i < events; ++i) once[i] = 1;
  return different("billing, with its dead letters,", ended, once);
}

constexpr weir::topic::topic_options stored{
    .partitions = 2, .batch_events_max = 4, .ring_events = 16, .durable = true};

struct shop {
  shop(std::uint64_t seed, const std::shared_ptr<memory_store>& disk)
      : kit(seed, options_on(disk)),
        orders(orders_of(kit.node(), stored)),
        invoices(kit.node().topic("invoices", stored)) {
    invoices.key<invoice>(&invoice::customer);
    kit.node()
        .subscribe("billing", "orders",
                   [to = invoices](const order& one, weir::context& where) -> result<void> {
                     auto& seen = where.state<std::int64_t, int>("seen");
                     auto counted = seen.update(one.number, [](int& times) { ++times; });
                     if (!counted) return counted;
                     auto& totals = where.state<std::string, int>("totals");
                     counted = totals.update(one.customer, [](int& sum) { ++sum; });
                     if (!counted) return counted;
                     if (one.number % 17 == 3) return weir::fail(weir::errc::rejected, "poison");
                     return where.publish(to, invoice{one.number, one.customer});
                   })
        .transactional()
        .state_bytes(64 << 10)
        .retry(2);
  }
  test_node kit;
  weir::topic_handle orders, invoices;
};

/// What a topic has, seen by one who reads all of it.
template <class T>
counts read_all(const std::shared_ptr<memory_store>& disk, std::uint64_t seed,
                const std::string& topic) {
  static std::uint64_t readers = 0;
  counts found;
  test_node kit{seed, options_on(disk)};
  orders_of(kit.node(), stored);
  kit.node().topic("invoices", stored).template key<invoice>(&invoice::customer);
  kit.node()
      .subscribe("reader-" + std::to_string(++readers), topic,
                 [&](const T& one) { ++found[one.number]; })
      .starting(weir::from_earliest());
  if (!kit.node().start() || !kit.drain(10h).drained) return {};
  static_cast<void>(kit.node().stop(1h));
  return found;
}

std::string on_disk(std::uint64_t seed) {
  weir::random chance{seed};
  const auto disk = std::make_shared<memory_store>();
  std::set<std::int64_t> acknowledged;
  std::int64_t number = 0;
  for (int life = 0; life < 3; ++life) {
    shop one{seed + static_cast<std::uint64_t>(life), disk};
    if (auto started = one.kit.node().start(); !started) return to_string(started.error());
    // The last one lives on.
    if (life < 2) {
      disk->set_faults({.seed = seed, .crash_at_call = disk->calls() + 5 + chance.below(90)});
    }
    for (int i = 0; i < 60; ++i) {
      const order next{number, "c" + std::to_string(number % 5)};
      ++number;
      const bool waits = chance.below(4) == 0;
      const auto sent = waits ? one.orders.publish(next, weir::wait_for::stored, 1s)
                              : one.orders.publish(next);
      if (!sent) break;
      if (waits) acknowledged.insert(next.number);
      one.kit.run(chance.below(16));
    }
    one.kit.run();
    if (life == 2) {
      if (const auto report = one.kit.drain(10h); !report.drained) return to_string(report);
      if (auto wrong = one.kit.final_verdict(); !wrong.empty()) return wrong;
    }
    static_cast<void>(one.kit.node().stop(1s));
    disk->set_faults({});
    disk->reopen();
  }
  const auto orders = read_all<order>(disk, seed, "orders");
  const auto invoices = read_all<invoice>(disk, seed, "invoices");
  for (const auto one : acknowledged) {
    if (!orders.contains(one)) return "lost " + std::to_string(one) + ", which was acknowledged";
  }
  counts billed, expected, totals, expected_totals;
  auto read = weir::delivery::scan_stored<std::int64_t, int>(
      *disk, "billing", "seen", [&](std::int64_t one, int times) { billed[one] += times; });
  if (!read) return to_string(read.error());
  read = weir::delivery::scan_stored<std::string, int>(
      *disk, "billing", "totals", [&](const std::string& customer, int sum) {
        totals[customer.back() - '0'] += sum;
      });
  if (!read) return to_string(read.error());
  for (const auto& [one, times] : orders) {
    if (times != 1) return "the log has " + std::to_string(one) + " twice";
    if (one % 17 == 3) continue;
    expected[one] = 1;
    ++expected_totals[one % 5];
  }
  if (auto wrong = different("the state", billed, expected); !wrong.empty()) return wrong;
  if (auto wrong = different("the totals", totals, expected_totals); !wrong.empty()) return wrong;
  return different("the invoices", invoices, expected);
}

std::string handed_over(std::uint64_t seed) {
  weir::random chance{seed};
  const auto disk = std::make_shared<memory_store>();
  constexpr std::int64_t events = 40;
  const auto bring = [](weir::producer& source, std::int64_t number) {
    return source.publish(order{number, "c" + std::to_string(number % 5)},
                          static_cast<std::uint64_t>(number));
  };
  {
    test_node kit{seed, options_on(disk)};
    auto orders = orders_of(kit.node(), stored);
    auto former = kit.node().make_producer(orders, "source");
    if (!former) return to_string(former.error());
    const auto left_at = 1 + static_cast<std::int64_t>(chance.below(events / 2));
    for (std::int64_t i = 1; i <= left_at; ++i) {
      if (auto sent = bring(*former, i); !sent) return to_string(sent.error());
      kit.run(chance.below(6));
    }
    auto latter = kit.node().make_producer(orders, "source");
    if (!latter) return to_string(latter.error());
    if (bring(*former, left_at + 1)) return "a producer publishes after another took its name";
    for (std::int64_t i = 1; i <= events; ++i) {
      if (auto sent = bring(*latter, i); !sent) return to_string(sent.error());
      kit.run(chance.below(6));
    }
    if (const auto report = kit.drain(10h); !report.drained) return to_string(report);
    static_cast<void>(kit.node().stop(1h));
  }
  counts once;
  for (std::int64_t i = 1; i <= events; ++i) once[i] = 1;
  return different("the log", read_all<order>(disk, seed, "orders"), once);
}

std::string delivered_later(std::uint64_t seed) {
  weir::random chance{seed};
  test_node kit{seed, options_on(nullptr)};
  auto orders = orders_of(kit.node(), {.partitions = 2, .batch_events_max = 8});
  counts handled;
  std::map<std::string, std::int64_t> last;
  std::string wrong;
  kit.node()
      .subscribe("billing", "orders",
                 [&](const order& one) -> result<void> {
                   if (chance.below(4) == 0) return weir::fail(weir::errc::unavailable, "away");
                   if (chance.below(30) == 0) throw 7;
                   ++handled[one.number];
                   auto& before = last[one.customer];
                   if (one.number < before && wrong.empty()) {
                     wrong = "event " + std::to_string(one.number) + " comes after " +
                             std::to_string(before);
                   }
                   before = one.number;
                   return {};
                 })
      .redeliver(std::vector<weir::duration>(100, 1s))
      .max_deliveries(1000)
      .park_key();
  if (auto started = kit.node().start(); !started) return to_string(started.error());
  counts once;
  for (std::int64_t i = 0; i < 80; ++i) {
    if (auto sent = orders.publish(order{i, "c" + std::to_string(i % 5)}); !sent) {
      return to_string(sent.error());
    }
    once[i] = 1;
    kit.run(chance.below(8));
    if (chance.below(20) == 0) kit.advance(1s);
  }
  if (const auto report = kit.drain(10h); !report.drained) return to_string(report);
  if (!wrong.empty()) return wrong;
  return different("billing", handled, once);
}

}  // namespace

int main(int argc, char** argv) {
  const auto seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    std::cout << "seed " << seed << std::endl;
    for (const auto& wrong : {in_memory(seed), on_disk(seed), handed_over(seed),
                              delivered_later(seed)}) {
      if (wrong.empty()) continue;
      std::cout << "seed " << seed << " finds: " << wrong << std::endl;
      return 1;
    }
  }
  std::cout << "nothing found in " << seeds << " seeds" << std::endl;
  return 0;
}
