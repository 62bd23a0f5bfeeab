// SPDX-License-Identifier: BSD-3-Clause
// What the tool says to a node that runs, and what it makes of the answers. Here a server stands
// for the node; tests/e2e/letters.sh uses the words on files, tests/e2e/control.sh beside a node.
#include <sstream>

#include <catch2/catch.hpp>

#include "weir/actors/cli/tool.hpp"
#include "weir/actors/observe/control_server.hpp"
#include "weir/runtime/delivery/letter_event.hpp"
#include "weir/tests/runtime/store/scratch_directory.hpp"

using store_tests::scratch_directory;
using weir::errc;
using weir::observe::request;
using weir::observe::right;
using weir::observe::route;

namespace {

/// A server in the place of a node, and the tool.
struct bench {
  explicit bench(std::vector<route> routes) {
    auto opened = weir::actors::control_server::open(in.path().string());
    REQUIRE(opened);
    server = std::move(*opened);
    server->serve(std::move(routes));
  }
  /// What it printed.
  weir::result<std::string> use(const std::string& what, weir::cli::option_values given = {}) {
    weir::cli::settings chosen;
    chosen.own = std::move(given);
    chosen.own.emplace("WHAT", what);
    chosen.own.emplace("data", in.path().string());
    std::ostringstream out;
    auto done = weir::cli::dead_letters_tool().use(chosen, out, weir::cli::interrupt{});
    if (!done) return weir::fail(std::move(done.error()));
    return out.str();
  }

  scratch_directory in;
  std::unique_ptr<weir::actors::control_server> server;
};

weir::delivery::found_letter letter(std::uint64_t number) {
  weir::delivery::found_letter one;
  one.number = number;
  one.letter.subscription = "billing";
  one.letter.topic = "orders";
  one.letter.type_name = "order.created";
  one.letter.payload = "{}";
  return one;
}

}  // namespace

TEST_CASE("words that write are a request with filter and options, and print the answer",
          "[cli][letters]") {
  std::string body;
  bench on{{{"POST", "/dead-letters/redrive", right::write,
             [&](const request& asked) -> weir::result<std::string> {
               body = asked.body;
               return R"({"redriven":3})";
             }}}};
  const auto printed = on.use("redrive", {{"state", std::string{"dead"}},
                                          {"number", std::uint64_t{7}},
                                          {"limit", std::uint64_t{3}},
                                          {"dry-run", true}});
  REQUIRE(printed);
  CHECK(*printed == "{\"redriven\":3}\n");
  CHECK(body == R"({"filter":{"number":"7","state":"dead"},)"
                R"("options":{"dry-run":"true","limit":"3"}})");
}

TEST_CASE("a running node without a route for a word, or that refuses, is quoted",
          "[cli][letters]") {
  bench on{{{"POST", "/dead-letters/discard", right::write,
             [](const request&) -> weir::result<std::string> {
               return weir::fail(errc::closed, "it stops");
             }}}};
  const auto unknown = on.use("edit", {{"number", std::uint64_t{1}},
                                       {"payload", std::string{"{}"}},
                                       {"note", std::string{"me"}}});
  REQUIRE(!unknown);
  CHECK(unknown.error().code == errc::not_found);
  CHECK_THAT(unknown.error().message,
             Catch::EndsWith(R"(the running node says: this node has no "/dead-letters/edit")"));
  const auto refused = on.use("discard");
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::closed);
  CHECK_THAT(refused.error().message, Catch::EndsWith("the running node says: it stops"));
  CHECK(on.use("redrive", {{"since", std::string{"soon"}}}).error().message ==
        "--since: 'soon' is not a time such as 2026-11-27T08:00:00Z");
}

TEST_CASE("letters of a running node are asked for page by page", "[cli][letters]") {
  std::vector<std::string> asked_for;
  bench on{{{"GET", "/dead-letters/records", right::read,
             [&](const request& asked) -> weir::result<std::string> {
               asked_for.push_back(weir::observe::write_query(asked.query));
               const auto after = asked.query.find("after");
               weir::delivery::found_letters page;
               if (after == asked.query.end()) page.letters = {letter(1), letter(4)};
               if (after != asked.query.end() && after->second == "4") page.letters = {letter(9)};
               return weir::delivery::bundle_of(page);
             },
             weir::observe::bytes_type}}};
  const auto printed = on.use("export", {{"topic", std::string{"orders"}}});
  REQUIRE(printed);
  CHECK(std::count(printed->begin(), printed->end(), '\n') == 3);
  CHECK_THAT(*printed, Catch::Contains(R"("deadletternumber":"9")"));
  CHECK(asked_for == std::vector<std::string>{"topic=orders", "after=4&topic=orders",
                                              "after=9&topic=orders"});
}
