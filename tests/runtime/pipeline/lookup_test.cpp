// SPDX-License-Identifier: BSD-3-Clause
// Lookups join with what is there and name what is not.
#include "weir/runtime/pipeline/lookup.hpp"

#include <map>
#include <unordered_map>

#include <catch2/catch.hpp>

namespace pl = weir::pipeline;

namespace {

struct order {
  std::string customer;
  int city;
  std::string note;
};

}  // namespace

TEST_CASE("a lookup joins the value with the entry of its key", "[pipeline]") {
  const std::map<std::string, std::string> customers{{"c-7", "Ada"}};
  const auto into =
      pl::lookup(customers, &order::customer,
                 [](const order& o, const std::string& name) { return o.note + name; });
  CHECK(into(order{"c-7", 0, "for "}).value() == "for Ada");
  const auto in_place = pl::lookup(customers, &order::customer,
                                   [](order& o, const std::string& name) { o.note = name; });
  CHECK(in_place(order{"c-7", 0, ""}).value().note == "Ada");
}

TEST_CASE("a key that is not in the table is an error that names it", "[pipeline]") {
  const std::map<std::string, int> customers;
  const auto by_text = pl::lookup(customers, &order::customer, [](order&, int) {});
  const auto missing = by_text(order{"c-9", 0, ""});
  REQUIRE(missing.failed());
  CHECK(missing.failure().code == weir::errc::lookup_failed);
  CHECK(missing.failure().message == "no entry for key 'c-9'");

  const std::unordered_map<int, int> cities;
  const auto by_number = pl::lookup(cities, &order::city, [](order&, int) {});
  CHECK(by_number(order{"", 42, ""}).failure().message == "no entry for key 42");
}

TEST_CASE("the table is looked at when the event comes, not when the stage is made", "[pipeline]") {
  std::map<int, int> cities;
  const auto stage = pl::lookup(cities, &order::city, [](order& o, int to) { o.city = to; });
  CHECK(stage(order{"", 1, ""}).failed());
  cities[1] = 2;
  CHECK(stage(order{"", 1, ""}).value().city == 2);
}
