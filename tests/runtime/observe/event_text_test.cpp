// SPDX-License-Identifier: BSD-3-Clause
// Events as lines: of types this program knows, and of those it does not.
#include "weir/runtime/observe/event_text.hpp"

#include <catch2/catch.hpp>

#include "weir/runtime/codec/codec.hpp"
#include "weir/tests/actors/order.hpp"

using namespace weir::observe;
using weir::payload_format;

namespace {

/// One event of the topic `orders`, of which `payload` is the stored form.
struct one_event {
  one_event() {
    event.offset = 17;
    event.id = {1, 2};
    event.time = weir::timestamp{std::chrono::seconds{1'000'000'000}};
    event.key = "c-7";
    type.name = "test.order";
    type.version = 1;
  }
  weir::codec::stored_event event;
  weir::codec::stored_type type;
  payload_format format = payload_format::json;

  found_event found() const { return {"orders", 2, event, type, format}; }
};

}  // namespace

TEST_CASE("a payload that is JSON is shown as it is", "[cli][tools]") {
  one_event one;
  one.event.payload = R"({"number":1,"customer":"c-7"})";
  CHECK(text_of(one.found()) ==
        R"(2001-09-09T01:46:40.000Z orders/2 @17 test.order@1 c-7 {"number":1,"customer":"c-7"})");
  CHECK(cloud_event_of(one.found()) ==
        R"({"specversion":"1.0","id":"00000000-0000-0001-0000-000000000002",)"
        R"("source":"/topics/orders","type":"test.order","time":"2001-09-09T01:46:40.000Z",)"
        R"("subject":"c-7","partition":2,"offset":"17","typeversion":1,)"
        R"("datacontenttype":"application/json","data":{"number":1,"customer":"c-7"}})");
}

TEST_CASE("a binary payload is shown as JSON if its type is known in this layout",
          "[cli][tools]") {
  weir::codec::enroll<actors_tests::order>();
  const actors_tests::order value{5, "c-7"};
  std::string bytes;
  {
    weir::codec::byte_writer writer{bytes};
    weir::codec::to_binary(value, writer);
  }
  one_event one;
  one.format = payload_format::binary;
  one.event.payload = bytes;
  one.type.fingerprint = weir::codec::fingerprint_of<actors_tests::order>();
  CHECK_THAT(text_of(one.found()), Catch::EndsWith(R"( c-7 {"number":5,"customer":"c-7"})"));
  // Bytes of another layout, of another version, or cut short are not made into something else.
  auto other = one;
  ++other.type.fingerprint;
  CHECK_THAT(text_of(other.found()), Catch::EndsWith(" c-7 5 bytes 0a03632d37"));
  other = one;
  other.type.version = 9;
  CHECK_THAT(text_of(other.found()), Catch::EndsWith(" c-7 5 bytes 0a03632d37"));
  other = one;
  other.event.payload.remove_suffix(1);
  CHECK_THAT(text_of(other.found()), Catch::EndsWith(" c-7 4 bytes 0a03632d"));
}

TEST_CASE("bytes of a type that is not known are base64 in a cloud event", "[cli][tools]") {
  one_event one;
  one.format = payload_format::binary;
  one.type.name = "nobody.knows";
  const std::pair<std::string_view, std::string_view> known[] = {
      {"", ""},         {"f", "Zg=="},     {"fo", "Zm8="},
      {"foo", "Zm9v"},  {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : known) {
    one.event.payload = bytes;
    CHECK_THAT(cloud_event_of(one.found()),
               Catch::EndsWith(R"(,"datacontenttype":"application/octet-stream","data_base64":")" +
                               std::string{text} + "\"}"));
  }
  const std::string long_bytes(100, 'x');
  one.event.payload = long_bytes;
  CHECK_THAT(text_of(one.found()), Catch::EndsWith("7878..."));
}

TEST_CASE("what an event says of itself cannot break its line", "[cli][tools]") {
  one_event one;
  one.event.key = "a\nb\x7f\x1b[31m";
  one.event.payload = "\"c\"";
  const auto line = text_of(one.found());
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK_THAT(line, Catch::Contains(" a b  [31m "));
  one.event.origin = weir::lineage{{3, 4}, {5, 6}};
  CHECK_THAT(cloud_event_of(one.found()),
             Catch::Contains(R"("subject":"a\nb)") &&
                 Catch::Contains(R"("correlationid":"00000000-0000-0003-0000-000000000004")") &&
                 Catch::Contains(R"("causationid":"00000000-0000-0005-0000-000000000006")"));
}
