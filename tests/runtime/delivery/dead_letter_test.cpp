// SPDX-License-Identifier: BSD-3-Clause
// Dead letters: what they keep, what they weigh, and which have the same cause.
#include "weir/runtime/delivery/dead_letter.hpp"

#include <set>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

#include "weir/runtime/codec/codec.hpp"
#include "weir/runtime/codec/undecoded_event.hpp"
#include "weir/tests/runtime/event/sample_events.hpp"

using namespace event_tests;
using weir::delivery::dead_letter;
using weir::delivery::letter_of;
using weir::delivery::letter_state;

namespace delivery_tests {
namespace {

struct unwritten {
  std::uint64_t number = 0;
};
WEIR_EVENT(unwritten, "delivery_tests.unwritten", 1, (number))

dead_letter letter_with(const std::string& message) {
  dead_letter letter;
  letter.type_name = "order.created";
  letter.failure = {weir::errc::handler_threw, message};
  letter.failure.causes = {{"std::runtime_error", message}, {"db::timeout", "row 7"}};
  return letter;
}

std::string with_digits_replaced(std::string text, char digit) {
  for (auto& letter : text) {
    if (letter >= '0' && letter <= '9') letter = digit;
  }
  return text;
}

}  // namespace
}  // namespace delivery_tests

using namespace delivery_tests;

TEST_CASE("a letter keeps the envelope and the payload of its event as it was published",
          "[delivery]") {
  weir::codec::enroll<named>();
  const boost::intrusive_ptr<weir::block_pool> pool{new weir::block_pool{{}}};
  auto memory = pool->take();
  build(*memory, numbered{1});
  build(*memory, named{"Ada", 41}, "c-7");
  memory->commit();
  weir::batch events{memory, 0, 2, memory->bytes()};
  events.set_first_offset(600);

  const auto letter = letter_of(events[1]);
  CHECK(letter.id == weir::event_id{42, 1});
  CHECK(letter.correlation_id == weir::event_id{42, 2});
  CHECK(letter.causation_id == weir::event_id{42, 3});
  CHECK(letter.published_at == weir::timestamp{weir::duration{41}});
  CHECK(letter.key == "c-7");
  CHECK(letter.type_name == "event_tests.named");
  CHECK(letter.type_version == 3);
  CHECK(letter.offset == 601);
  CHECK(letter.payload == R"({"name":"Ada","number":41})");
  CHECK(letter.state == letter_state::dead);
}

TEST_CASE("an event without a codec is still a letter", "[delivery]") {
  const auto events = batch_of<unwritten>({{7}});
  const auto letter = letter_of(events[0]);
  CHECK(letter.type_name == "delivery_tests.unwritten");
  CHECK(letter.payload.empty());
}

TEST_CASE("a fingerprint is sixteen hex digits and frozen", "[delivery]") {
  CHECK(letter_with("timeout after 30 s").fingerprint() == "814c764fb1451363");
}

TEST_CASE("digits in a message do not change the fingerprint", "[delivery][property]") {
  rc::prop("any digits for any others", [](const std::string& message) {
    const auto digit = *rc::gen::inRange('0', ':');
    RC_ASSERT(letter_with(message).fingerprint() ==
              letter_with(with_digits_replaced(message, digit)).fingerprint());
  });
  CHECK(letter_with("row 7").fingerprint() == letter_with("row 12345").fingerprint());
}

TEST_CASE("type, code, message and root cause each change the fingerprint", "[delivery]") {
  std::set<std::string> seen{letter_with("no").fingerprint(), letter_with("yes").fingerprint()};
  auto other = letter_with("no");
  other.type_name = "order.paid";
  seen.insert(other.fingerprint());
  other = letter_with("no");
  other.failure.code = weir::errc::rejected;
  seen.insert(other.fingerprint());
  other = letter_with("no");
  other.failure.causes.back().type = "db::refused";
  seen.insert(other.fingerprint());
  other = letter_with("no");
  other.failure.causes.clear();
  seen.insert(other.fingerprint());
  CHECK(seen.size() == 6);
}

TEST_CASE("what differs from event to event does not change the fingerprint", "[delivery]") {
  auto other = letter_with("no");
  other.id = {1, 2};
  other.key = "c-8";
  other.payload = "{}";
  other.offset = 77;
  other.attempts.resize(3);
  other.delivery_count = 3;
  CHECK(other.fingerprint() == letter_with("no").fingerprint());
}

TEST_CASE("every text of a letter weighs", "[delivery]") {
  const dead_letter empty;
  CHECK(empty.bytes() >= sizeof(dead_letter));
  const std::string text(1000, 'x');
  const auto grows = [&](auto change) {
    dead_letter letter;
    change(letter);
    return letter.bytes() >= empty.bytes() + 1000;
  };
  CHECK(grows([&](dead_letter& letter) { letter.key = text; }));
  CHECK(grows([&](dead_letter& letter) { letter.type_name = text; }));
  CHECK(grows([&](dead_letter& letter) { letter.payload = text; }));
  CHECK(grows([&](dead_letter& letter) { letter.topic = text; }));
  CHECK(grows([&](dead_letter& letter) { letter.subscription = text; }));
  CHECK(grows([&](dead_letter& letter) { letter.failure.message = text; }));
  CHECK(grows([&](dead_letter& letter) { letter.failure.causes = {{text, ""}}; }));
  CHECK(grows([&](dead_letter& letter) { letter.failure.causes = {{"", text}}; }));
  CHECK(grows([&](dead_letter& letter) {
    letter.attempts.push_back({{}, {weir::errc::handler_threw, text}});
  }));
}

TEST_CASE("every state has its own name", "[delivery]") {
  CHECK(to_string(letter_state::dead) == "dead");
  CHECK(to_string(letter_state::parked) == "parked");
  CHECK(to_string(letter_state::redriven) == "redriven");
  CHECK(to_string(letter_state::discarded) == "discarded");
  CHECK(to_string(static_cast<letter_state>(99)) == "unknown");
}

TEST_CASE("the letter of a stored event that could not be decoded is about that event",
          "[delivery]") {
  const boost::intrusive_ptr<weir::block_pool> pool{new weir::block_pool{{}}};
  auto memory = pool->take();
  using weir::codec::undecoded_event;
  const auto place = memory->reserve(sizeof(undecoded_event), alignof(undecoded_event), 0);
  auto* const stands = new (place.payload)
      undecoded_event{"order.created", 3, std::string{"\x01\x00\xff", 3}, "c-7", {},
                      {weir::errc::schema_mismatch, "other fields"}};
  memory->push(envelope_of(weir::type_of<undecoded_event>(), 6, stands->key), stands, 0, true);
  memory->commit();
  weir::batch events{memory, 0, 1, memory->bytes()};
  events.set_first_offset(9);
  const auto letter = letter_of(events[0]);
  CHECK(letter.id == weir::event_id{7, 1});
  CHECK(letter.key == "c-7");
  CHECK(letter.type_name == "order.created");
  CHECK(letter.type_version == 3);
  CHECK(letter.payload == std::string{"\x01\x00\xff", 3});
  CHECK(letter.offset == 9);
}
