// SPDX-License-Identifier: BSD-3-Clause
// Words into a filter, and what is wrong with them in one line.
#include "weir/runtime/delivery/letter_query.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace weir::delivery;
using weir::errc;

namespace {

std::string refusal(const words& given, std::string_view prefix = "") {
  const auto filter = read_filter(given, prefix);
  REQUIRE(!filter);
  CHECK(filter.error().code == errc::invalid_argument);
  return filter.error().message;
}

}  // namespace

TEST_CASE("a filter has what its words say, and nothing else", "[letters]") {
  const auto all = read_filter({});
  REQUIRE(all);
  CHECK(!all->number);
  CHECK(!all->state);
  CHECK(all->since == weir::timestamp::min());
  const auto some = read_filter({{"number", "7"},
                                 {"topic", "orders"},
                                 {"subscription", "billing"},
                                 {"type", "order.created@1"},
                                 {"error", "rejected"},
                                 {"key", ""},
                                 {"fingerprint", "abc"},
                                 {"state", "parked"},
                                 {"since", "1970-01-01T00:00:01Z"},
                                 {"until", "1970-01-01T00:00:02.5Z"},
                                 {"after", "3"}});
  REQUIRE(some);
  CHECK(some->number == 7U);
  CHECK(some->topic == "orders");
  CHECK(some->subscription == "billing");
  CHECK(some->type == "order.created@1");
  CHECK(some->failure == "rejected");
  CHECK(some->key == "");
  CHECK(some->fingerprint == "abc");
  CHECK(some->state == letter_state::parked);
  CHECK(some->since == weir::timestamp{1s});
  CHECK(some->until == weir::timestamp{2500ms});
  for (const auto name : filter_words()) {
    INFO(name);
    CHECK(std::string{name} != "after");
  }
  CHECK(filter_words().size() == 10);
}

TEST_CASE("a word that says nothing is named", "[letters]") {
  CHECK(refusal({{"state", "asleep"}}, "--") ==
        "--state: 'asleep' is not dead, parked, redriven or discarded");
  CHECK(refusal({{"since", "soon"}}) ==
        "since: 'soon' is not a time such as 2026-11-27T08:00:00Z");
  for (const auto* number : {"0", "-1", "7x", "", "99999999999999999999"}) {
    CHECK_THAT(refusal({{"number", number}}), Catch::Contains("is not a whole number from 1"));
  }
  CHECK(read_count({}, "count", 9).value() == 9);
  CHECK(read_count({{"count", "3"}}, "count", 9).value() == 3);
  CHECK(!read_count({{"count", "none"}}, "count", 9));
}

TEST_CASE("a request to work with letters travels as JSON", "[letters]") {
  const letter_request wanted{{{"state", "dead"}, {"key", "a\"b"}}, {{"limit", "3"}}};
  const auto json = to_json(wanted);
  CHECK(json == R"({"filter":{"key":"a\"b","state":"dead"},"options":{"limit":"3"}})");
  const auto back = read_letter_request(json);
  REQUIRE(back);
  CHECK(back->filter == wanted.filter);
  CHECK(back->options == wanted.options);
  CHECK(!read_letter_request(""));
  CHECK(!read_letter_request(R"({"filter":{}})"));
  const auto wrong = read_letter_request(R"({"filter":{"colour":"red"},"options":{}})");
  REQUIRE(!wrong);
  CHECK(wrong.error().message == "filter.colour: there is no such condition");
}
