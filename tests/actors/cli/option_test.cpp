// SPDX-License-Identifier: BSD-3-Clause
// Values of options: what is taken, what is refused, and the one line that says why.
#include "weir/actors/cli/option.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using namespace weir;
using namespace weir::cli;

namespace {

const option count{"orders", "how many", number{.standard = 10, .least = 1, .most = 1000}};
const option budget{"budget", "memory", bytes{.least = 1024, .most = 1ULL << 40U}};
const option level{"level", "of logs", text{.one_of = {"warn", "error"}}};

std::string refusal(const option& wanted, std::string_view given) {
  const auto value = parse(wanted, given);
  REQUIRE_FALSE(value.has_value());
  CHECK(value.error().code == errc::invalid_argument);
  return value.error().message;
}

}  // namespace

TEST_CASE("a number is taken within its range, both ends included", "[cli]") {
  CHECK(std::get<std::uint64_t>(*parse(count, "1")) == 1);
  CHECK(std::get<std::uint64_t>(*parse(count, "1000")) == 1000);
}

TEST_CASE("what is no number in range is refused in one line with name and range", "[cli]") {
  for (const auto* given : {"", "0", "1001", "12x", "x", "-1", "1.5", " 5", "5 ", "+5", "0x10",
                            "18446744073709551616"}) {
    CAPTURE(given);
    CHECK(refusal(count, given) == "--orders: '" + std::string{given} +
                                       "' is not a whole number from 1 to 1000");
  }
}

TEST_CASE("bytes take binary and decimal suffixes, whatever their case", "[cli]") {
  const auto value = [](const char* given) {
    return std::get<std::uint64_t>(*parse(budget, given));
  };
  CHECK(value("2048") == 2048);
  CHECK(value("2048b") == 2048);
  CHECK(value("64K") == 65'536);
  CHECK(value("64kib") == 65'536);
  CHECK(value("3MiB") == 3'145'728);
  CHECK(value("3MB") == 3'000'000);
  CHECK(value("1g") == 1'073'741'824);
  CHECK(value("1T") == 1'099'511'627'776);
}

TEST_CASE("bytes that overflow, are out of range or have a strange suffix are refused", "[cli]") {
  for (const auto* given :
       {"1", "2T", "20000000000T", "18446744073709551615K", "64Q", "K", "1.5G"}) {
    CAPTURE(given);
    CHECK(refusal(budget, given) == "--budget: '" + std::string{given} +
                                        "' is not a number of bytes from 1 KiB to 1024 GiB, such "
                                        "as 512MiB");
  }
}

TEST_CASE("a word that is none of those allowed is refused with the list", "[cli]") {
  CHECK(std::get<std::string>(*parse(level, "warn")) == "warn");
  CHECK(refusal(level, "loud") == "--level: 'loud' is not one of warn, error");
}

TEST_CASE("help names values, and a standard is what holds without the option", "[cli]") {
  CHECK(value_name(count) == "N");
  CHECK(value_name(budget) == "BYTES");
  CHECK(value_name(level) == "warn|error");
  CHECK(value_name({"x", "", flag{}}).empty());
  CHECK(std::get<std::uint64_t>(*standard_of(count)) == 10);
  CHECK_FALSE(standard_of(budget).has_value());
}

TEST_CASE("any whole number survives the way through text", "[cli]") {
  CHECK(rc::check("parse(to_string(n)) is n", [](std::uint64_t n) {
    RC_ASSERT(std::get<std::uint64_t>(*parse({"n", "", number{}}, std::to_string(n))) == n);
  }));
}

TEST_CASE("no text breaks the parser, and a refusal names the option first", "[cli]") {
  CHECK(rc::check("a value or one line", [](const std::string& given) {
    const auto value = parse(budget, given);
    if (!value) RC_ASSERT(value.error().message.starts_with("--budget: "));
  }));
}
