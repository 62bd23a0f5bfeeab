// SPDX-License-Identifier: BSD-3-Clause
// Names: what is allowed, and what each refusal says.
#include "weir/runtime/topic/name.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

namespace {

std::string refusal(std::string_view name) {
  const auto checked = weir::topic::check_topic_name(name);
  if (checked) return "fine";
  CHECK(checked.error().code == weir::errc::invalid_name);
  return checked.error().message;
}

}  // namespace

TEST_CASE("names are dot-separated tokens of lower-case letters, digits, _ and -", "[topic]") {
  for (const auto* name : {"orders", "orders.eu-1", "a", "0", "_x.-y", "flight.departed"}) {
    CHECK(refusal(name) == "fine");
  }
  CHECK(refusal(std::string(weir::topic::name_bytes_max, 'a')) == "fine");
}

TEST_CASE("a refused name says what is wrong and where", "[topic]") {
  CHECK(refusal("") == "topic '' is empty");
  CHECK(refusal("Orders") == "topic 'Orders' has a byte outside a-z 0-9 _ - at byte 0");
  CHECK(refusal("a.*") == "topic 'a.*' has a byte outside a-z 0-9 _ - at byte 2");
  CHECK(refusal("a b") == "topic 'a b' has a byte outside a-z 0-9 _ - at byte 1");
  CHECK(refusal("a\n") == "topic 'a?' has a byte outside a-z 0-9 _ - at byte 1");
  CHECK(refusal("\xc3\xa9") == "topic '?\?' has a byte outside a-z 0-9 _ - at byte 0");
  CHECK(refusal(".a") == "topic '.a' has an empty token at byte 0");
  CHECK(refusal("a..b") == "topic 'a..b' has an empty token at byte 2");
  CHECK(refusal("a.") == "topic 'a.' ends with a dot");
  CHECK(refusal(std::string(250, 'a')) ==
        "topic '" + std::string(64, 'a') + "...' has 250 bytes, at most 249 are allowed");
}

TEST_CASE("any bytes are accepted exactly if every token between dots is a name token",
          "[topic][property]") {
  rc::prop("agrees with splitting", [] {
    const auto byte = rc::gen::oneOf(rc::gen::element('a', 'z', '0', '9', '_', '-', '.', '.'),
                                     rc::gen::element('A', '*', '>', ' ', '\0', '\x7f', '\xff'));
    const auto name = *rc::gen::resize(8, rc::gen::container<std::string>(byte));
    bool expected = true;
    std::string token;
    for (const char c : name + ".") {
      if (c != '.') {
        token += c;
        continue;
      }
      expected = expected && weir::topic::is_name_token(token);
      token.clear();
    }
    RC_ASSERT(weir::topic::check_topic_name(name).has_value() == expected);
  });
}
