// SPDX-License-Identifier: BSD-3-Clause
// Strategies, intensity and escalation on real actors. Children write down that they start; a child
// is ended by a message. All in one simulated actor system.
#include "weir/actors/supervision/supervisor_actor.hpp"

#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "weir/actors/base/simulation.hpp"
#include "weir/actors/supervision/dead_letter_actor.hpp"
#include "weir/runtime/core/log.hpp"

using namespace std::chrono_literals;
using namespace weir::actors;
using weir::supervision::child_choice;
using weir::supervision::restart_type;
using weir::supervision::strategy;

namespace {

struct fail_now {};
struct quit_now {};
struct report_failure {
  caf::actor supervisor;
  open_letters_ptr letters;
};
struct answer_came {};

}  // namespace

WEIR_LOCAL_MESSAGE(fail_now)
WEIR_LOCAL_MESSAGE(quit_now)
WEIR_LOCAL_MESSAGE(report_failure)
WEIR_LOCAL_MESSAGE(answer_came)

namespace {

/// Throws at its second letter, once.
class moody_store final : public weir::delivery::dead_letter_store {
 public:
  weir::result<std::uint64_t> put(weir::delivery::dead_letter letter) override {
    if (++puts_ == 2) throw std::runtime_error{"no memory"};
    return inner_.put(std::move(letter));
  }
  std::size_t size() const noexcept override { return inner_.size(); }
  std::size_t bytes() const noexcept override { return inner_.bytes(); }
  void visit(const std::function<bool(std::uint64_t, const weir::delivery::dead_letter&)>& visit)
      const override {
    inner_.visit(visit);
  }
  const weir::delivery::dead_letter* find(std::uint64_t number) const noexcept override {
    return inner_.find(number);
  }

 private:
  weir::delivery::memory_dead_letter_store inner_;
  int puts_ = 0;
};

class tree {
 public:
  explicit tree(std::uint64_t seed)
      : configured_((simulation::configure(config_), true)),
        system_(config_),
        run(system_, time, seed) {
    weir::set_log_level(weir::log_level::off);
    address->moved_to(dead_letters);
  }
  ~tree() {
    for (const auto& one : roots_) kill(one);
    run.run();
    system_.await_all_actors_done();
  }

  child_spec leaf(weir::supervision::child_id id, child_choice choice = {}) {
    return {.id = id,
            .name = std::to_string(id),
            .start = [this, id](caf::event_based_actor& parent) -> caf::actor {
              if (unable.contains(id)) throw std::runtime_error{"no memory"};
              log += " +" + std::to_string(id);
              // The argument matters: CAF 0.17 reads through a null pointer if there is none.
              return living[id] = parent.home_system().spawn(
                         [this](caf::event_based_actor* self, weir::supervision::child_id own)
                             -> caf::behavior { return leaf_behavior(self, own); },
                         id);
            },
            .choice = choice};
  }

  supervisor_setup setup(strategy kind, unsigned restarts, std::vector<child_spec> children) {
    supervisor_setup made;
    made.name = "test";
    made.strategy = kind;
    made.intensity = {restarts, 10s};
    made.children = std::move(children);
    made.dead_letters = address;
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
            .kind = weir::supervision::member_kind::supervisor};
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
    self->attach_functor([this, id](const caf::error&) { log += " -" + std::to_string(id); });
    if (stubborn.contains(id)) {
      self->set_exit_handler([this, id](caf::exit_msg&) { log += " asked " + std::to_string(id); });
    }
    return {
        [self](quit_now) { self->quit(); },
        [self](fail_now) { self->quit(caf::exit_reason::unhandled_exception); },
        [self, id](const report_failure& how) {
          tell(how.supervisor,
               events_failed{how.letters->hand_over(id, std::vector<failed_letter>(1))});
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
  dead_letter_address_ptr address = std::make_shared<dead_letter_address>();
  std::map<weir::supervision::child_id, caf::actor> living;
  std::string log;  // + starts, - ends
  std::set<weir::supervision::child_id> unable{};    // to start
  std::set<weir::supervision::child_id> stubborn{};  // deaf to being asked to stop

  /// What these do when they quit normally.
  std::string quit(std::initializer_list<weir::supervision::child_id> children) {
    log.clear();
    for (const auto child : children) tell(living.at(child), quit_now{});
    run.run();
    return log;
  }
  weir::supervision::health health_of(const caf::actor& supervisor) {
    auto done = std::make_shared<completion<weir::supervision::health>>();
    tell(supervisor, health_query{done});
    run.run();
    return done->peek().value();
  }

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
    CHECK(restarted(seed, strategy::one_for_one, {2}) == " -2 +2");
    CHECK(restarted(seed, strategy::rest_for_one, {2}) == " -2 -3 +2 +3");
    CHECK(restarted(seed, strategy::all_for_one, {2}) == " -2 -3 -1 +1 +2 +3");
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
  CHECK(actors.fail({1}) == " -1 +1");
  CHECK(actors.fail({2}) == " -2 +2");
  actors.run.advance(11s);
  CHECK(actors.fail({1}) == " -1 +1");
  CHECK(actors.fail({1}) == " -1 +1");
  CHECK(actors.fail({1}) == " -1 !restart_intensity -2");
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
    CHECK(actors.fail({1}) == " -1 +1");
    CHECK(actors.fail({1}) == " -1 !restart_intensity -2 +branch +1 +2");
    // The restarted one has forgotten its restarts; the root has not.
    CHECK(actors.fail({2}) == " -2 +2");
    CHECK(actors.fail({2}) == " -2 !restart_intensity -1 !restart_intensity");
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
    auto letters = std::make_shared<open_letters>();
    tell(actors.living.at(1), report_failure{root, letters});
    actors.run.run();
    CHECK(actors.store->size() == 1);
    CHECK(letters->take().kept.size() == 1);
    CHECK(letters->empty());
  }
}

TEST_CASE("what children reported reaches the store before their supervisor ends",
          "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    const auto root = actors.root(actors.setup(strategy::one_for_one, 0, {actors.leaf(1)}));
    auto letters = std::make_shared<open_letters>();
    tell(actors.living.at(1), report_failure{root, letters});
    actors.run.run();
    CHECK_THAT(actors.log, Catch::EndsWith("-1 !restart_intensity"));
    CHECK(letters->take().kept.size() == 1);
    CHECK(letters->empty());
  }
}

TEST_CASE("a transient child that quits stays ended, and one that fails is restarted",
          "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    const auto root = actors.root(
        actors.setup(strategy::one_for_one, 10,
                     {actors.leaf(1, {.restart = restart_type::transient}), actors.leaf(2)}));
    CHECK(actors.fail({1}) == " -1 +1");
    CHECK(actors.quit({2}) == " -2 +2");
    CHECK(actors.quit({1}) == " -1");
    using weir::supervision::member_state;
    CHECK(actors.health_of(root).children.at(0).state == member_state::ended);
    CHECK(actors.health_of(root).well());
  }
}

TEST_CASE("an ended transient child starts with its siblings, as in OTP, unless its end was told",
          "[supervision]") {
  for (const bool told : {false, true}) {
    tree actors{1};
    actors.own(actors.dead_letters);
    auto done = actors.leaf(2, {.restart = restart_type::transient});
    if (told) done.on_over = [&](const weir::error& why) { actors.log += " over: " + why.message; };
    actors.root(actors.setup(strategy::all_for_one, 10, {actors.leaf(1), done}));
    CHECK(actors.quit({2}) ==
          (told ? " -2 over: 2 has ended and is not restarted: it is transient" : " -2"));
    CHECK(actors.fail({1}) == (told ? " -1 +1" : " -1 +1 +2"));
  }
}

TEST_CASE("a temporary child that is stopped with a sibling is over, and told so once",
          "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    auto passing = actors.leaf(2, {.restart = restart_type::temporary});
    passing.on_over = [&](const weir::error&) { actors.log += " over"; };
    const auto root =
        actors.root(actors.setup(strategy::all_for_one, 10, {actors.leaf(1), passing}));
    CHECK(actors.fail({1}) == " -1 -2 over +1");
    CHECK(actors.fail({1}) == " -1 +1");
    CHECK(actors.health_of(root).children.at(1).state == weir::supervision::member_state::ended);
  }
}

TEST_CASE("a child that does not stop when asked is killed after its deadline, and the next is "
          "asked only then",
          "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    actors.stubborn = {3};
    actors.root(actors.setup(
        strategy::all_for_one, 10,
        {actors.leaf(1), actors.leaf(2, {.shutdown = 5s}), actors.leaf(3, {.shutdown = 5s})}));
    CHECK(actors.fail({1}) == " -1 asked 3");
    actors.run.advance(4s);
    CHECK(actors.log == " -1 asked 3");
    actors.run.advance(1s);
    CHECK(actors.log == " -1 asked 3 -3 -2 +1 +2 +3");
  }
}

TEST_CASE("restarts in a row wait as the backoff says, and nobody else waits", "[supervision]") {
  tree actors{3};
  actors.own(actors.dead_letters);
  actors.root(actors.setup(
      strategy::one_for_one, 10,
      {actors.leaf(1, {.backoff = weir::exponential(1s)}), actors.leaf(2)}));
  CHECK(actors.fail({1}) == " -1");
  CHECK(actors.fail({2}) == " -2 +2");
  actors.run.advance(1s - 1ns);
  CHECK(actors.log == " -2 +2");
  actors.run.advance(1ns);
  CHECK(actors.log == " -2 +2 +1");
  CHECK(actors.fail({1}) == " -1");
  actors.run.advance(2s - 1ns);
  CHECK(actors.log == " -1");
  actors.run.advance(1ns);
  CHECK(actors.log == " -1 +1");
}

TEST_CASE("a whole group waits for the backoff of the child that failed, and starts in its order",
          "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    actors.root(actors.setup(
        strategy::all_for_one, 10,
        {actors.leaf(1), actors.leaf(2, {.shutdown = 5s, .backoff = weir::fixed(2s)}),
         actors.leaf(3, {.shutdown = 5s})}));
    CHECK(actors.fail({2}) == " -2 -3 -1");
    actors.run.advance(2s);
    CHECK(actors.log == " -2 -3 -1 +1 +2 +3");
  }
}

TEST_CASE("a start that fails is a restart that counts, and too many end the supervisor",
          "[supervision]") {
  tree actors{5};
  actors.own(actors.dead_letters);
  actors.root(actors.setup(strategy::one_for_one, 3, {actors.leaf(1), actors.leaf(2)}));
  actors.unable = {2};
  CHECK(actors.fail({2}) == " -2 !restart_intensity -1");
}

TEST_CASE("a supervisor whose first child cannot start has failed, and stops who was started",
          "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    actors.unable = {2};
    actors.root(actors.setup(strategy::one_for_one, 10,
                             {actors.leaf(1), actors.leaf(2), actors.leaf(3)}));
    CHECK(actors.log == " +1 !subscriber_died -1");
  }
}

TEST_CASE("a killed supervisor's children end before the next incarnation starts theirs",
          "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    tree actors{seed};
    actors.own(actors.dead_letters);
    const auto one = actors.leaf(1);
    const auto two = actors.leaf(2);
    const auto root = actors.root(actors.setup(
        strategy::one_for_one, 10, {actors.branch(9, [&] {
          return actors.setup(strategy::one_for_one, 1, {one, two});
        })}));
    actors.log.clear();
    tell(root, child_killed{0, 9});
    actors.run.run();
    // Each ends before it starts again.
    const auto place = [&](const char* what) { return actors.log.find(what); };
    CHECK(place("-1") < place("+1"));
    CHECK(place("-2") < place("+2"));
    CHECK(place("+1") < place("+2"));
    CHECK(actors.fail({1}) == " -1 +1");
    CHECK(actors.health_of(root).children.at(0).restarts == 1);
    CHECK(actors.health_of(root).children.at(0).children.at(0).restarts == 2);
  }
}

TEST_CASE("the health of a tree is all of it, with what ended whom", "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    const auto root = actors.root(actors.setup(
        strategy::one_for_one, 1, {actors.branch(9, [&] {
          return actors.setup(strategy::one_for_one, 2,
                              {actors.leaf(1), actors.leaf(2, {.backoff = weir::fixed(1s)})});
        })}));
    actors.fail({1});
    actors.fail({2});
    CHECK(to_string(actors.health_of(root)) ==
          "test: supervisor, running, 0 of 1 restarts in 10000ms\n"
          "  branch: supervisor, running, 2 of 2 restarts in 10000ms\n"
          "    1: subscription, running, restarted 1 time, last: subscriber_died: 1 ended by "
          "an exception\n"
          "    2: subscription, restarting, last: subscriber_died: 2 ended by an exception\n");
  }
}

TEST_CASE("a dead-letter actor that dies over a letter begins with it again, and keeps none twice",
          "[supervision]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    tree actors{seed};
    actors.own(actors.dead_letters);
    const auto store = std::make_shared<moody_store>();
    const child_spec keeper{.id = 9,
                            .name = "keeper",
                            .start = [&](caf::event_based_actor& parent) -> caf::actor {
                              auto made = parent.home_system().spawn<dead_letter_actor>(store);
                              actors.address->moved_to(made);
                              return made;
                            },
                            .kind = weir::supervision::member_kind::dead_letters};
    auto reporting = actors.leaf(1);
    reporting.letters = std::make_shared<open_letters>();
    const auto root =
        actors.root(actors.setup(strategy::one_for_one, 10, {keeper, reporting}));
    std::vector<failed_letter> letters(3);
    for (std::uint64_t i = 0; i < 3; ++i) letters[i].content.offset = i;
    tell(root, events_failed{reporting.letters->hand_over(1, std::move(letters))});
    actors.run.run();
    std::vector<std::uint64_t> offsets;
    store->visit([&](std::uint64_t, const auto& letter) {
      offsets.push_back(letter.offset);
      return true;
    });
    CHECK(offsets == std::vector<std::uint64_t>{0, 1, 2});
    CHECK(reporting.letters->take().kept.size() == 3);
    CHECK_THAT(actors.log, Catch::Contains("answered 1"));
    CHECK(actors.health_of(root).children.at(0).restarts == 1);
  }
}
