// SPDX-License-Identifier: BSD-3-Clause
// The scheduler under plain actors: nothing is forgotten, whatever wakes whom.
#include "weir/actors/base/handoff_policy.hpp"

#include <atomic>
#include <memory>
#include <chrono>
#include <vector>

#include <catch2/catch.hpp>

#include "weir/actors/base/caf.hpp"
#include "weir/actors/base/completion.hpp"

namespace handoff_tests {

/// A ball that is passed `left` more times.
struct ball {
  int left;
};
/// Tells an actor whom to pass to.
struct partner {
  caf::actor actor;
};
using finish_line = std::shared_ptr<weir::actors::completion<int>>;

}  // namespace handoff_tests

WEIR_LOCAL_MESSAGE(handoff_tests::ball)
WEIR_LOCAL_MESSAGE(handoff_tests::partner)

using namespace handoff_tests;

namespace {

class player : public caf::event_based_actor {
 public:
  player(caf::actor_config& config, std::shared_ptr<std::atomic<int>> running, finish_line end)
      : caf::event_based_actor(config), running_(std::move(running)), end_(std::move(end)) {}

  caf::behavior make_behavior() override {
    return {[this](const partner& next) { next_ = next.actor; },
            [this](const ball& thrown) {
              if (thrown.left > 0) {
                weir::actors::tell_from(*this, next_, ball{thrown.left - 1});
                return;
              }
              next_ = nullptr;
              if (running_->fetch_sub(1) == 1) end_->complete(1);
            }};
  }
  void on_exit() override { next_ = nullptr; }

 private:
  caf::actor next_;
  std::shared_ptr<std::atomic<int>> running_;
  finish_line end_;
};

/// `pairs` pairs of actors pass a ball `passes` times each; true if all came to an end.
bool play(std::size_t threads, int pairs, int passes) {
  caf::actor_system_config config;
  weir::actors::use_threads(config, threads);
  auto end = std::make_shared<weir::actors::completion<int>>();
  auto running = std::make_shared<std::atomic<int>>(pairs);
  caf::actor_system system{config};
  std::vector<caf::actor> all;
  for (int i = 0; i < pairs; ++i) {
    const auto one = system.spawn<player>(running, end);
    const auto other = system.spawn<player>(running, end);
    weir::actors::tell(one, partner{other});
    weir::actors::tell(other, partner{one});
    weir::actors::tell(one, ball{passes});
    all.push_back(one);
    all.push_back(other);
  }
  const bool ended = end->wait_for(std::chrono::minutes{2}).has_value();
  for (const auto& one : all) weir::actors::kill(one);
  return ended;
}

}  // namespace

TEST_CASE("every chain of messages comes to its end, at any number of workers", "[base]") {
  for (const std::size_t threads : {1, 2, 4}) {
    INFO("threads=" << threads);
    CHECK(play(threads, 1, 20'000));
    CHECK(play(threads, 16, 2'000));
  }
}

TEST_CASE("a job that waits behind a blocked worker is taken by a sleeping one", "[base]") {
  for (const std::size_t threads : {2, 4}) {
    INFO("threads=" << threads);
    caf::actor_system_config config;
    weir::actors::use_threads(config, threads);
    caf::actor_system system{config};
    auto helped = std::make_shared<weir::actors::completion<int>>();
    auto blocked = std::make_shared<weir::actors::completion<bool>>();
    // With arguments: without any CAF binds a reference to nothing, which UBSan minds.
    const auto helping = [](finish_line done) -> caf::behavior {
      return {[done](int number) { done->complete(number); }};
    };
    const auto helper = system.spawn(helping, helped);
    // Its message to the helper goes into its own worker's slot, which that worker cannot reach
    // while it waits for the helper.
    const auto blocking = [=](caf::event_based_actor* self, caf::actor whom) -> caf::behavior {
      return {[=](int number) {
        weir::actors::tell_from(*self, whom, number);
        blocked->complete(helped->wait_for(std::chrono::minutes{1}).has_value());
      }};
    };
    const auto blocker = system.spawn(blocking, helper);
    weir::actors::tell(blocker, 1);
    CHECK(blocked->wait_for(std::chrono::minutes{2}) == true);
    weir::actors::kill(helper);
    weir::actors::kill(blocker);
  }
}

TEST_CASE("a worker that helped and is blocked itself is helped by the next", "[base]") {
  constexpr int depth = 3;  // workers that are blocked at once, each by the one behind it
  caf::actor_system_config config;
  weir::actors::use_threads(config, depth + 1);
  caf::actor_system system{config};
  std::vector<finish_line> ended;
  for (int i = 0; i <= depth; ++i) {
    ended.push_back(std::make_shared<weir::actors::completion<int>>());
  }
  std::vector<caf::actor> all;
  const auto blocking = [](caf::event_based_actor* self, caf::actor next, finish_line of_next,
                           finish_line own) -> caf::behavior {
    return {[=](int number) {
      if (next) {
        weir::actors::tell_from(*self, next, number);
        of_next->wait_for(std::chrono::minutes{1});
      }
      own->complete(number);
    }};
  };
  for (int i = depth; i >= 0; --i) {
    const auto next = all.empty() ? caf::actor{} : all.back();
    const auto of_next = i == depth ? finish_line{} : ended[static_cast<std::size_t>(i) + 1];
    all.push_back(system.spawn(blocking, next, of_next, ended[static_cast<std::size_t>(i)]));
  }
  weir::actors::tell(all.back(), 7);
  CHECK(ended[0]->wait_for(std::chrono::seconds{30}) == 7);
  for (const auto& one : all) weir::actors::kill(one);
}

TEST_CASE("a system of actors starts and stops many times without hanging", "[base]") {
  for (int round = 0; round < 60; ++round) CHECK(play(1 + round % 3, 2, 10));
}
