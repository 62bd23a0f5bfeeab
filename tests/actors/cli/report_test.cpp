// SPDX-License-Identifier: BSD-3-Clause
// The tables of a report, as literals.
#include "weir/actors/cli/report.hpp"

#include <catch2/catch.hpp>

using namespace weir;

namespace {

delivery::dead_letter letter(const char* subscription, errc code, std::string message) {
  delivery::dead_letter made;
  made.type_name = "order.created";
  made.type_version = 1;
  made.subscription = subscription;
  made.failure = {code, std::move(message)};
  return made;
}

}  // namespace

TEST_CASE("a table aligns numbers to the right and leaves no trailing blanks", "[cli]") {
  CHECK(cli::table({"what", "n"}, {{"a", "1,000"}, {"longer", "7"}, {"short"}}) ==
        "  what        n\n"
        "  a       1,000\n"
        "  longer      7\n"
        "  short\n");
}

TEST_CASE("a table counts characters and not bytes", "[cli]") {
  CHECK(cli::table({"city", "n"}, {{"Z\xc3\xbcrich", "1"}, {"Genoa", "2"}}) ==
        "  city    n\n"
        "  Z\xc3\xbcrich  1\n"
        "  Genoa   2\n");
}

TEST_CASE("the ledger's table names drops and says whether it balances", "[cli]") {
  subscription_ledger row{"bills", "orders", {}};
  row.counts.published = 1200;
  row.counts.delivered = 1197;
  row.counts.dead_lettered = 1;
  row.counts.drop(observe::drop_reason::skipped, 2);
  CHECK(cli::balanced(std::vector{row}));
  CHECK(cli::ledger_table(std::vector{row}) ==
        "  subscription  topic   published  delivered  filtered  in flight  expired  dropped  dead"
        "\n"
        "  bills         orders      1,200      1,197         0          0        0        2     1"
        "\n"
        "  bills dropped 2 of orders: skipped\n"
        "  balanced\n");
  ++row.counts.published;
  CHECK_FALSE(cli::balanced(std::vector{row}));
  CHECK(cli::ledger_table(std::vector{row}).ends_with("  NOT BALANCED\n"));
}

TEST_CASE("dead letters are grouped by cause, the most frequent first", "[cli]") {
  const std::vector letters{letter("billing", errc::rejected, "no price"),
                            letter("billing", errc::timeout, "card 17"),
                            letter("shipping", errc::timeout, "card 18")};
  const auto text = cli::dead_letter_table(letters);
  const auto first = text.find("timeout: card 17"), second = text.find("rejected: no price");
  REQUIRE(first != std::string::npos);
  REQUIRE(second != std::string::npos);
  CHECK(first < second);
  CHECK(text.find("card 18") == std::string::npos);
  CHECK(text.find("billing, shipping") != std::string::npos);
  CHECK(text.find(letters[1].fingerprint()) != std::string::npos);
  CHECK(cli::dead_letter_table({}) == "  no dead letters\n");
}

TEST_CASE("an error's bytes cannot break a line or reach the terminal", "[cli]") {
  const std::vector letters{letter("a", errc::rejected, "x\n\x1b[2Jy" + std::string(500, 'z'))};
  const auto text = cli::dead_letter_table(letters);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.size() < 400);
}

TEST_CASE("numbers are grouped by thousands", "[cli]") {
  CHECK(cli::grouped(0) == "0");
  CHECK(cli::grouped(999) == "999");
  CHECK(cli::grouped(1000) == "1,000");
  CHECK(cli::grouped(1'234'567) == "1,234,567");
}
