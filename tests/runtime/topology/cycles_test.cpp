// SPDX-License-Identifier: BSD-3-Clause
// Cycles by example, and against reachability by brute force.
#include "weir/runtime/topology/cycles.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace weir::topology;

namespace {

using lines = std::vector<std::string>;

topic_description topic_named(std::string name) {
  topic_description made;
  made.name = std::move(name);
  return made;
}
subscription_description subscription_of(std::string name, std::string pattern, lines to) {
  subscription_description made;
  made.name = std::move(name);
  made.pattern = std::move(pattern);
  made.publishes_to = std::move(to);
  return made;
}

description topology_of(const lines& topics,
                        const std::vector<std::tuple<std::string, std::string, lines>>& subs) {
  description made;
  for (const auto& name : topics) made.topics.push_back(topic_named(name));
  for (const auto& [name, pattern, to] : subs) {
    made.subscriptions.push_back(subscription_of(name, pattern, to));
  }
  return made;
}

}  // namespace

TEST_CASE("a topology that flows one way has no cycle", "[topology]") {
  CHECK(cycles_of(topology_of({"a", "b", "c"}, {{"s", "a", {"b", "c"}}, {"t", "b", {"c"}}}))
            .empty());
}

TEST_CASE("a subscription that publishes to its own topic is a cycle", "[topology]") {
  CHECK(cycles_of(topology_of({"a"}, {{"again", "a", {"a"}}})) == lines{"a -> [again] -> a"});
}

TEST_CASE("the shortest way round is told, once for the topics on it", "[topology]") {
  const auto topology = topology_of(
      {"a", "b", "c"},
      {{"s", "a", {"b"}}, {"t", "b", {"c"}}, {"u", "c", {"a"}}, {"short", "b", {"a"}}});
  CHECK(cycles_of(topology) ==
        lines{"a -> [s] -> b -> [short] -> a", "c -> [u] -> a -> [s] -> b -> [t] -> c"});
}

TEST_CASE("a pattern closes a cycle too, what is not declared does not", "[topology]") {
  const auto logged =
      topology_of({"shop.orders", "shop.audit"}, {{"log", "shop.>", {"shop.audit"}}});
  CHECK(cycles_of(logged) == lines{"shop.audit -> [log] -> shop.audit"});
  CHECK(cycles_of(topology_of({"a"}, {{"s", "a", {"nowhere"}}, {"bad", ">.>", {"a"}}})).empty());
}

TEST_CASE("a topic is on a reported cycle exactly if it reaches itself", "[topology][property]") {
  rc::prop("random topologies", [] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 7);
    std::vector<std::vector<bool>> reaches(count, std::vector<bool>(count, false));
    description made;
    for (std::size_t i = 0; i < count; ++i) {
      made.topics.push_back(topic_named("t" + std::to_string(i)));
    }
    for (int i = *rc::gen::inRange(0, 9); i > 0; --i) {
      const auto from = *rc::gen::inRange<std::size_t>(0, count);
      const auto to = *rc::gen::inRange<std::size_t>(0, count);
      made.subscriptions.push_back(subscription_of("s" + std::to_string(i),
                                                   "t" + std::to_string(from),
                                                   {"t" + std::to_string(to)}));
      reaches[from][to] = true;
    }
    for (std::size_t via = 0; via < count; ++via) {
      for (std::size_t from = 0; from < count; ++from) {
        for (std::size_t to = 0; to < count; ++to) {
          if (reaches[from][via] && reaches[via][to]) reaches[from][to] = true;
        }
      }
    }
    const auto found = cycles_of(made);
    for (std::size_t i = 0; i < count; ++i) {
      const auto name = "t" + std::to_string(i);
      bool told = false;
      for (const auto& text : found) told = told || text.find("-> " + name) != std::string::npos;
      RC_ASSERT(told == reaches[i][i]);
    }
  });
}
