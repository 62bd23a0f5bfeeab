// SPDX-License-Identifier: BSD-3-Clause
// Dead letters as CloudEvents, as objects, and as bytes between two processes.
#include "weir/runtime/delivery/letter_event.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/runtime/delivery/shown_letter.hpp"

using delivery_tests::shown_letter;
using namespace weir::delivery;

TEST_CASE("a letter is exported as the event it was, with what became of it", "[letters]") {
  auto one = shown_letter();
  const auto print = one.letter.fingerprint();
  CHECK(cloud_event_of(one) ==
        R"({"specversion":"1.0","id":"00000000-0000-0001-0000-000000000002",)"
        R"("source":"/topics/orders","type":"order.created","time":"2001-09-09T01:46:40.000Z",)"
        R"("subject":"c-7","partition":2,"offset":"17","typeversion":1,)"
        R"("correlationid":"00000000-0000-0001-0000-000000000002",)"
        R"("datacontenttype":"application/json","data":{"cents":5},)"
        R"("deadletternumber":"7","deadletterstate":"dead","deadlettersubscription":"billing",)"
        R"("deadlettertime":"2001-09-09T01:46:40.000Z","deadlettercode":"handler_threw",)"
        R"("deadletterreason":"handler_threw: no\nrow 9; caused by std::runtime_error: no row 9",)"
        R"("deadletterfingerprint":")" +
            print + R"(","deadletterattempts":1,"deadletterdeliveries":1)"
                    R"(,"deadletterredeliveries":0,"deadletteredits":0})");
  one.letter.payload = "no json";
  CHECK_THAT(cloud_event_of(one), Catch::Contains(R"("data_base64":"bm8ganNvbg==")"));
}

TEST_CASE("a group of letters is an object", "[letters]") {
  const auto groups = group_letters({shown_letter(), shown_letter()});
  REQUIRE(groups.size() == 1);
  CHECK_THAT(json_of(groups.front()),
             Catch::StartsWith(R"({"fingerprint":")" + shown_letter().letter.fingerprint() +
                               R"(","letters":2,"first":)") &&
                 Catch::Contains(R"("type":"order.created@1")"));
}

TEST_CASE("letters in a bundle come out whole, and a bundle that is cut does not", "[letters]") {
  auto other = shown_letter();
  other.number = 1'000'000;
  other.letter.payload = "no json";
  const auto bytes = bundle_of({{shown_letter(), other}, 3});
  const auto back = read_bundle(bytes);
  REQUIRE(back);
  CHECK(back->damaged == 3);
  REQUIRE(back->letters.size() == 2);
  CHECK(back->letters[0].number == 7);
  CHECK(back->letters[1].number == 1'000'000);
  CHECK(cloud_event_of(back->letters[0]) == cloud_event_of(shown_letter()));
  CHECK(back->letters[0].letter.attempts.size() == 1);
  CHECK(read_bundle(bundle_of({}))->letters.empty());
  // Whole letters in front of a cut are no reason to take the rest for nothing.
  const auto second = bundle_of({{shown_letter()}, 3}).size();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO(size);
    CHECK(read_bundle(std::string_view{bytes}.substr(0, size)).has_value() ==
          (size == 1 || size == second));
  }
}
