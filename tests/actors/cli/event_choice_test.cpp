// SPDX-License-Identifier: BSD-3-Clause
// Places and conditions, as people say them.
#include "weir/actors/cli/event_choice.hpp"

#include <catch2/catch.hpp>

using namespace weir::cli;
using weir::store::log_ends;

namespace {

constexpr log_ends log{100, 150};

std::uint64_t offset_of(const std::string& text) {
  const auto found = beginning_of(text);
  REQUIRE(found);
  return found->offset_in(log);
}

}  // namespace

TEST_CASE("a place is an end, an offset, so many before the end, or a time", "[cli][tools]") {
  CHECK(offset_of("earliest") == 100);
  CHECK(offset_of("latest") == 150);
  CHECK(offset_of("120") == 120);
  CHECK(offset_of("7") == 100);
  CHECK(offset_of("-10") == 140);
  CHECK(offset_of("-1000") == 100);
  CHECK(offset_of("2001-01-31T00:00:00Z") == 100);
  CHECK(beginning_of("2001-09-09T01:46:40Z")->not_before() ==
        weir::timestamp{std::chrono::seconds{1'000'000'000}});
  CHECK(beginning_of("120")->not_before() == weir::timestamp::min());
  for (const auto* text : {"", "soon", "-", "1x", "--1", "2001-13-31T00:00:00Z"}) {
    INFO(text);
    const auto wrong = beginning_of(text);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == weir::errc::invalid_argument);
  }
}

TEST_CASE("a filter is about the key or the type, with its version or without", "[cli][tools]") {
  weir::codec::stored_event event;
  event.key = "a=b";
  const weir::codec::stored_type type{"order.created", 2, 0};
  CHECK(filter_of("")->passes(event, type));
  CHECK(filter_of("key=a=b")->passes(event, type));
  CHECK_FALSE(filter_of("key=a")->passes(event, type));
  CHECK_FALSE(filter_of("key=")->passes(event, type));
  CHECK(filter_of("type=order.created")->passes(event, type));
  CHECK(filter_of("type=order.created@2")->passes(event, type));
  CHECK_FALSE(filter_of("type=order.created@1")->passes(event, type));
  for (const auto* text : {"key", "colour=red", "=x"}) {
    INFO(text);
    REQUIRE_FALSE(filter_of(text));
  }
}
