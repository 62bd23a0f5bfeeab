// SPDX-License-Identifier: BSD-3-Clause
// From an event to its letter and back.
#include "weir/runtime/delivery/event_of_letter.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/codec/undecoded_event.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using namespace weir::delivery;
using event_tests::numbered;
using weir::errc;

namespace {

dead_letter letter_of_number(std::uint64_t number) {
  weir::codec::ensure_enrolled<numbered>();
  return letter_of(event_tests::batch_from(number, 1, 17)[0]);
}

}  // namespace

TEST_CASE("a letter's event is the event that it was", "[delivery]") {
  auto letter = letter_of_number(5);
  letter.key = "c-7";
  letter.causation_id = {3, 4};
  const auto events = event_of(letter);
  REQUIRE(events.size() == 1);
  const auto event = events[0];
  REQUIRE(event.is<numbered>());
  CHECK(event.as<numbered>().number == 5);
  CHECK(event.offset == 17);
  CHECK(event.header.id == letter.id);
  CHECK(event.header.time == letter.published_at);
  CHECK(event.header.key == "c-7");
  CHECK(event.header.correlation_id() == letter.correlation_id);
  CHECK(event.header.causation_id() == letter.causation_id);
  const auto again = letter_of(event);
  CHECK(again.payload == letter.payload);
  CHECK(again.type_name == letter.type_name);
}

TEST_CASE("an event that cannot be decoded has something that stands for it", "[delivery]") {
  auto letter = letter_of_number(5);
  SECTION("its type is not known") { letter.type_name = "nobody.knows"; }
  SECTION("its version is not known") { letter.type_version = 99; }
  SECTION("its payload is none of its type") { letter.payload = R"({"number":"five"})"; }
  SECTION("its payload is no JSON") { letter.payload = "\x01\x02"; }
  const auto events = event_of(letter);
  REQUIRE(events.size() == 1);
  const auto* undecoded = weir::codec::undecoded_in(events[0]);
  REQUIRE(undecoded != nullptr);
  CHECK(undecoded->payload == letter.payload);
  CHECK(events[0].offset == 17);
  const auto back = letter_of(events[0]);
  CHECK(back.type_name == letter.type_name);
  CHECK(back.type_version == letter.type_version);
  CHECK(back.payload == letter.payload);
}

TEST_CASE("a payload is checked against the fields of the letter's type", "[delivery]") {
  const auto letter = letter_of_number(5);
  CHECK(check_payload(letter, letter.payload));
  CHECK(check_payload(letter, R"({"number":6})"));
  const auto refused = [&](const char* payload) {
    const auto checked = check_payload(letter, payload);
    REQUIRE_FALSE(checked);
    CHECK_FALSE(checked.error().message.empty());
    return checked.error().code;
  };
  CHECK(refused("{}") == errc::missing_field);
  CHECK(refused(R"({"number":"six"})") == errc::wrong_type);
  CHECK(refused(R"({"number":)") == errc::malformed);
  auto unknown = letter;
  unknown.type_name = "nobody.knows";
  CHECK(check_payload(unknown, "{}").error().code == errc::unknown_event_type);
}
