// SPDX-License-Identifier: BSD-3-Clause
// A random topology with everything that will go wrong in it, as data, and the naive model of what
// must come of it: no batches, no rings, no actors, only each event and each call. All of it
// follows from one seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "weir/runtime/event/describe.hpp"
#include "weir/runtime/policy/recoverability.hpp"
#include "weir/runtime/sim/fault_plan.hpp"
#include "weir/runtime/supervision/supervisor.hpp"
#include "weir/runtime/topic/settings.hpp"

namespace actors_tests {

/// An event that knows where it began and which way it came. `route` names the topics and
/// subscriptions it went through, so (publisher, number, route) is unique.
struct hop {
  std::uint32_t publisher = 0;
  std::uint64_t number = 0;
  std::string key;
  std::string route;
};
WEIR_EVENT(hop, "test.hop", 1, (publisher, number, key, route))

std::string name_of(const hop& event);

enum class act { succeed, fail_transient, fail_poison, throw_exception, die };

struct topic_plan {
  std::string name;
  weir::topic::topic_options options;
};

struct subscription_plan {
  std::string name;
  std::string pattern;
  std::vector<std::size_t> targets;  // topics its handler publishes to
  weir::recoverability policy;
  std::uint32_t credit = 1;
};

struct source_event {
  std::size_t topic;
  hop content;
};

struct plan {
  /// `threaded`: delays are short, because they take real time.
  plan(std::uint64_t seed, bool threaded);

  /// What the call number `call` (0 is the first) of a subscription's handler does to an event.
  act action(const subscription_plan& to, const hop& event, unsigned call) const;
  /// What its handler makes of an event for one of its targets.
  hop onward(const subscription_plan& to, const hop& event, std::size_t target) const;

  std::uint64_t seed;
  std::vector<topic_plan> topics;
  std::vector<subscription_plan> subscriptions;
  std::vector<std::vector<source_event>> publishers;
  weir::supervision::strategy strategy;
  weir::sim::fault_plan faults;

 private:
  void draw_topics(weir::random& chance);
  void draw_subscriptions(weir::random& chance, bool threaded);
  void draw_events(weir::random& chance);
};

/// What became of an event in a subscription.
struct fate {
  enum class kind { handled, dead_lettered, skipped } what;
  weir::errc why{};
  unsigned attempts = 0;
  unsigned deliveries = 1;
  bool operator==(const fate&) const = default;
};
std::string to_string(const fate& end);

struct expectation {
  /// By subscription, then event.
  std::map<std::string, std::map<std::string, fate>> fates;
  /// By subscription and topic: events that reach it.
  std::map<std::pair<std::string, std::string>, std::uint64_t> published;
  unsigned deaths = 0;
};

/// Follows each event through the topology.
expectation expect(const plan& from);

}  // namespace actors_tests
