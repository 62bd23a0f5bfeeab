// SPDX-License-Identifier: BSD-3-Clause
// Patterns: the documented examples, and a naive recursive matcher over random tokens.
#include "weir/runtime/topic/pattern.hpp"

#include <vector>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

namespace {

using tokens = std::vector<std::string>;

std::string joined(const tokens& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ".") + part;
  return text;
}

bool naive(const tokens& wanted, const tokens& topic, std::size_t w = 0, std::size_t t = 0) {
  if (w == wanted.size()) return t == topic.size();
  if (t == topic.size()) return false;
  if (wanted[w] == ">") return true;
  return (wanted[w] == "*" || wanted[w] == topic[t]) && naive(wanted, topic, w + 1, t + 1);
}

bool matches(std::string_view text, std::string_view topic) {
  const auto parsed = weir::topic::pattern::parse(text);
  REQUIRE(parsed);
  return parsed->matches(topic);
}

std::string refusal(std::string_view text) {
  const auto parsed = weir::topic::pattern::parse(text);
  if (parsed) return "fine";
  CHECK(parsed.error().code == weir::errc::invalid_name);
  return parsed.error().message;
}

}  // namespace

TEST_CASE("a pattern without wildcards matches its own name only", "[topic]") {
  CHECK(weir::topic::pattern::parse("orders.eu")->is_literal());
  CHECK(matches("orders.eu", "orders.eu"));
  CHECK_FALSE(matches("orders.eu", "orders"));
  CHECK_FALSE(matches("orders.eu", "orders.eu.vat"));
  CHECK_FALSE(matches("orders.eu", "orders.us"));
  CHECK_FALSE(matches("orders", "ordersx"));
}

TEST_CASE("a star stands for exactly one token", "[topic]") {
  CHECK_FALSE(weir::topic::pattern::parse("orders.*")->is_literal());
  CHECK(matches("orders.*", "orders.eu"));
  CHECK_FALSE(matches("orders.*", "orders"));
  CHECK_FALSE(matches("orders.*", "orders.eu.vat"));
  CHECK(matches("*.eu.*", "orders.eu.vat"));
  CHECK(matches("*", "orders"));
}

TEST_CASE("a last > stands for one or more tokens", "[topic]") {
  CHECK(matches("orders.>", "orders.eu"));
  CHECK(matches("orders.>", "orders.eu.vat"));
  CHECK_FALSE(matches("orders.>", "orders"));
  CHECK(matches(">", "orders.eu.vat"));
  CHECK(matches("*.>", "a.b.c"));
  CHECK_FALSE(matches("*.>", "a"));
}

TEST_CASE("nothing matches an empty topic", "[topic]") {
  CHECK_FALSE(matches(">", ""));
  CHECK_FALSE(matches("*", ""));
}

TEST_CASE("a malformed pattern is refused with its reason", "[topic]") {
  using Catch::Contains;
  CHECK_THAT(refusal(""), Contains("is empty"));
  CHECK_THAT(refusal("a.>.b"), Contains("byte 2: '>' must be the last token"));
  CHECK_THAT(refusal("a*"), Contains("outside a-z 0-9 _ - at byte 1"));
  CHECK_THAT(refusal("a.>b"), Contains("outside a-z 0-9 _ - at byte 2"));
  CHECK_THAT(refusal("*."), Contains("ends with a dot"));
  CHECK_THAT(refusal("a..*"), Contains("empty token"));
  CHECK_THAT(refusal(std::string(249, 'a') + ".>"), Contains("251 bytes"));
}

TEST_CASE("matching agrees with a naive matcher over tokens", "[topic][property]") {
  rc::prop("same answers", [] {
    const auto name = rc::gen::element<std::string>("a", "b", "aa");
    const auto piece = rc::gen::element<std::string>("a", "b", "aa", "*");
    const auto short_list = [](auto gen) {
      return rc::gen::resize(5, rc::gen::nonEmpty(rc::gen::container<tokens>(gen)));
    };
    const auto topic = *short_list(name);
    auto wanted = *short_list(piece);
    if (*rc::gen::arbitrary<bool>()) wanted.push_back(">");
    const auto parsed = weir::topic::pattern::parse(joined(wanted));
    RC_ASSERT(parsed.has_value());
    RC_CLASSIFY(naive(wanted, topic), "matching");
    RC_ASSERT(parsed->matches(joined(topic)) == naive(wanted, topic));
  });
}
