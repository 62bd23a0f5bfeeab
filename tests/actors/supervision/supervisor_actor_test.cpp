// SPDX-License-Identifier: BSD-3-Clause
// Strategies, intensity and escalation on real actors. Children write down that they start; a child
// is ended by a message. All in one simulated actor system.
#include "weir/actors/supervision/supervisor_actor.hpp"

#include <map>

#include <catch2/catch.hpp>

#include "weir/actors/base/simulation.hpp"
#include "weir/actors/supervision/dead_letter_actor.hpp"
#include "weir/runtime/core/log.hpp"

using namespace std::chrono_literals;
using namespace weir::actors;
using weir::supervision::strategy;

namespace {

struct fail_now {};
struct report_failure {
  caf::actor supervisor;
  letter_answers_ptr answers;
};
struct answer_came {};

}  // namespace

WEIR_LOCAL_MESSAGE(fail_now)
WEIR_LOCAL_MESSAGE(report_failure)
WEIR_LOCAL_MESSAGE(answer_came)

namespace {

class tree {
 public:
  explicit tree(std::uint64_t seed)
      : configured_((simulation::configure(config_), true)),
        system_(config_),
        run(system_, time, seed) {
    weir::set_log_level(weir::log_level::off);
  }
  ~tree() {
    for (const auto& one : roots_) kill(one);
    run.run();
    system_.await_all_actors_done();
  }

  child_spec leaf(weir::supervision::child_id id) {
    return {.id = id,
            .name = std::to_string(id),
            .start = [this, id](caf::event_based_actor& parent) -> caf::actor {
              log += " +" + std::to_string(id);
              // The argument matters: CAF 0.17 reads through a null pointer if there is none.
              return living[id] = parent.home_system().spawn(
                         [this](caf::event_based_actor* self, weir::supervision::child_id own)
                             -> caf::behavior { return leaf_behavior(self, own); },
                         id);
            }};
  }

  supervisor_setup setup(strategy kind, unsigned restarts, std::vector<child_spec> children) {
    supervisor_setup made;
    made.name = "test";
    made.strategy = kind;
    made.intensity = {restarts, 10s};
    made.children = std::move(children);
    made.dead_letters = dead_letters;
    made.time = time;
    made.on_escalate = [this](const weir::error& why) {
      log.append(" !").append(to_string(why.code));
    };
    return made;
  }

  caf::actor root(supervisor_setup setup) {
    roots_.push_back(system_.spawn<supervisor_actor>(std::move(setup)));
    run.run();
    return roots_.back();
  }

  /// A supervisor of leaves as a child of another.
  child_spec branch(weir::supervision::child_id id, std::function<supervisor_setup()> make) {
    return {.id = id,
            .name = "branch",
            .start = [=, this](caf::event_based_actor& parent) -> caf::actor {
              log += " +branch";
              return living[id] = parent.home_system().spawn<supervisor_actor>(make());
            },
            .is_supervisor = true};
  }

  /// What happens when these children end, all before anybody can react.
  std::string fail(std::initializer_list<weir::supervision::child_id> children) {
    log.clear();
    for (const auto child : children) tell(living.at(child), fail_now{});
    run.run();
    return log;
  }

 private:
  caf::behavior leaf_behavior(caf::event_based_actor* self, weir::supervision::child_id id) {
    return {
        [self](fail_now) { self->quit(caf::exit_reason::unhandled_exception); },
        [self, id](const report_failure& how) {
          auto letters = std::make_shared<std::vector<failed_letter>>(1);
          tell(how.supervisor, events_failed{id, std::move(letters), how.answers});
          self->quit(caf::exit_reason::unhandled_exception);
        },
        [this, id](const letters_answered&) { log += " answered " + std::to_string(id); },
    };
  }

  caf::actor_system_config config_;
  bool configured_;
  caf::actor_system system_;
  std::vector<caf::actor> roots_;

 public:
  std::shared_ptr<weir::clock> time = std::make_shared<weir::clock>(weir::timestamp{100h});
  simulation run;
  std::shared_ptr<weir::delivery::memory_dead_letter_store> store =
      std::make_shared<weir::delivery::memory_dead_letter_store>();
  caf::actor dead_letters = system_.spawn<dead_letter_actor>(store);
  std::map<weir::supervision::child_id, caf::actor> living;
  std::string log;

  void own(const caf::actor& one) { roots_.push_back(one); }
};

std::string restarted(std::uint64_t seed, strategy kind,
                      std::initializer_list<weir::supervision::child_id> failing) {
  tree actors{seed};
  actors.own(actors.dead_letters);
  actors.root(actors.setup(kind, 10, {actors.leaf(1), actors.leaf(2), actors.leaf(3)}));
  CHECK(actors.log == " +1 +2 +3");
  return actors.fail(failing);
}

}  // namespace

TEST_CASE("who is restarted with a failed child is the strategy's to say", "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CHECK(restarted(seed, strategy::one_for_one, {2}) == " +2");
    CHECK(restarted(seed, strategy::rest_for_one, {2}) == " +2 +3");
    CHECK(restarted(seed, strategy::all_for_one, {2}) == " +1 +2 +3");
  }
}

TEST_CASE("children that fail at once are all alive afterwards", "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (const auto kind : {strategy::one_for_one, strategy::rest_for_one, strategy::all_for_one}) {
      tree actors{seed};
      actors.own(actors.dead_letters);
      actors.root(actors.setup(kind, 100, {actors.leaf(1), actors.leaf(2), actors.leaf(3)}));
      actors.fail({3, 1, 2});
      for (const weir::supervision::child_id child : {1, 2, 3}) {
        INFO("seed " << seed << ", child " << child);
        CHECK_THAT(actors.fail({child}), Catch::Contains(" +" + std::to_string(child)));
      }
    }
  }
}

TEST_CASE("restarts within the intensity never escalate, one more does", "[supervision]") {
  tree actors{4};
  actors.own(actors.dead_letters);
  actors.root(actors.setup(strategy::one_for_one, 2, {actors.leaf(1), actors.leaf(2)}));
  CHECK(actors.fail({1}) == " +1");
  CHECK(actors.fail({2}) == " +2");
  actors.run.advance(11s);
  CHECK(actors.fail({1}) == " +1");
  CHECK(actors.fail({1}) == " +1");
  CHECK(actors.fail({1}) == " !restart_intensity");
  CHECK(actors.fail({2}) == "");
}

TEST_CASE("a nested supervisor that gives up is restarted with all its children", "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    actors.root(actors.setup(
        strategy::one_for_one, 1, {actors.branch(9, [&] {
          return actors.setup(strategy::one_for_one, 1, {actors.leaf(1), actors.leaf(2)});
        })}));
    CHECK(actors.log == " +branch +1 +2");
    CHECK(actors.fail({1}) == " +1");
    CHECK(actors.fail({1}) == " !restart_intensity +branch +1 +2");
    // The restarted one has forgotten its restarts; the root has not.
    CHECK(actors.fail({2}) == " +2");
    CHECK(actors.fail({2}) == " !restart_intensity !restart_intensity");
    CHECK(actors.fail({1}) == "");
  }
}

TEST_CASE("a supervisor that must stop while it restarts children stops nevertheless",
          "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    const auto branch = [&](std::vector<child_spec> leaves) {
      return [&, leaves] { return actors.setup(strategy::all_for_one, 100, leaves); };
    };
    actors.root(
        actors.setup(strategy::all_for_one, 100,
                     {actors.branch(8, branch({actors.leaf(1), actors.leaf(2)})),
                      actors.branch(9, branch({actors.leaf(3), actors.leaf(4)})), actors.leaf(5)}));
    actors.fail({1, 3, 5});
    // The last child of the root failed: everything was stopped, everything lives again.
    for (const weir::supervision::child_id child : {1, 2, 3, 4, 5}) {
      INFO("seed " << seed << ", child " << child);
      CHECK_THAT(actors.fail({child}), Catch::Contains(" +" + std::to_string(child)));
    }
  }
}

TEST_CASE("the answer about a letter reaches the incarnation that lives then", "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    const auto root = actors.root(actors.setup(strategy::one_for_one, 10, {actors.leaf(1)}));
    auto answers = std::make_shared<letter_answers>();
    tell(actors.living.at(1), report_failure{root, answers});
    actors.run.run();
    CHECK(actors.store->size() == 1);
    CHECK(answers->take().kept.size() == 1);
  }
}

TEST_CASE("what children reported reaches the store before their supervisor ends",
          "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    const auto root = actors.root(actors.setup(strategy::one_for_one, 0, {actors.leaf(1)}));
    auto answers = std::make_shared<letter_answers>();
    tell(actors.living.at(1), report_failure{root, answers});
    actors.run.run();
    CHECK_THAT(actors.log, Catch::EndsWith("!restart_intensity"));
    CHECK(answers->take().kept.size() == 1);
  }
}
