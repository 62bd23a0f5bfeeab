// SPDX-License-Identifier: BSD-3-Clause
// Contexts: what handlers see, and when what they publish is seen by others.
#include "weir/runtime/delivery/context.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/outlet.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using namespace event_tests;
using delivery_tests::commit_and_take;
using delivery_tests::outlet;
using weir::context;

namespace {

const weir::timestamp noon{std::chrono::hours{12}};
using numbers = std::vector<std::uint64_t>;

// A context that stands at the second of three events.
struct stage {
  stage() {
    where.open(events, {.partition = 2, .delivery_count = 3, .attempt = 4, .now = noon});
    where.at(1);
  }
  numbers taken() { return delivery_tests::numbers_of<numbered>(commit_and_take(where)); }

  weir::batch events = batch_from(50, 3, 1000);
  context where{1};
};

}  // namespace

TEST_CASE("a context tells which event it stands at", "[delivery]") {
  stage at;
  CHECK(at.where.header().id == weir::event_id{52, 1});
  CHECK(at.where.key() == at.where.header().key);
  CHECK(at.where.offset() == 1001);
  CHECK(at.where.index() == 1);
  CHECK(at.where.partition() == 2);
  CHECK(at.where.delivery_count() == 3);
  CHECK(at.where.attempt() == 4);
  CHECK(at.where.now() == noon);
}

TEST_CASE("an event's dice fall the same way in each attempt, and otherwise elsewhere",
          "[delivery]") {
  stage at;
  at.where.serve("billing");
  const auto first = at.where.chance()();
  CHECK(at.where.chance()() == first);
  at.where.open(at.events, {.partition = 0, .delivery_count = 9, .attempt = 1, .now = {}});
  at.where.at(1);
  CHECK(at.where.chance()() == first);
  at.where.at(2);
  CHECK(at.where.chance()() != first);
  at.where.at(1);
  at.where.serve("audit");
  CHECK(at.where.chance()() != first);
  at.where.fix_chance(weir::delivery::chance_seed("billing", at.where.header().id));
  CHECK(at.where.chance()() == first);
  // Frozen: tests that were written of dead letters would not repeat them any more.
  CHECK(weir::delivery::chance_seed("billing", {52, 1}) == 15425500327661305975U);
}

TEST_CASE("what a handler publishes continues the conversation and names its cause", "[delivery]") {
  stage at;
  const outlet to;
  REQUIRE(at.where.publish(to, numbered{7}));
  at.where.accept();
  const auto sent = commit_and_take(at.where);
  REQUIRE(sent.size() == 1);
  const auto& header = sent[0][0].header;
  CHECK(header.correlation_id() == at.where.header().correlation_id());
  CHECK(header.causation_id() == at.where.header().id);
  CHECK(header.time == noon);
}

TEST_CASE("a handler may begin another conversation, but not name another cause", "[delivery]") {
  stage at;
  const outlet to;
  REQUIRE(at.where.publish(to, numbered{7}, {.correlation_id = {9, 9}, .causation_id = {8, 8}}));
  at.where.accept();
  const auto sent = commit_and_take(at.where);
  CHECK(sent.at(0)[0].header.correlation_id() == weir::event_id{9, 9});
  CHECK(sent.at(0)[0].header.causation_id() == at.where.header().id);
}

TEST_CASE("a handler may publish a value it keeps", "[delivery]") {
  stage at;
  const outlet to;
  const named value{"a text that is long enough to be on the heap", 7};
  REQUIRE(at.where.publish(to, value));
  CHECK_FALSE(value.name.empty());
}

TEST_CASE("what an attempt staged is forgotten when it is rejected", "[delivery]") {
  stage at;
  const outlet to;
  CHECK_FALSE(at.where.staged());
  REQUIRE(at.where.publish(to, numbered{1}));
  CHECK(at.where.staged());
  at.where.accept();
  CHECK_FALSE(at.where.staged());
  REQUIRE(at.where.publish(to, numbered{2}));
  REQUIRE(at.where.publish(to, numbered{3}));
  at.where.reject();
  CHECK_FALSE(at.where.staged());
  REQUIRE(at.where.publish(to, numbered{4}));
  at.where.accept();
  CHECK(at.taken() == numbers{1, 4});
}

TEST_CASE("a rejected attempt is forgotten in every topic it published to", "[delivery]") {
  stage at;
  const outlet one{{}, 0}, two{{}, 5};
  REQUIRE(at.where.publish(one, numbered{1}));
  REQUIRE(at.where.publish(two, numbered{2}));
  at.where.reject();
  REQUIRE(at.where.publish(two, numbered{3}));
  at.where.accept();
  CHECK(at.taken() == numbers{3});
}

TEST_CASE("nothing is seen before the commit, and a commit names topic and partition",
          "[delivery]") {
  stage at;
  const outlet to{{}, 3};
  REQUIRE(at.where.publish(to, numbered{1}));
  at.where.accept();
  int rings = 0;
  at.where.visit_rings([&](const auto&, auto, const auto&) { ++rings; });
  CHECK(rings == 0);
  std::vector<std::string> calls;
  const auto record = [&](const weir::topic::settings& topic, std::uint32_t partition,
                          const std::shared_ptr<weir::topic::ring>& ring, bool first_use, bool) {
    calls.push_back(topic.name + "/" + std::to_string(partition) + (first_use ? " first" : "") +
                    " " + std::to_string(ring->committed()));
  };
  at.where.commit(record);
  at.where.commit(record);
  REQUIRE(at.where.publish(to, numbered{2}));
  at.where.accept();
  at.where.commit(record);
  CHECK(calls == std::vector<std::string>{"outlet-3/0 first 1", "outlet-3/0 2"});
  at.where.visit_rings([&](const auto&, auto, const auto&) { ++rings; });
  CHECK(rings == 1);
}

TEST_CASE("a refused publish is the handler's to see, and stages nothing", "[delivery]") {
  stage at;
  const outlet ordered{{.ordered = true}};
  const auto refused = at.where.publish(ordered, numbered{1});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == weir::errc::missing_key);
  CHECK_FALSE(at.where.staged());
}

TEST_CASE("an attempt that publishes more than the ring holds meets backpressure", "[delivery]") {
  stage at;
  const outlet to{{.batch_events_max = 1}};
  for (std::uint64_t i = 0; i < 4; ++i) REQUIRE(at.where.publish(to, numbered{i}));
  const auto refused = at.where.publish(to, numbered{4});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == weir::errc::backpressure);
  at.where.reject();
  CHECK(at.where.has_room());
  REQUIRE(at.where.publish(to, numbered{5}));
  at.where.accept();
  CHECK(at.taken() == numbers{5});
}

TEST_CASE("accept says when there is no room for another attempt, and who waits is woken",
          "[delivery]") {
  stage at;
  const outlet to{{.batch_events_max = 1}}, unused{{}, 1};
  for (std::uint64_t i = 0; i < 3; ++i) {
    REQUIRE(at.where.publish(to, numbered{i}));
    CHECK(at.where.accept());
  }
  CHECK(at.where.has_room());
  CHECK_FALSE(at.where.want_room());
  REQUIRE(at.where.publish(to, numbered{3}));
  CHECK_FALSE(at.where.accept());
  CHECK_FALSE(at.where.has_room());
  CHECK(at.where.want_room());
  CHECK(at.taken() == numbers{0, 1, 2, 3});
  CHECK(at.where.has_room());
  at.where.visit_rings([](const auto&, auto, const auto& ring) { CHECK(ring->room_made()); });
}

TEST_CASE("deferrals are numbered on and name their events", "[delivery]") {
  stage at;
  CHECK(at.where.defer() == 1);
  at.where.at(2);
  CHECK(at.where.defer() == 2);
  auto& deferrals = at.where.deferrals();
  REQUIRE(deferrals.size() == 2);
  CHECK(deferrals[0].index == 1);
  CHECK(deferrals[1].index == 2);
  deferrals.clear();
  CHECK(at.where.defer() == 3);
}

TEST_CASE("a pause is taken once", "[delivery]") {
  stage at;
  CHECK_FALSE(at.where.take_paused());
  at.where.pause();
  CHECK(at.where.take_paused());
  CHECK_FALSE(at.where.take_paused());
}
