// SPDX-License-Identifier: BSD-3-Clause
// The picture of a node's status, line by line.
#include "weir/actors/cli/status_text.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace weir::cli;
using weir::node_status;
using weir::observe::drop_reason;

namespace {

/// A node after this time, in which `published` events were published and one less is settled.
node_status at(weir::duration time, std::uint64_t published) {
  node_status seen;
  seen.at = weir::timestamp{time};
  seen.topics.push_back({.topic = "orders",
                         .partitions = 4,
                         .published = published,
                         .kept_bytes = 4096,
                         .rings_waiting = 0});
  weir::subscription_status billing{.subscription = "billing", .topic = "orders"};
  billing.counts.published = published;
  billing.counts.in_flight = 1;
  billing.counts.expired = 2;
  billing.counts.drop(drop_reason::overflow_oldest, 3);
  billing.counts.dead_lettered = 4;
  billing.counts.delivered = published - 10;
  billing.behind = {.sent = 1, .oldest_age = 1234ms};
  seen.subscriptions.push_back(billing);
  return seen;
}

}  // namespace

TEST_CASE("a picture has a table of topics and one of subscriptions", "[cli]") {
  CHECK(render(at(10s, 1000), at(12s, 4000)) ==
        "  topic   partitions  published  per second  kept KiB\n"
        "  orders           4      4,000       1,500         4\n"
        "\n"
        "  subscription  topic   per second  settled  lag  sent  oldest s  expired  dropped  "
        "dead\n"
        "  billing       orders       1,500    3,999    1     1     1.234        2        3     "
        "4\n");
}

TEST_CASE("rates are zero where no time has passed, or the clock was set back", "[cli]") {
  for (const auto now : {10s, 9s}) {
    const auto text = render(at(10s, 1000), at(now, 4000));
    CHECK_THAT(text, Catch::Contains("orders           4      4,000           0"));
  }
}

TEST_CASE("what the status before did not know counts from nothing", "[cli]") {
  node_status before;
  before.at = weir::timestamp{10s};
  CHECK_THAT(render(before, at(12s, 4000)),
             Catch::Contains("orders           4      4,000       2,000") &&
                 Catch::Contains("billing       orders       1,999"));
}

TEST_CASE("an age of nothing is a dash, and nothing to show is the heads alone", "[cli]") {
  auto seen = at(1s, 20);
  seen.subscriptions[0].behind = {};
  CHECK_THAT(render(seen, seen), Catch::Contains("     0         -        2"));
  CHECK_THAT(render({}, {}), Catch::StartsWith("  topic  partitions"));
}

TEST_CASE("a halted subscription says so, and its reason cannot move the cursor", "[cli]") {
  auto seen = at(1s, 20);
  seen.subscriptions[0].behind.halted = true;
  seen.subscriptions[0].halted = "rejected: \x1b[2Jno\nway";
  const auto text = render(seen, seen);
  CHECK_THAT(text, Catch::Contains("HALTED rejected:  [2Jno way\n"));
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("what is wider than the terminal is cut, by characters", "[cli]") {
  CHECK(fit("12345678\n123\n", {.columns = 5, .rows = 10}) == "12345\n123\n");
  CHECK(fit("\xC3\xA4\xC3\xB6\xC3\xBC\n", {.columns = 2, .rows = 10}) == "\xC3\xA4\xC3\xB6\n");
}

TEST_CASE("what is higher than the terminal is left out, and counted", "[cli]") {
  const std::string five = "1\n2\n3\n4\n5\n";
  CHECK(fit(five, {.columns = 80, .rows = 6}) == five);
  CHECK(fit(five, {.columns = 80, .rows = 5}) == "1\n2\n3\n  and 2 more lines\n");
  CHECK(fit(five, {.columns = 80, .rows = 1}) == "  and 5 more lines\n");
  CHECK(fit(five, {.columns = 80, .rows = 0}) == "  and 5 more lines\n");
}

TEST_CASE("the next picture takes the place of the last", "[cli]") {
  CHECK(repaint(0, "a\n") == "\r\x1b[Ja\n");
  CHECK(repaint(12, "a\n") == "\r\x1b[12A\x1b[Ja\n");
}
