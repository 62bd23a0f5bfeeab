// SPDX-License-Identifier: BSD-3-Clause
// String literals: valid JSON in valid UTF-8 out of any bytes at all.
#include "weir/runtime/codec/json_text.hpp"

#include <boost/json.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include "weir/tests/runtime/codec/sample_event.hpp"

#include <catch2/catch.hpp>

using weir::codec::internal::append_repaired;
using weir::codec::internal::append_text;
using weir::codec::internal::is_ascii;
using weir::codec::internal::valid_utf8_prefix;

namespace {

std::string literal(std::string_view text) {
  std::string out;
  append_text(text, out);
  return out;
}

// What stays of broken bytes: each question mark stands for one U+FFFD.
std::string repaired(std::string_view text) {
  auto out = literal(text);
  for (std::size_t at = 0; (at = out.find("\xEF\xBF\xBD", at)) != std::string::npos;) {
    out.replace(at, 3, "?");
  }
  return out;
}

}  // namespace

TEST_CASE("quotes, backslashes and controls are escaped, everything else is not", "[codec]") {
  CHECK(literal("") == R"("")");
  CHECK(literal("plain /' text") == R"("plain /' text")");
  CHECK(literal("\"\\") == R"("\"\\")");
  CHECK(literal("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(literal(std::string_view{"\0\x01\x1f\x7f", 4}) == "\"\\u0000\\u0001\\u001f\x7f\"");
  CHECK(literal("a\nb") == R"("a\nb")");
}

TEST_CASE("UTF-8 of every length passes unchanged, its first and last characters too", "[codec]") {
  for (const std::string_view text :
       {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xE2\x80\xA8"}) {
    CHECK(literal(text) == "\"" + std::string{text} + "\"");
    CHECK(valid_utf8_prefix(text) == text.size());
  }
}

TEST_CASE("bytes that are not UTF-8 are replaced, one mark for each broken part", "[codec]") {
  CHECK(repaired("a\xFFz") == "\"a?z\"");
  CHECK(repaired("\x80\x80") == "\"??\"");              // continuations without a lead
  CHECK(repaired("\xC0\xAF") == "\"??\"");              // overlong
  CHECK(repaired("\xE0\x80\x80") == "\"???\"");         // overlong
  CHECK(repaired("\xED\xA0\x80") == "\"???\"");         // surrogate
  CHECK(repaired("\xF4\x90\x80\x80") == "\"????\"");    // beyond U+10FFFF
  CHECK(repaired("\xF5\x80") == "\"??\"");              // no such lead
  CHECK(repaired("\xE2\x82") == "\"?\"");               // cut off at the end
  CHECK(repaired("\xE2\x82z\xF0\x9F\x98") == "\"?z?\"");  // cut off in the middle and at the end
  CHECK(repaired("\xC3\"") == "\"?\\\"\"");             // the quote is not swallowed
}

TEST_CASE("the valid part of text ends before the first byte that is wrong", "[codec]") {
  CHECK(valid_utf8_prefix("") == 0);
  CHECK(valid_utf8_prefix("abc") == 3);
  CHECK(valid_utf8_prefix("abc\xFF") == 3);
  CHECK(valid_utf8_prefix("\xC3\xA9\xE2\x82") == 2);
}

TEST_CASE("any bytes become a literal that another library accepts", "[codec][property]") {
  rc::prop("any bytes", [](const std::string& bytes) {
    const auto out = literal(bytes);
    RC_ASSERT(valid_utf8_prefix(out) == out.size());
    RC_ASSERT(boost::json::parse(out).is_string());
  });
}

TEST_CASE("valid text comes back from another library unchanged", "[codec][property]") {
  rc::prop("valid text", [] {
    const auto text = codec_tests::any_text();
    RC_ASSERT(std::string{boost::json::parse(literal(text)).as_string()} == text);
  });
}

TEST_CASE("repairing gives what a literal holds, without quotes and escapes", "[codec]") {
  rc::prop("repaired text", [](const std::vector<char>& bytes) {
    // Without what a literal escapes.
    std::string text;
    for (const char byte : bytes) {
      if (static_cast<unsigned char>(byte) >= 0x20 && byte != '"' && byte != '\\') text += byte;
    }
    std::string out = "\"";
    append_repaired(text, out);
    RC_ASSERT(out + "\"" == literal(text));
  });
}

TEST_CASE("ASCII is what has no top bit, at any length and place", "[codec]") {
  for (std::size_t size = 0; size < 20; ++size) {
    std::string text(size, '\x7F');
    CHECK(is_ascii(text));
    for (auto& byte : text) {
      byte = '\x80';
      CHECK_FALSE(is_ascii(text));
      byte = 'a';
    }
  }
}
