// SPDX-License-Identifier: BSD-3-Clause
// What counts as JSON: exactly what Boost.JSON takes for it, up to our limits, and refusals by
// text.
#include "weir/runtime/codec/json_document.hpp"

#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "weir/runtime/codec/json_text.hpp"
#include "weir/runtime/core/random.hpp"

#include <catch2/catch.hpp>

using weir::codec::json_limits;
using namespace weir::codec::internal;

namespace {

// Empty if `text` is JSON, else `code: message`.
std::string refusal(std::string_view text, const json_limits& limits = {}) {
  json_document document;
  decode_failure failure;
  return document.parse(text, limits, failure) != nullptr ? "" : to_string(failure.to_error());
}

// The row as text again, to compare with another library's idea of the document.
const json_value* print(const json_value* value, std::string& out) {
  switch (value->kind) {
    case json_kind::null: out += "null"; break;
    case json_kind::boolean: out += value->truth ? "true" : "false"; break;
    case json_kind::number: out += value->view(); break;
    case json_kind::string: append_text(value->view(), out); break;
    case json_kind::array:
    case json_kind::object: {
      const bool object = value->kind == json_kind::object;
      out += object ? '{' : '[';
      const json_value* inner = value->first();
      for (std::uint32_t i = 0; i < value->size; ++i) {
        if (i != 0) out += ',';
        if (object) {
          inner = print(inner, out);
          out += ':';
        }
        inner = print(inner, out);
      }
      out += object ? '}' : ']';
    }
  }
  return value->next();
}

std::string reprinted(std::string_view text) {
  json_document document;
  decode_failure failure;
  const auto* root = document.parse(text, {}, failure);
  std::string out;
  if (root != nullptr) print(root, out);
  return out;
}

bool boost_accepts(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 64;
  boost::system::error_code failed;
  boost::json::monotonic_resource memory;
  boost::json::parse(boost::json::string_view{text.data(), text.size()}, failed, &memory, options);
  // A number too large for any type is well-formed JSON all the same.
  return !failed || failed == boost::json::error::exponent_overflow;
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("every kind of value can be the whole document", "[codec]") {
  for (const std::string_view text :
       {"null", "true", "false", "0", "-1.5e+10", R"("")", R"("a")", "[]", "{}", R"({"":[]})",
        R"([1,[2,{"a":[3]}],4])", "123456789012345678901234567890", "1e999"}) {
    CHECK(reprinted(text) == text);
    CHECK(reprinted("\r\n\t " + std::string{text} + "\n ") == text);
  }
}

TEST_CASE("text that is not JSON is refused with a reason", "[codec]") {
  const std::string unclosed =
      "malformed: document: the outermost array or object is not closed at the end";
  const std::string control =
      "malformed: document: a string holds an unescaped control character";
  const std::string first = "malformed: document: not well-formed JSON (near byte 0)";
  CHECK(refusal("") == "malformed: document: the text is empty");
  CHECK(refusal(" \n") == "malformed: document: the text is empty");
  CHECK(refusal("[") == unclosed);
  CHECK(refusal("{\"a\":1") == unclosed);
  CHECK(refusal("[1}") == unclosed);
  CHECK(refusal("{}x") == unclosed);
  CHECK(refusal("\"abc") == "malformed: document: a string is not closed");
  CHECK(refusal("\"a\nb\"") == control);
  CHECK(refusal("\"\\x\"") == "malformed: document: a string has an invalid escape (near byte 0)");
  CHECK(refusal("[\"\\ud800\"]") ==
        "malformed: [0]: a string has an invalid escape (near byte 1)");
  CHECK(refusal("tru") == first);
  CHECK(refusal("nullx") == first);
  CHECK(refusal("nan") == first);
  CHECK(refusal("+1") == first);
  CHECK(refusal("\xEF\xBB\xBF{}") == first);
  CHECK(refusal("]") == "malformed: document: not well-formed JSON");
  CHECK(refusal("01") == "malformed: document: a number is not well-formed (near byte 0)");
  CHECK(refusal("{} {}") ==
        "malformed: document: something follows the end of the document (near byte 3)");
  CHECK(refusal("1,2") ==
        "malformed: document: something follows the end of the document (near byte 0)");
  CHECK(refusal("1],[2") ==
        "malformed: document: something follows the end of the document (near byte 2)");
}

TEST_CASE("a refusal names the place inside the document", "[codec]") {
  CHECK(refusal(R"({"order":{"items":[1,{"price":1.}]}})") ==
        "malformed: order.items[1].price: a number is not well-formed (near byte 30)");
  CHECK(refusal(R"({"a b":[nul]})") ==
        R"(malformed: ["a b"][0]: not well-formed JSON (near byte 8))");
  CHECK(refusal(R"({"ignored":[1,]})") ==
        "malformed: ignored[1]: not well-formed JSON (near byte 14)");
}

TEST_CASE("text that is not UTF-8 is refused by the byte, outside strings too", "[codec]") {
  CHECK(refusal("[\"ab\xFF\"]") == "invalid_utf8: document: byte 4 is not valid UTF-8");
  CHECK(refusal("{\"\xC3\":1}") == "invalid_utf8: document: byte 2 is not valid UTF-8");
  CHECK(refusal("\xC3\xA9\x80") == "invalid_utf8: document: byte 2 is not valid UTF-8");
  CHECK(refusal("\"\xED\xA0\x80\"") == "invalid_utf8: document: byte 1 is not valid UTF-8");
}

TEST_CASE("64 levels are taken and the 65th is refused, in objects too", "[codec]") {
  CHECK(refusal(nested(64)).empty());
  CHECK_THAT(refusal(nested(65)), Catch::StartsWith("too_deep: [0][0][0]"));
  CHECK_THAT(refusal(nested(65)), Catch::EndsWith("[0]: nested deeper than 64"));
  CHECK_THAT(refusal(nested(100'000)), Catch::EndsWith("[0]: nested deeper than 64"));
  CHECK(refusal(R"({"a":{"b":1}})", {.depth_max = 1}) == "too_deep: a: nested deeper than 1");
  CHECK(refusal("{}", {.depth_max = 0}) == "too_deep: document: nested deeper than 0");
  CHECK(refusal("7", {.depth_max = 0}).empty());
  CHECK(refusal(nested(512), {.depth_max = 100'000}).empty());
  CHECK_THAT(refusal(nested(513), {.depth_max = 100'000}),
             Catch::EndsWith("nested deeper than 512"));
}

TEST_CASE("text longer than the limit is refused before it is looked at", "[codec]") {
  CHECK(refusal("[1,2]", {.size_max_bytes = 5}).empty());
  CHECK(refusal("[[[[[[", {.size_max_bytes = 5}) ==
        "too_long: document: 6 bytes are more than the limit of 5");
  const std::string large((16U << 20U) - 2, 'x');
  CHECK(refusal("\"" + large + "\"").empty());
  CHECK(refusal("\"" + large + "x\"") ==
        "too_long: document: 16777217 bytes are more than the limit of 16777216");
}

TEST_CASE("documents may be nested in time and stay apart", "[codec]") {
  decode_failure failure;
  json_document outer;
  const auto* first = outer.parse(R"(["outer"])", {}, failure);
  REQUIRE(first != nullptr);
  {
    json_document inner;
    const auto* second = inner.parse(R"(["inner"])", {}, failure);
    REQUIRE(second != nullptr);
    CHECK(second->first()->view() == "inner");
  }
  CHECK(first->first()->view() == "outer");
}

TEST_CASE("a document can be parsed again after a refusal", "[codec]") {
  json_document document;
  decode_failure failure;
  CHECK(document.parse("[1,", {}, failure) == nullptr);
  CHECK(document.parse("7", {}, failure) != nullptr);
  CHECK(document.parse("[\"\xFF\"]", {}, failure) == nullptr);
  const auto* root = document.parse("[true]", {}, failure);
  REQUIRE(root != nullptr);
  CHECK(root->first()->truth);
}

TEST_CASE("threads parse at the same time without meeting", "[codec]") {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    threads.emplace_back([i, &wrong] {
      const auto text = "[\"" + std::string(i * 100 + 1, static_cast<char>('a' + i)) + "\"]";
      for (int round = 0; round < 500; ++round) wrong[i] += reprinted(text) != text ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4));
}

TEST_CASE("of mutated documents, exactly those are taken that Boost.JSON takes", "[codec][fuzz]") {
  constexpr std::uint64_t seed = 20'261'123;
  constexpr int rounds = 40'000;
  const std::vector<std::string> whole = {
      R"({"id":"o-1","cents":1999,"tags":["a","b\u00e9\n"],"rate":-1.5e-7,"gone":null})",
      R"([[],{},[{"a":[true,false,null]}],"\ud83d\ude00\/",0,-0,10.25,1E5])",
      " {\"caf\u00e9\" : [ 1 , 2 ] } ", "\"text\"", "-12.5", "true"};
  constexpr std::string_view spice = "{}[]\",:\\ \n0123456789-+.eEtrufalsn\x01\x7f\x80\xc3\xff";
  weir::random random{seed};
  int taken = 0;
  for (int round = 0; round < rounds; ++round) {
    std::string text = whole[random.below(whole.size())];
    for (auto changes = random.below(3) + 1; changes > 0 && !text.empty(); --changes) {
      const auto at = random.below(text.size());
      const char byte = spice[random.below(spice.size())];
      switch (random.below(4)) {
        case 0: text[at] = byte; break;
        case 1: text.insert(at, 1, byte); break;
        case 2: text.erase(at, 1); break;
        default: text.resize(at);
      }
    }
    const auto reason = refusal(text);
    INFO("seed=" << seed << " round=" << round << " text=" << text << " reason=" << reason);
    REQUIRE(reason.empty() == boost_accepts(text));
    if (!reason.empty()) continue;
    ++taken;
    if (text.find_first_of("eE.") != std::string::npos) continue;  // numbers print differently
    boost::system::error_code ignored;
    const auto again = boost::json::parse(reprinted(text), ignored);
    REQUIRE(again == boost::json::parse(text, ignored));
  }
  // Both answers must come up often, or the comparison says little.
  CHECK(taken > rounds / 20);
  CHECK(taken < rounds * 19 / 20);
}
