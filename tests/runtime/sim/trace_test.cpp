// SPDX-License-Identifier: BSD-3-Clause
// Traces: JSON whatever is in them, with a row for each subscription and partition.
#include "weir/runtime/sim/trace.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace weir::sim;
using namespace std::chrono_literals;

namespace {

boost::json::array events_of(const trace& picture) {
  return boost::json::parse(picture.json()).as_object().at("traceEvents").as_array();
}

call_record call_of(std::string subscription, std::uint32_t partition, weir::duration began) {
  return {.subscription = std::move(subscription),
          .type = "order",
          .partition = partition,
          .began = began,
          .ended = began};
}

}  // namespace

TEST_CASE("a trace is JSON, with a named row per subscription and partition", "[sim]") {
  trace picture{100};
  picture.add(call_of("billing", 0, 1ms));
  picture.add(call_of("billing", 1, 2ms));
  picture.add(call_of("ship\"ping\n", 0, 1234567ns));
  auto failed = call_of("billing", 0, 3ms);
  failed.ended = 5ms;
  failed.failure = "no \\ way";
  picture.add(failed);
  picture.note(4ms, "the node begins again");
  const auto events = events_of(picture);
  // Two processes and three rows are named; four calls, one note.
  REQUIRE(events.size() == 2 + 3 + 4 + 1);
  const auto& last = events[8].as_object();
  CHECK(last.at("ph") == "X");
  CHECK(last.at("dur").as_double() == Approx(2000));
  CHECK(last.at("args").as_object().at("failure") == "no \\ way");
  const auto& odd = events[7].as_object();
  CHECK(odd.at("ts").as_double() == Approx(1234.567));
  CHECK(odd.at("dur").as_double() == Approx(1));
  CHECK(odd.at("pid") == 2);
  CHECK(events[9].as_object().at("ph") == "i");
}

TEST_CASE("an empty trace is JSON, and a full one takes no more", "[sim]") {
  trace picture{2};
  CHECK(events_of(picture).empty());
  for (int i = 0; i < 5; ++i) {
    picture.add(call_of("billing", 0, 1ms));
    picture.note(-1ms, "back");
  }
  CHECK(events_of(picture).size() == 2 + 2 + 2);
}
