// SPDX-License-Identifier: BSD-3-Clause
// Counts, means and maxima against lists of everything, however the work is split.
#include "weir/samples/flights/statistics.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/core/random.hpp"

using namespace flights;

namespace {

iata code(const char* text) { return iata::from(text).value(); }

std::vector<std::string> codes_of(const std::vector<airport_statistics::row>& rows) {
  std::vector<std::string> codes;
  for (const auto& row : rows) codes.emplace_back(row.first.view());
  return codes;
}

}  // namespace

TEST_CASE("count, mean and maximum by airport equal those of the list", "[flights][property]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    weir::random random{seed};
    std::map<std::string, std::vector<std::int32_t>> lists;
    airport_statistics parts[3], whole;
    for (auto left = random.below(2000); left > 0; --left) {
      const std::string name{static_cast<char>('A' + random.below(5))};
      const auto delay = static_cast<std::int32_t>(random.below(1561)) - 120;
      lists[name].push_back(delay);
      parts[random.below(3)].add(code(name.c_str()), delay);
    }
    for (const auto& part : parts) whole.merge(part);
    REQUIRE(whole.size() == lists.size());
    auto expected = lists.begin();
    for (const auto& [airport, summary] : whole.by_code()) {
      const auto& [name, delays] = *expected++;
      CHECK(airport.view() == name);
      CHECK(summary.count == static_cast<std::int64_t>(delays.size()));
      CHECK(summary.max_minutes == *std::max_element(delays.begin(), delays.end()));
      double sum = 0;
      for (const auto delay : delays) sum += delay;
      CHECK(summary.mean_minutes() == sum / static_cast<double>(delays.size()));
    }
  }
}

TEST_CASE("the worst have the highest means, enough departures, and ties go by code", "[flights]") {
  airport_statistics airports;
  for (int i = 0; i < 100; ++i) {
    airports.add(code("MID"), 10);
    airports.add(code("BAD"), 20);
    airports.add(code("TIE"), i % 2 == 0 ? 0 : 20);
    airports.add(code("LOW"), -5);
    if (i > 0) airports.add(code("FEW"), 1440);
  }
  CHECK(codes_of(airports.worst(3, 100)) == std::vector<std::string>{"BAD", "MID", "TIE"});
  CHECK(codes_of(airports.worst(1, 99)) == std::vector<std::string>{"FEW"});
  CHECK(codes_of(airports.worst(9, 100)) == std::vector<std::string>{"BAD", "MID", "TIE", "LOW"});
  CHECK(airports.worst(3, 101).empty());
  CHECK(delay_summary{}.mean_minutes() == 0);
}

TEST_CASE("equal means of huge sums are still a tie", "[flights]") {
  airport_statistics few, many;
  for (int i = 0; i < 100; ++i) few.add(code("BBB"), 2147483647);
  for (int i = 0; i < 100; ++i) many.add(code("AAA"), 2147483647);
  for (int doubled = 0; doubled < 22; ++doubled) many.merge(airport_statistics{many});
  few.merge(many);
  CHECK(codes_of(few.worst(2, 1)) == std::vector<std::string>{"AAA", "BBB"});
}

TEST_CASE("departures count for the calendar day they start in", "[flights]") {
  using namespace std::chrono_literals;
  const std::chrono::sys_days first = std::chrono::year{2001} / 1 / 31;
  day_statistics days, more;
  days.add(first + 0min);
  days.add(first + 1439min);
  more.add(first + 1440min);
  more.add(std::chrono::sys_days{std::chrono::year{1969} / 12 / 31} + 1439min);
  days.merge(more);
  CHECK(days.size() == 3);
  CHECK(days.days().at(first) == 2);
  CHECK(days.days().at(std::chrono::year{2001} / 2 / 1) == 1);
  CHECK(days.days().at(std::chrono::year{1969} / 12 / 31) == 1);
}
