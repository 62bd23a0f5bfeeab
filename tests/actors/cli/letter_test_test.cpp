// SPDX-License-Identifier: BSD-3-Clause
// Letters as sources of tests; tests/e2e/letters.sh compiles one.
#include "weir/actors/cli/letter_test.hpp"

#include <catch2/catch.hpp>

namespace {

weir::delivery::found_letter sample(const std::string& payload) {
  weir::delivery::found_letter one;
  one.number = 7;
  auto& letter = one.letter;
  letter.id = {1, 2};
  letter.topic = "orders";
  letter.subscription = "billing";
  letter.key = "c-\"7\"";
  letter.payload = payload;
  letter.failure = {weir::errc::timeout, "two\nlines"};
  const weir::timestamp second{std::chrono::seconds{1'000'000'000}};
  letter.attempts = {{second - std::chrono::seconds{1}, letter.failure}, {second, letter.failure}};
  return one;
}

const weir::cli::test_names names{"shop/events.hpp", "shop::order", "shop::bill"};

}  // namespace

TEST_CASE("a letter is a test that gives its event to the handler", "[cli][letters]") {
  const auto source = weir::cli::test_of(sample(R"({"cents":5})"), names);
  REQUIRE(source);
  CHECK(*source ==
        R"(// Dead letter 7 of billing, event 00000000-0000-0001-0000-000000000002:
//   timeout: two lines
#include <catch2/catch.hpp>

#include <weir/actors/testkit/test_node.hpp>
#include <weir/runtime/codec/json_reader.hpp>

#include "shop/events.hpp"

TEST_CASE("dead letter 7 of billing: timeout", "[dead-letter]") {
  auto event = weir::codec::from_json<shop::order>(
      R"json({"cents":5})json");
  REQUIRE(event);
  weir::testkit::test_node kit{1, {.event_chance = 16897428656176495815U}};
  auto topic = kit.node().topic("orders");
  topic.carries<shop::order>();
  kit.node().subscribe("billing", "orders", shop::bill).retry(0);
  REQUIRE(kit.node().start());
  // 2001-09-09T01:46:40.000Z, when it failed.
  kit.advance(weir::timestamp{weir::duration{1000000000000000000}} - kit.now());
  REQUIRE(topic.publish(*std::move(event), {.key = "c-\"7\""}));
  REQUIRE(kit.drain().drained);
  for (const auto& letter : kit.node().dead_letters()) {
    FAIL(to_string(letter.failure));
  }
}
)");
}

TEST_CASE("a transactional handler's test begins with what it had kept", "[cli][letters]") {
  const auto source = weir::cli::test_of(
      sample("{}"), names, {true, {{"totals", "c-7", std::string{"\0\xff", 2}}, {"b", "", "x"}}});
  REQUIRE(source);
  for (const auto* part :
       {"#include <weir/actors/testkit/kept_states.hpp>\n",
        "  const auto store = weir::testkit::store_with(\"billing\", \"orders\", {\n"
        "      {\"totals\", \"632d37\", \"00ff\"},\n      {\"b\", \"\", \"78\"}});\n",
        "test_node kit{1, {.store = store, .event_chance = ",
        "topic(\"orders\", {.durable = true});\n",
        "shop::bill).transactional().retry(0);\n"}) {
    CHECK_THAT(*source, Catch::Contains(part));
  }
  // It keeps something, but nothing for this key.
  CHECK_THAT(*weir::cli::test_of(sample("{}"), names, {true, {}}),
             Catch::Contains("store_with(\"billing\", \"orders\", {});\n"));
}

TEST_CASE("a letter without attempts is tried at the time it died", "[cli][letters]") {
  auto one = sample("{}");
  one.letter.attempts.clear();
  one.letter.died_at = weir::timestamp{std::chrono::seconds{978'307'201}};
  CHECK_THAT(*weir::cli::test_of(one, names), Catch::Contains("// 2001-01-01T00:00:01.000Z, when"));
}

TEST_CASE("no payload ends the literal that it stands in, and bytes are no event",
          "[cli][letters]") {
  const auto source = weir::cli::test_of(sample(R"({"x)json":1})"), names);
  REQUIRE(source);
  CHECK_THAT(*source, Catch::Contains("R\"json_({\"x)json\":1})json_\""));
  const auto refused = weir::cli::test_of(sample("\x01"), names);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == weir::errc::invalid_argument);
}
