// SPDX-License-Identifier: BSD-3-Clause
// The promise as a property: random topologies with tiny limits, in which handlers fail, throw and
// end their subscribers at seeded points, against a model that follows each event alone. In virtual
// time with seeded scheduling, and again on real threads.
#include <cmath>
#include <iostream>
#include <thread>

#include <catch2/catch.hpp>

#include "weir/actors/testkit/test_node.hpp"
#include "weir/tests/actors/topology_plan.hpp"

using namespace actors_tests;
using namespace std::chrono_literals;

namespace {

// Rounds of the simulated and of the threaded property; their seeds are 1, 2, 3, ...
constexpr std::uint64_t simulated_seeds = 2000;
constexpr std::uint64_t threaded_seeds = 60;
// Longer than all retries of any plan together: of virtual time, and of real time.
constexpr weir::duration patience = 24h * 365;
constexpr weir::duration thread_patience = 60s;

/// What one subscription's handlers saw. Not locked: they may never run at the same time.
struct witness {
  struct calls {
    unsigned made = 0;
    unsigned failed = 0;
    unsigned died = 0;
    unsigned handled = 0;
  };
  std::map<std::string, calls> events;
  std::map<std::string, std::uint64_t> last_number;  // by publisher, route and key
  std::map<std::string, std::uint64_t> last_offset;  // by topic and partition
  std::string violation;

  void violated(const std::string& what) {
    if (violation.empty()) violation = what;
  }
  void rises(std::map<std::string, std::uint64_t>& last, const std::string& what, std::uint64_t now,
             bool first_call) {
    const auto [entry, fresh] = last.try_emplace(what, now);
    if (fresh) return;
    if (first_call ? now <= entry->second : now != entry->second) {
      violated(what + ": " + std::to_string(now) + " after " + std::to_string(entry->second));
    }
    entry->second = now;
  }
  void see(const hop& event, const weir::context& where) {
    auto& before = events[name_of(event)];
    const bool first = before.made++ == 0;
    if (where.delivery_count() != before.died + 1 || where.attempt() != before.failed + 1) {
      violated(name_of(event) + ": delivery " + std::to_string(where.delivery_count()) +
               ", attempt " + std::to_string(where.attempt()));
    }
    const auto topic = event.route.substr(event.route.rfind(':'));
    rises(last_offset, topic + "/" + std::to_string(where.partition()), where.offset(), first);
    if (event.key.empty()) return;
    rises(last_number, std::to_string(event.publisher) + event.route + " " + event.key,
          event.number, first);
  }
};

class run {
 public:
  run(const plan& what, weir::duration longest)
      : plan_(what), patience_(longest), seen_(what.subscriptions.size()) {}

  static weir::node_options options(const plan& what, const expectation& expected) {
    weir::node_options chosen;
    chosen.threads = 3;
    chosen.seed = what.seed;
    chosen.log_threshold = weir::log_level::off;
    chosen.strategy = what.strategy;
    // Half of the runs restart the supervisor of the subscriptions too, but never too often.
    const auto deaths = static_cast<double>(expected.deaths);
    chosen.intensity.restarts =
        what.seed % 2 == 0 ? expected.deaths : static_cast<unsigned>(std::sqrt(deaths));
    chosen.intensity.window = 24h * 7;
    return chosen;
  }

  void declare(weir::node& node) {
    for (const auto& topic : plan_.topics) {
      topics_.push_back(node.topic(topic.name, topic.options));
      topics_.back().key<hop>(&hop::key);
    }
    for (std::size_t i = 0; i < plan_.subscriptions.size(); ++i) {
      const auto& one = plan_.subscriptions[i];
      auto declared =
          node.subscribe(one.name, one.pattern, [this, i](const hop& event, weir::context& where) {
            return handle(plan_.subscriptions[i], seen_[i], event, where);
          });
      declared.retry(one.policy.in_place.retries, one.policy.in_place.delays)
          .max_deliveries(one.policy.max_deliveries)
          .credit(one.credit);
      if (one.policy.on_exhausted == weir::exhausted_action::skip) declared.then_skip();
      for (const auto target : one.targets) declared.publishes_to(topics_[target]);
    }
  }

  /// Publishes everything of one publisher; `between` runs after each event. The first error, or
  /// "".
  template <class Between>
  std::string publish(weir::node& node, std::size_t publisher, Between between) {
    weir::random chance{plan_.seed + publisher};
    std::vector<weir::publisher> outlets;
    for (const auto& topic : topics_) {
      auto made = node.make_publisher(topic);
      if (!made) return to_string(made.error());
      made->set_deadline(patience_);
      outlets.push_back(std::move(*made));
    }
    for (const auto& [topic, event] : plan_.publishers[publisher]) {
      auto copy = event;
      const auto level = static_cast<weir::wait_for>(chance.below(3));
      const auto done = chance.chance(0.95)
                            ? outlets[topic].publish(std::move(copy))
                            : outlets[topic].publish(std::move(copy), level, patience_);
      if (!done) return name_of(event) + ": " + to_string(done.error());
      between();
    }
    return {};
  }

  /// What differs between the run and the model; "" if nothing does.
  std::string compare(weir::node& node, const expectation& expected) const {
    auto found = fates(node);
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      const auto& name = plan_.subscriptions[i].name;
      if (!seen_[i].violation.empty()) return name + ": " + seen_[i].violation;
      const auto wanted = expected.fates.find(name);
      auto differs = wanted == expected.fates.end() ? compare(found[name], {})
                                                    : compare(found[name], wanted->second);
      if (!differs.empty()) return name + ": " + differs;
    }
    return compare_ledgers(node, expected);
  }

 private:
  weir::result<void> handle(const subscription_plan& one, witness& seen, const hop& event,
                            weir::context& where) {
    auto& calls = seen.events[name_of(event)];
    const auto action = plan_.action(one, event, calls.made);
    seen.see(event, where);
    // Published by every call: those of calls that fail must not be seen.
    for (const auto target : one.targets) {
      if (auto sent = where.publish(topics_[target], plan_.onward(one, event, target)); !sent) {
        seen.violated(name_of(event) + " to " + plan_.topics[target].name + ": " +
                      to_string(sent.error()));
      }
    }
    switch (action) {
      case act::succeed: ++calls.handled; return {};
      case act::die:
        ++calls.died;
        calls.failed = 0;
        throw 7;
      case act::throw_exception: ++calls.failed; throw std::runtime_error{"planned"};
      case act::fail_transient:
        ++calls.failed;
        return weir::fail(weir::errc::unavailable, "planned");
      case act::fail_poison: ++calls.failed; return weir::fail(weir::errc::rejected, "planned");
    }
    return {};
  }

  using fates_by_event = std::map<std::string, fate>;

  std::map<std::string, fates_by_event> fates(weir::node& node) const {
    std::map<std::string, fates_by_event> found;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      auto& of = found[plan_.subscriptions[i].name];
      for (const auto& [event, calls] : seen_[i].events) {
        if (calls.handled > 1) of[event + " twice"] = {fate::kind::handled, {}, 0, 1};
        if (calls.handled > 0) of[event] = {fate::kind::handled, {}, 0, 1};
      }
    }
    for (const auto& letter : node.dead_letters()) {
      const auto event = weir::codec::from_json<hop>(letter.payload);
      auto name = event ? name_of(*event) : "unreadable: " + letter.payload;
      auto& of = found[letter.subscription];
      if (of.contains(name)) name += " twice";
      of[name] = {fate::kind::dead_lettered, letter.failure.code, letter.attempt_count,
                  letter.delivery_count};
    }
    return found;
  }

  static std::string compare(const fates_by_event& found, const fates_by_event& wanted) {
    for (const auto& [event, end] : wanted) {
      const auto real = found.find(event);
      if (end.what == fate::kind::skipped) {
        if (real != found.end()) return event + ": not skipped";
      } else if (real == found.end()) {
        return event + ": lost, not " + to_string(end);
      } else if (!(real->second == end)) {
        return event + ": " + to_string(real->second) + ", not " + to_string(end);
      }
    }
    for (const auto& [event, end] : found) {
      if (!wanted.contains(event)) return event + ": " + to_string(end) + ", not expected at all";
    }
    return {};
  }

  static std::string compare_ledgers(weir::node& node, const expectation& expected) {
    std::map<std::string, weir::observe::ledger> sums;
    for (const auto& [subscription, topic, counts] : node.ledgers()) {
      if (!counts.settled()) return subscription + " in " + topic + ": " + to_string(counts);
      const auto published = expected.published.find({subscription, topic});
      const auto wanted = published == expected.published.end() ? 0 : published->second;
      if (counts.published != wanted) {
        return subscription + " in " + topic + ": not " + std::to_string(wanted) + " but " +
               to_string(counts);
      }
      sums[subscription] += counts;
    }
    for (const auto& [subscription, ends] : expected.fates) {
      std::array<std::uint64_t, 3> wanted{};
      for (const auto& [event, end] : ends) ++wanted[static_cast<std::size_t>(end.what)];
      const auto& sum = sums[subscription];
      if (std::array{sum.delivered, sum.dead_lettered, sum.dropped_total()} != wanted) {
        return subscription + ": wrong counts: " + to_string(sum);
      }
    }
    return {};
  }

  const plan& plan_;
  weir::duration patience_;
  std::vector<witness> seen_;
  std::vector<weir::topic_handle> topics_;
};

/// One simulated round; what went wrong, or "".
std::string simulate(std::uint64_t seed, std::uint64_t& events) {
  const plan what{seed, false};
  const auto expected = expect(what);
  run round{what, patience};
  weir::testkit::test_node kit{seed, run::options(what, expected)};
  round.declare(kit.node());
  weir::random chance{seed};
  for (std::size_t publisher = 0; publisher < what.publishers.size(); ++publisher) {
    auto error = round.publish(kit.node(), publisher, [&] {
      if (chance.chance(0.3)) kit.run(chance.below(20));
      if (chance.chance(0.02)) kit.look();
    });
    if (!error.empty()) return error;
  }
  const auto report = kit.drain(patience);
  if (!report.drained) return to_string(report);
  for (const auto& [where, count] : expected.published) events += count;
  if (auto wrong = round.compare(kit.node(), expected); !wrong.empty()) return wrong;
  return kit.final_verdict();
}

/// One round on threads, a thread for each publisher.
std::string run_on_threads(std::uint64_t seed) {
  const plan what{seed, true};
  const auto expected = expect(what);
  run round{what, thread_patience};
  weir::node node{run::options(what, expected)};
  round.declare(node);
  std::vector<std::string> errors(what.publishers.size());
  std::vector<std::thread> threads;
  for (std::size_t publisher = 0; publisher < errors.size(); ++publisher) {
    threads.emplace_back(
        [&, publisher] { errors[publisher] = round.publish(node, publisher, [] {}); });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& error : errors) {
    if (!error.empty()) return error;
  }
  const auto report = node.stop(thread_patience);
  if (!report.drained) return to_string(report);
  return round.compare(node, expected);
}

}  // namespace

TEST_CASE("whatever fails, every subscription ends with the events the model gives it, in order",
          "[topology][property]") {
  std::uint64_t events = 0;
  for (std::uint64_t seed = 1; seed <= simulated_seeds; ++seed) {
    INFO("seed=" << seed);
    REQUIRE(simulate(seed, events) == "");
  }
  std::cout << "topology property: seeds 1.." << simulated_seeds << ", " << events
            << " deliveries\n";
}

TEST_CASE("on threads, too, every subscription ends with the events the model gives it, in order",
          "[topology][property]") {
  for (std::uint64_t seed = 1; seed <= threaded_seeds; ++seed) {
    INFO("seed=" << seed);
    REQUIRE(run_on_threads(seed) == "");
  }
  std::cout << "topology property on threads: seeds 1.." << threaded_seeds << '\n';
}
