// SPDX-License-Identifier: BSD-3-Clause
// Group commit under the testing scheduler: what is gathered while a flush runs, who is told, and
// what a failed flush means for those that come later.
#include "weir/actors/store/commit_actor.hpp"

#include <catch2/catch.hpp>

#include "weir/actors/base/simulation.hpp"
#include "weir/actors/store/commit_port.hpp"
#include "weir/runtime/store/memory_store.hpp"

using namespace std::chrono_literals;
using namespace weir::actors;
using weir::errc;
using weir::result;
using weir::store::memory_store;
using weir::store::table;

namespace {

using outcome_ptr = completion_ptr<result<void>>;

changes_ptr putting(const std::string& key, const std::string& value) {
  auto what = std::make_shared<weir::store::changes>();
  what->put(table::meta, key, value);
  return what;
}

/// A commit actor on a store, in virtual time.
struct committing {
  committing() {
    simulation::configure(config);
    system.emplace(config);
    time = std::make_shared<weir::clock>(weir::timestamp{1s});
    run.emplace(*system, time, 7);
    const auto groups = std::make_shared<commit_groups>();
    keeper = system->spawn<commit_actor>(disk, groups);
    port = {groups, keeper};
  }
  ~committing() {
    kill(keeper);
    run->run();
  }
  outcome_ptr commit(const std::string& key, const std::string& value, bool urgent = true) {
    auto done = std::make_shared<completion<result<void>>>();
    port.write({putting(key, value), done, urgent});
    return done;
  }
  std::string at(const std::string& key) const {
    std::string value = "(none)";
    REQUIRE(disk->get(table::meta, key, value));
    return value;
  }

  std::shared_ptr<memory_store> disk = std::make_shared<memory_store>();
  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
  std::shared_ptr<weir::clock> time;
  std::optional<simulation> run;
  caf::actor keeper;
  commit_port port;
};

bool good(const outcome_ptr& one) { return one->peek() && one->peek()->has_value(); }

}  // namespace

TEST_CASE("what comes while a flush runs is written by the next, in its order", "[store]") {
  committing kit;
  std::vector<outcome_ptr> all;
  all.push_back(kit.commit("a", "1"));
  for (int i = 2; i <= 20; ++i) all.push_back(kit.commit("a", std::to_string(i)));
  const auto before = kit.disk->calls();
  kit.run->run();
  // The first alone or with some; the others together.
  CHECK(kit.disk->calls() - before <= 2);
  for (const auto& one : all) CHECK(good(one));
  CHECK(kit.at("a") == "20");
}

TEST_CASE("nobody is told before the flush", "[store]") {
  committing kit;
  const auto done = kit.commit("a", "1");
  while (kit.disk->calls() == 0) {
    CHECK_FALSE(done->peek());
    REQUIRE(kit.run->step());
  }
  kit.run->run();
  CHECK(good(done));
}

TEST_CASE("what is not urgent waits for what is, or for a moment", "[store]") {
  committing kit;
  const auto lazy = kit.commit("lazy", "1", false);
  kit.run->run();
  CHECK_FALSE(lazy->peek());
  CHECK(good([&] {
    auto urgent = kit.commit("urgent", "1");
    kit.run->run();
    return urgent;
  }()));
  CHECK(good(lazy));
  CHECK(kit.disk->calls() == 1);
  const auto alone = kit.commit("alone", "1", false);
  kit.run->advance(commit_actor::patience - 1ms);
  CHECK_FALSE(alone->peek());
  kit.run->advance(2ms);
  CHECK(good(alone));
}

TEST_CASE("a wish to flush is granted when everything before it is on disk", "[store]") {
  committing kit;
  const auto lazy = kit.commit("lazy", "1", false);
  auto done = std::make_shared<completion<result<void>>>();
  kit.port.flush(done);
  kit.run->run();
  CHECK(good(done));
  CHECK(good(lazy));
  CHECK(kit.at("lazy") == "1");
  auto nothing = std::make_shared<completion<result<void>>>();
  kit.port.flush(nothing);
  kit.run->run();
  CHECK(good(nothing));
}

TEST_CASE("after a failed flush nobody is told that anything is written", "[store]") {
  committing kit;
  kit.disk->set_faults({.fail_at_call = 1});
  const auto first = kit.commit("a", "1");
  kit.run->run();
  REQUIRE(first->peek());
  CHECK(first->peek()->error().code == errc::store_failed);
  const auto later = kit.commit("b", "1");
  auto flush = std::make_shared<completion<result<void>>>();
  kit.port.flush(flush);
  kit.run->run();
  REQUIRE(later->peek());
  CHECK(later->peek()->error().code == errc::store_failed);
  REQUIRE(flush->peek());
  CHECK_FALSE(flush->peek()->has_value());
  CHECK(kit.disk->calls() == 1);  // nothing more was tried
}

TEST_CASE("who waits when a node ends is told", "[store]") {
  committing kit;
  const auto done = kit.commit("a", "1", false);
  kit.run->run();
  kill(kit.keeper);
  kit.run->run();
  REQUIRE(done->peek());
  CHECK(done->peek()->error().code == errc::closed);
}
