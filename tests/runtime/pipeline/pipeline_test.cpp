// SPDX-License-Identifier: BSD-3-Clause
// Pipelines: composition against plain sequential application, and what must not compile.
#include "weir/runtime/pipeline/pipeline.hpp"

#include <map>
#include <optional>
#include <variant>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "allocation_count.hpp"

namespace pl = weir::pipeline;

namespace {

using table = std::map<int, int>;

// What the model says of an outcome: a number, filtered (empty), or an error's text.
using expected = std::variant<int, std::monostate, std::string>;

expected seen(const pl::outcome<int>& made) {
  if (made) return made.value();
  if (made.is_filtered()) return std::monostate{};
  return to_string(made.failure());
}

// The same five stages written as a person would without pipelines.
expected by_hand(const table& entries, int limit, int value) {
  if (value > limit) return "rejected: rule 'within the limit'";
  if (value % 3 == 0) return std::monostate{};
  value = value * 2 + 1;
  const auto entry = entries.find(value % 10);
  if (entry == entries.end()) {
    return "lookup_failed: no entry for key " + std::to_string(value % 10);
  }
  return value + entry->second;
}

auto composed(const table& entries, int limit) {
  return pl::start<int>() |
         pl::validate("within the limit", [limit](int v) { return v <= limit; }) |
         pl::filter([](int v) { return v % 3 != 0; }) | pl::stamp([](int& v) { v *= 2; }) |
         pl::stamp([](int v) { return v + 1; }) |
         pl::lookup(
             entries, [](int v) { return v % 10; }, [](int v, int add) { return v + add; });
}

struct flight {
  char origin[4];
  int delay;
};
struct located {
  flight base;
  double latitude;
};

struct takes_text {
  pl::outcome<int> operator()(std::string) const { return 1; }
};
struct takes_int_gives_int {
  int operator()(int value) const { return value; }
};

}  // namespace

static_assert(pl::stage_for<takes_text, std::string>);
static_assert(!pl::stage_for<takes_text, int>, "a stage for text must not compile after a number");
static_assert(!pl::stage_for<takes_int_gives_int, int>, "a stage must give an outcome");
static_assert(pl::stage_for<decltype(pl::start<int>()), int>, "a pipeline is a stage");

TEST_CASE("a pipeline gives what its stages give one after the other", "[pipeline][property]") {
  rc::prop("composition = sequential application", [] {
    const auto entries =
        *rc::gen::container<table>(rc::gen::inRange(0, 10), rc::gen::inRange(0, 99));
    const int limit = *rc::gen::inRange(0, 100);
    const int value = *rc::gen::inRange(0, 120);
    const auto made = seen(composed(entries, limit)(value));
    RC_CLASSIFY(made.index() == 0, "value");
    RC_CLASSIFY(made.index() == 1, "filtered");
    RC_CLASSIFY(made.index() == 2, "error");
    RC_ASSERT(made == by_hand(entries, limit, value));
  });
}

TEST_CASE("how stages are grouped does not matter", "[pipeline][property]") {
  rc::prop("a | (b | c) = (a | b) | c", [] {
    const auto odd = pl::validate("odd", [](int v) { return v % 2 != 0; });
    const auto small = pl::filter([](int v) { return v < 50; });
    const auto twice = pl::stamp([](int v) { return v * 2; });
    const auto left = pl::start<int>() | odd | small | twice;
    const auto right = pl::start<int>() | odd | (pl::start<int>() | small | twice);
    const int value = *rc::gen::inRange(0, 100);
    RC_ASSERT(seen(left(value)) == seen(right(value)));
  });
}

TEST_CASE("the empty pipeline gives what it is given", "[pipeline]") {
  CHECK(pl::start<std::string>()("as it was").value() == "as it was");
}

TEST_CASE("stages after one that filtered or failed are not called", "[pipeline]") {
  int calls = 0;
  const auto counting = pl::stamp([&calls](int&) { ++calls; });
  const auto none = pl::start<int>() | pl::filter([](int) { return false; }) | counting;
  const auto bad = pl::start<int>() | pl::validate("never", [](int) { return false; }) | counting;
  CHECK(none(1).is_filtered());
  CHECK(bad(1).failed());
  CHECK(calls == 0);
}

TEST_CASE("values that cannot be copied pass through", "[pipeline]") {
  const auto moves = pl::start<std::unique_ptr<int>>() |
                     pl::validate("there", [](const auto& p) { return p != nullptr; }) |
                     pl::stamp([](std::unique_ptr<int>& p) { ++*p; }) |
                     pl::stamp([](std::unique_ptr<int> p) { return p; });
  CHECK(*moves(std::make_unique<int>(1)).value() == 2);
  CHECK(moves(nullptr).failed());
}

TEST_CASE("an event that passes costs no heap allocation, nor does one that is filtered",
          "[pipeline]") {
  const std::map<std::string, double, std::less<>> airports{{"SFO", 37.6}};
  const auto enrich =
      pl::start<flight>() |
      pl::validate("delay in range", [](const flight& f) { return f.delay < 1440; }) |
      pl::filter([](const flight& f) { return f.delay >= 0; }) |
      pl::stamp([](flight& f) { ++f.delay; }) |
      pl::lookup(
          airports, [](const flight& f) { return std::string_view{f.origin}; },
          [](const flight& f, double latitude) {
            return located{f, latitude};
          });
  const auto before = weir::tests::allocations();
  double sum = 0;
  for (int delay = -500; delay < 1000; ++delay) {
    if (const auto made = enrich({"SFO", delay}))
      sum += made.value().latitude + made.value().base.delay;
  }
  CHECK(weir::tests::allocations() == before);
  CHECK(sum > 0);
  CHECK(enrich({"SFO", 2000}).failed());
  CHECK(weir::tests::allocations() > before);
}
