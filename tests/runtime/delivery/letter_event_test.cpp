// SPDX-License-Identifier: BSD-3-Clause
// Dead letters as CloudEvents, as objects, and as bytes between two processes.
#include "weir/runtime/delivery/letter_event.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace weir::delivery;
using weir::errc;
using weir::timestamp;

namespace {

found_letter sample() {
  found_letter one;
  one.number = 7;
  auto& letter = one.letter;
  letter.id = letter.correlation_id = {1, 2};
  letter.topic = "orders";
  letter.partition = 2;
  letter.offset = 17;
  letter.subscription = "billing";
  letter.type_name = "order.created";
  letter.type_version = 1;
  letter.key = "c-7";
  letter.payload = R"({"cents":5})";
  letter.published_at = letter.died_at = timestamp{1'000'000'000s};
  letter.failure = {errc::handler_threw, "no\nrow 9"};
  letter.failure.causes = {{"std::runtime_error", "no row 9"}};
  letter.attempts = {{timestamp{1'000'000'001s}, {errc::timeout, "slow"}}};
  letter.attempt_count = 1;
  return one;
}

}  // namespace

TEST_CASE("a letter is exported as the event it was, with what became of it", "[letters]") {
  auto one = sample();
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
  const auto groups = group_letters({sample(), sample()});
  REQUIRE(groups.size() == 1);
  CHECK_THAT(json_of(groups.front()),
             Catch::StartsWith(R"({"fingerprint":")" + sample().letter.fingerprint() +
                               R"(","letters":2,"first":)") &&
                 Catch::Contains(R"("type":"order.created@1")"));
}

TEST_CASE("letters in a bundle come out whole, and a bundle that is cut does not", "[letters]") {
  auto other = sample();
  other.number = 1'000'000;
  other.letter.payload = "no json";
  const auto bytes = bundle_of({{sample(), other}, 3});
  const auto back = read_bundle(bytes);
  REQUIRE(back);
  CHECK(back->damaged == 3);
  REQUIRE(back->letters.size() == 2);
  CHECK(back->letters[0].number == 7);
  CHECK(back->letters[1].number == 1'000'000);
  CHECK(cloud_event_of(back->letters[0]) == cloud_event_of(sample()));
  CHECK(back->letters[0].letter.attempts.size() == 1);
  CHECK(read_bundle(bundle_of({}))->letters.empty());
  // Whole letters in front of a cut are no reason to take the rest for nothing.
  const auto second = bundle_of({{sample()}, 3}).size();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO(size);
    CHECK(read_bundle(std::string_view{bytes}.substr(0, size)).has_value() ==
          (size == 1 || size == second));
  }
}
