// SPDX-License-Identifier: BSD-3-Clause
// Seeded choice of actors and virtual time, on plain CAF actors.
#include "weir/actors/base/simulation.hpp"

#include <set>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using weir::actors::simulation;

namespace {

struct later {
  weir::duration delay;
  std::string what;
};
struct note {
  std::string what;
};

}  // namespace

WEIR_LOCAL_MESSAGE(later)
WEIR_LOCAL_MESSAGE(note)

namespace {

class simulated_system {
 public:
  explicit simulated_system(std::uint64_t seed, const std::string& faults = "none")
      : configured_((simulation::configure(config_), true)),
        system_(config_),
        run(system_, time, seed,
            std::make_shared<weir::sim::fault_source>(
                seed, weir::sim::read_faults(faults, "plan").value())) {}
  ~simulated_system() {
    for (const auto& one : actors_) weir::actors::kill(one);
    run.run();
  }

  /// An actor that writes down its notes with the time since the start.
  caf::actor noting(const std::string& name) {
    // The argument matters: CAF 0.17 reads through a null pointer when a function has none.
    actors_.push_back(system_.spawn(
        [this](caf::event_based_actor* self, const std::string& own_name) -> caf::behavior {
          return {
              [this, self](const later& wanted) {
                weir::actors::tell_later(*self, wanted.delay, note{wanted.what});
              },
              [this, own_name](const note& one) {
                const auto hours = (time->now() - start) / 1h;
                notes.push_back(own_name + one.what + "@" + std::to_string(hours));
              },
          };
        },
        name));
    return actors_.back();
  }

 private:
  caf::actor_system_config config_;
  bool configured_;
  caf::actor_system system_;
  std::vector<caf::actor> actors_;

 public:
  const weir::timestamp start{100h};
  std::shared_ptr<weir::clock> time = std::make_shared<weir::clock>(start);
  simulation run;
  std::vector<std::string> notes;
};

std::vector<std::string> interleaving(std::uint64_t seed, const std::string& faults = "none") {
  simulated_system simulated{seed, faults};
  std::vector<caf::actor> actors;
  for (const auto* name : {"a", "b", "c", "d"}) actors.push_back(simulated.noting(name));
  simulated.run.run();
  for (const auto* what : {"1", "2", "3"}) {
    for (const auto& one : actors) weir::actors::tell(one, note{what});
  }
  simulated.run.run();
  return simulated.notes;
}

}  // namespace

TEST_CASE("a seed chooses the order of actors, and always the same", "[base]") {
  std::set<std::vector<std::string>> orders;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto order = interleaving(seed);
    CHECK(order.size() == 12);
    CHECK(order == interleaving(seed));
    orders.insert(order);
  }
  CHECK(orders.size() > 5);
}

TEST_CASE("a step is one message of one actor", "[base]") {
  simulated_system simulated{1};
  const auto one = simulated.noting("a");
  simulated.run.run();
  CHECK_FALSE(simulated.run.step());
  const auto before = simulated.run.steps();
  weir::actors::tell(one, note{"1"});
  weir::actors::tell(one, note{"2"});
  CHECK(simulated.run.step());
  CHECK(simulated.notes.size() == 1);
  CHECK(simulated.run.run() == 1);
  CHECK(simulated.run.steps() == before + 2);
}

TEST_CASE("timers fire in the order of their times, as far as time is moved", "[base]") {
  simulated_system simulated{3};
  const auto one = simulated.noting("a");
  weir::actors::tell(one, later{3h, "3"});
  weir::actors::tell(one, later{1h, "1"});
  weir::actors::tell(one, later{2h, "2"});
  simulated.run.advance(0h);
  CHECK(simulated.notes.empty());
  simulated.run.advance(2h);
  CHECK(simulated.notes == std::vector<std::string>{"a1@1", "a2@2"});
  CHECK(simulated.time->now() == simulated.start + 2h);
  simulated.run.advance(10h);
  CHECK(simulated.notes.back() == "a3@3");
  CHECK(simulated.time->now() == simulated.start + 12h);
}

TEST_CASE("next_timer never goes beyond its latest time", "[base]") {
  simulated_system simulated{3};
  weir::actors::tell(simulated.noting("a"), later{5h, "5"});
  simulated.run.run();
  CHECK_FALSE(simulated.run.next_timer(simulated.start + 2h));
  CHECK(simulated.time->now() == simulated.start + 2h);
  CHECK(simulated.run.next_timer(simulated.start + 9h));
  CHECK(simulated.time->now() == simulated.start + 5h);
  simulated.run.run();
  CHECK(simulated.notes == std::vector<std::string>{"a5@5"});
  CHECK_FALSE(simulated.run.next_timer(simulated.start + 9h));
  CHECK(simulated.time->now() == simulated.start + 9h);
}

TEST_CASE("an actor that stalls runs later, and everything is handled", "[base]") {
  std::set<std::vector<std::string>> orders;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto order = interleaving(seed, "actor-stalls=0.3");
    CHECK(order.size() == 12);
    CHECK(order == interleaving(seed, "actor-stalls=0.3"));
    CHECK(order != interleaving(seed));
    orders.insert(order);
  }
  CHECK(orders.size() > 5);
  // Nobody else could run: even who always stalls does.
  CHECK(interleaving(1, "actor-stalls=1").size() == 12);
}

TEST_CASE("a timer that is late fires with those that are due by then, never beyond the deadline",
          "[base]") {
  simulated_system simulated{3, "timer-late at 1 for 7200s,timer-late at 2 for 3600s"};
  const auto one = simulated.noting("a");
  for (const auto& [delay, what] : {std::pair{1h, "1"}, {2h, "2"}, {5h, "5"}}) {
    weir::actors::tell(one, later{delay, what});
  }
  simulated.run.advance(0h);
  CHECK(simulated.run.next_timer(simulated.start + 9h));
  simulated.run.run();
  CHECK(simulated.notes == std::vector<std::string>{"a1@3", "a2@3"});
  CHECK(simulated.run.next_timer(simulated.start + 5h + 30min));
  CHECK(simulated.time->now() == simulated.start + 5h + 30min);
}

TEST_CASE("a clock that jumps takes no timer with it", "[base]") {
  simulated_system simulated{3, "clock-jumps at 1 for -7200s,clock-jumps at 2 for 10800s"};
  const auto one = simulated.noting("a");
  weir::actors::tell(one, later{3h, "3"});
  weir::actors::tell(one, later{4h, "4"});
  simulated.run.advance(10h);
  CHECK(simulated.notes == std::vector<std::string>{"a3@1", "a4@5"});
}

TEST_CASE("time may pass while an actor runs, and one that runs may be killed", "[base]") {
  simulated_system simulated{3};
  const auto one = simulated.noting("a");
  weir::actors::tell(one, later{1h, "1"});
  simulated.run.run();
  simulated.run.pass(2h);
  CHECK(simulated.time->now() == simulated.start + 2h);
  simulated.run.kill_running();  // nobody runs
  simulated.run.run();
  CHECK(simulated.notes == std::vector<std::string>{"a1@2"});
}
