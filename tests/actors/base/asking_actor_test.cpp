// SPDX-License-Identifier: BSD-3-Clause
// Answers find their tickets, in whatever order they come, and who cannot answer is told about.
#include "weir/actors/base/asking_actor.hpp"

#include <map>

#include <catch2/catch.hpp>

#include "weir/actors/base/simulation.hpp"

namespace base_tests {

struct question {
  std::uint64_t ticket;
  caf::actor whom;
  std::int64_t number;
};
using outcomes = std::map<std::uint64_t, std::string>;

}  // namespace base_tests

WEIR_LOCAL_MESSAGE(base_tests::question)

using namespace base_tests;
using weir::actors::tell;

namespace {

class asker : public weir::actors::asking_actor {
 public:
  asker(caf::actor_config& config, outcomes& heard)
      : weir::actors::asking_actor(config), heard_(heard) {}
  caf::behavior make_behavior() override {
    return {[this](const question& one) { ask(one.whom, one.ticket, one.number); },
            [this](const caf::actor& whom) {
              // One of CAF's own beside them.
              request(whom, caf::infinite, std::int64_t{5}).then([this](std::int64_t square) {
                heard_[0] = std::to_string(square);
              });
            }};
  }

 private:
  void answered(std::uint64_t ticket, weir::actors::answer given) override {
    auto reply = given.take<std::int64_t>();
    heard_[ticket] = reply ? std::to_string(*reply) : to_string(reply.error());
  }

  outcomes& heard_;
};

/// Squares, refuses what is negative, and says something else than a number to zero. The argument
/// matters: CAF 0.17 reads through a null pointer if there is none.
caf::behavior squaring(caf::event_based_actor*, int) {
  return {[](std::int64_t number) -> caf::result<caf::message> {
    if (number < 0) return caf::make_error(caf::sec::invalid_argument);
    if (number == 0) return caf::make_message(std::string{"nought"});
    return caf::make_message(number * number);
  }};
}

struct stage {
  explicit stage(std::uint64_t seed) {
    weir::actors::simulation::configure(config);
    system.emplace(config);
    play.emplace(*system, time, seed);
    square = system->spawn(squaring, 0);
    subject = system->spawn<asker>(heard);
  }
  ~stage() {
    weir::actors::kill(square);
    weir::actors::kill(subject);
    square = nullptr;
    subject = nullptr;
    play->run();
  }

  outcomes heard;
  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
  const weir::timestamp start{std::chrono::hours{1}};
  std::shared_ptr<weir::clock> time = std::make_shared<weir::clock>(start);
  std::optional<weir::actors::simulation> play;
  caf::actor square;
  caf::actor subject;
};

}  // namespace

TEST_CASE("every answer finds its ticket, beside CAF's own requests", "[base]") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    stage on{seed};
    outcomes expected;
    tell(on.subject, on.square);
    expected[0] = "25";
    const std::uint64_t last = weir::actors::asking_actor::ticket_end - 1;
    for (const std::uint64_t ticket : {std::uint64_t{7}, std::uint64_t{1}, last}) {
      const auto number = static_cast<std::int64_t>(ticket % 100);
      tell(on.subject, question{ticket, on.square, number});
      expected[ticket] = std::to_string(number * number);
    }
    on.play->run();
    CHECK(on.heard == expected);
  }
}

TEST_CASE("an error, another type, an actor that has ended and none at all are told", "[base]") {
  stage on{1};
  tell(on.subject, question{1, on.square, -1});
  tell(on.subject, question{2, on.square, 0});
  tell(on.subject, question{3, caf::actor{}, 1});
  on.play->run();
  weir::actors::kill(on.square);
  on.play->run();
  tell(on.subject, question{4, on.square, 1});
  on.play->run();
  REQUIRE(on.heard.size() == 4);
  for (const auto& [ticket, text] : on.heard) CHECK_THAT(text, Catch::StartsWith("lookup_failed"));
  CHECK_THAT(on.heard[2], Catch::Contains("something else") && Catch::Contains("nought"));
}
