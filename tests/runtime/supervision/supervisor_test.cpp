// SPDX-License-Identifier: BSD-3-Clause
// Supervisors: transcripts of each strategy, a naive model over random histories, and a tree in
// which escalation climbs to the root.
#include "weir/runtime/supervision/supervisor.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace weir::supervision;

namespace {

weir::timestamp at(std::int64_t nanoseconds) {
  return weir::timestamp{weir::duration{nanoseconds}};
}

supervisor with_children(strategy kind, intensity limit, child_id count) {
  supervisor made{kind, limit};
  for (child_id child = 1; child <= count; ++child) REQUIRE(made.add_child(child));
  return made;
}

std::string reply(strategy kind, child_id failed) {
  return to_string(with_children(kind, {}, 4).on_child_failed(failed, at(0)));
}

// The model: whole lists and counting, no ranges and no ring.
struct naive_supervisor {
  strategy kind;
  intensity limit;
  std::vector<child_id> children;
  std::vector<weir::timestamp> restarts;

  bool affected(child_id child, child_id failed) const {
    const auto place = [&](child_id id) {
      return std::find(children.begin(), children.end(), id) - children.begin();
    };
    if (kind == strategy::one_for_one) return child == failed;
    return kind == strategy::all_for_one || place(child) >= place(failed);
  }

  decision on_child_failed(child_id failed, weir::timestamp now) {
    restarts.push_back(now);
    const auto count = std::count_if(restarts.begin(), restarts.end(),
                                     [&](auto then) { return then + limit.window >= now; });
    const bool gives_up = count > static_cast<std::ptrdiff_t>(limit.restarts);
    decision made{gives_up ? directive::escalate : directive::restart, {}, {}};
    for (const auto child : children) {
      if (child != failed && (gives_up || affected(child, failed))) {
        made.stop.insert(made.stop.begin(), child);
      }
      if (!gives_up && affected(child, failed)) made.start.push_back(child);
    }
    return made;
  }
};

// A tree without actors: every node is a supervisor, its children are nodes or leaves.
struct supervision_tree {
  std::map<child_id, supervisor> supervisors;
  std::map<child_id, child_id> parent;
  std::set<child_id> alive;
  bool root_gave_up = false;

  void add(child_id node, child_id under) {
    REQUIRE(supervisors.at(under).add_child(node));
    parent[node] = under;
    alive.insert(node);
  }

  void stop(child_id node) {
    if (const auto found = supervisors.find(node); found != supervisors.end()) {
      const auto children = found->second.children();
      std::for_each(children.rbegin(), children.rend(), [&](child_id child) { stop(child); });
    }
    alive.erase(node);
  }

  void start(child_id node) {
    alive.insert(node);
    if (const auto found = supervisors.find(node); found != supervisors.end()) {
      for (const auto child : found->second.restarted()) start(child);
    }
  }

  void fail(child_id node, weir::timestamp now) {
    stop(node);
    if (!parent.contains(node)) {
      root_gave_up = true;
      return;
    }
    const auto made = supervisors.at(parent[node]).on_child_failed(node, now);
    for (const auto child : made.stop) stop(child);
    for (const auto child : made.start) start(child);
    if (made.what == directive::escalate) fail(parent[node], now);
  }
};

}  // namespace

TEST_CASE("one_for_one restarts the child that failed and nobody else", "[supervision]") {
  CHECK(reply(strategy::one_for_one, 2) == "restart: start 2");
}

TEST_CASE("rest_for_one restarts the child and those started after it", "[supervision]") {
  CHECK(reply(strategy::rest_for_one, 2) == "restart: stop 4 3, start 2 3 4");
  CHECK(reply(strategy::rest_for_one, 4) == "restart: start 4");
}

TEST_CASE("all_for_one restarts everybody", "[supervision]") {
  CHECK(reply(strategy::all_for_one, 2) == "restart: stop 4 3 1, start 1 2 3 4");
}

TEST_CASE("the restart beyond the intensity escalates and stops the siblings", "[supervision]") {
  auto tired = with_children(strategy::one_for_one, {1, 5s}, 3);
  CHECK(to_string(tired.on_child_failed(1, at(0))) == "restart: start 1");
  CHECK(to_string(tired.on_child_failed(2, at(1))) == "escalate: stop 3 1");
}

TEST_CASE("restarts further apart than the window never escalate", "[supervision]") {
  auto calm = with_children(strategy::one_for_one, {1, 5s}, 1);
  for (std::int64_t failure = 0; failure < 100; ++failure) {
    CHECK(calm.on_child_failed(1, at(failure * 5'000'000'001)).what == directive::restart);
  }
}

TEST_CASE("a directive chosen for a failure decides, and only restarts count against the intensity",
          "[supervision]") {
  auto mixed = with_children(strategy::all_for_one, {1, 5s}, 4);
  CHECK(to_string(mixed.on_child_failed(1, at(0), directive::resume)) == "resume");
  CHECK(to_string(mixed.on_child_failed(2, at(0), directive::stop)) == "stop");
  CHECK_FALSE(mixed.knows(2));
  CHECK(to_string(mixed.on_child_failed(3, at(0), directive::restart)) ==
        "restart: stop 4 1, start 1 3 4");
  CHECK(to_string(mixed.on_child_failed(1, at(0), directive::restart)) == "escalate: stop 4 3");
  auto other = with_children(strategy::all_for_one, {1, 5s}, 3);
  CHECK(to_string(other.on_child_failed(2, at(0), directive::escalate)) == "escalate: stop 3 1");
}

TEST_CASE("news of a child that is not known changes nothing", "[supervision]") {
  auto quiet = with_children(strategy::all_for_one, {0, 5s}, 2);
  CHECK(quiet.on_child_failed(9, at(0)) == decision{});
  CHECK(quiet.restarts().recent(at(0)) == 0);
  CHECK(quiet.remove_child(2));
  CHECK_FALSE(quiet.remove_child(2));
  CHECK(quiet.on_child_failed(2, at(0)) == decision{});
}

TEST_CASE("a child's id cannot be added twice", "[supervision]") {
  auto twice = with_children(strategy::one_for_one, {}, 1);
  const auto added = twice.add_child(1);
  REQUIRE_FALSE(added);
  CHECK(added.error().code == weir::errc::already_exists);
}

TEST_CASE("a supervisor decides as the naive model does over any history",
          "[supervision][property]") {
  rc::prop("same decisions", [] {
    const auto kind =
        *rc::gen::element(strategy::one_for_one, strategy::rest_for_one, strategy::all_for_one);
    const intensity limit{*rc::gen::inRange(0U, 5U), weir::duration{*rc::gen::inRange(1, 40)}};
    const auto children =
        *rc::gen::unique<std::vector<child_id>>(rc::gen::inRange<child_id>(1, 20));
    RC_PRE(!children.empty());
    supervisor ours{kind, limit};
    for (const auto child : children) RC_ASSERT(ours.add_child(child).has_value());
    naive_supervisor model{kind, limit, children, {}};
    std::int64_t now = 0;
    for (const auto step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 30))) {
      now += step;
      const auto failed = *rc::gen::elementOf(children);
      const auto made = ours.on_child_failed(failed, at(now));
      RC_ASSERT(made == model.on_child_failed(failed, at(now)));
      if (made.what == directive::escalate) {
        RC_ASSERT(ours.restarted() == children);
        model.restarts.clear();
      }
    }
  });
}

TEST_CASE("escalation climbs level by level: depth d and n restarts survive (n + 1)^d - 1 failures",
          "[supervision][property]") {
  rc::prop("the root gives up exactly then", [] {
    const unsigned depth = *rc::gen::inRange(1U, 5U);
    const unsigned restarts = *rc::gen::inRange(0U, 4U);
    const auto kind =
        *rc::gen::element(strategy::one_for_one, strategy::rest_for_one, strategy::all_for_one);
    supervision_tree tree;
    for (child_id level = 1; level <= depth; ++level) {
      tree.supervisors.emplace(level, supervisor{kind, {restarts, 5s}});
      if (level > 1) tree.add(level, level - 1);
      tree.add(100 + level, level);
    }
    tree.alive.insert(1);
    const auto everybody = tree.alive;
    const child_id leaf = 100 + depth;
    std::uint64_t failures = 0;
    while (!tree.root_gave_up) {
      RC_ASSERT(tree.alive == everybody);
      tree.fail(leaf, at(0));
      ++failures;
    }
    std::uint64_t expected = 1;
    for (unsigned level = 0; level < depth; ++level) expected *= restarts + 1;
    RC_ASSERT(failures == expected);
    RC_ASSERT(tree.alive.empty());
  });
}
