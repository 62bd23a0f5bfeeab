// SPDX-License-Identifier: BSD-3-Clause
// Malformed JSON: each kind with its record, field and reason, and where reading goes on behind it.
#include <catch2/catch.hpp>

#include "weir/samples/flights/json_string.hpp"
#include "weir/tests/samples/flights_input.hpp"

using namespace flights;
using namespace flights::test;

namespace {

std::string object(const std::string& origin, const std::string& more = "") {
  return R"({"date":"2001/01/01 00:01","delay":1,"distance":2,"origin":")" + origin +
         R"(","destination":"PHL")" + more + "}";
}

// An element between two good ones: what is said about it, which origins are read.
run among_good(const std::string& element) {
  auto all = read_whole("[" + object("LAS") + "," + element + "," + object("ATL") + "]");
  CHECK(all.failure == "");
  return all;
}

std::string verdict_on(const std::string& element) {
  const auto all = among_good(element);
  CHECK(origins(all) == "LAS ATL");
  for (const auto& problem : all.problems) CHECK(problem.raw == element);
  return transcript(all);
}

std::string with(const std::string& field, const std::string& value) {
  std::string text = "{";
  for (const std::string name : {"date", "delay", "distance", "origin", "destination"}) {
    const bool number = name[0] == 'd' && name[2] != 't' && name[2] != 's';
    std::string good = number ? "1" : "\"LAS\"";
    if (name == "date") good = "\"2001/01/01 00:01\"";
    if (name == "distance") good = "7";
    if (name == field && value.empty()) continue;
    text += (text.size() > 1 ? ",\"" : "\"") + name + "\":" + (name == field ? value : good);
  }
  return text + "}";
}

}  // namespace

TEST_CASE("an element that is no object is a record of its own", "[flights]") {
  CHECK(verdict_on("17") == "2::wrong_type: not an object, found a number or a word\n");
  CHECK(verdict_on("null") == "2::wrong_type: not an object, found a number or a word\n");
  CHECK(verdict_on(R"("a ],{ \" b")") == "2::wrong_type: not an object, found a string\n");
  CHECK(verdict_on(R"([1,{"x":"]"},[2]])") == "2::wrong_type: not an object, found an array\n");
}

TEST_CASE("a missing, doubled or wrong field is named", "[flights]") {
  CHECK(verdict_on("{}") == "2:date:missing_field: the field is missing\n");
  CHECK(verdict_on(with("destination", "")) ==
        "2:destination:missing_field: the field is missing\n");
  CHECK(verdict_on(object("SEA", R"(,"delay":2)")) ==
        "2:delay:malformed: the field is there twice\n");
  CHECK(verdict_on(with("delay", "\"66\"")) ==
        "2:delay:wrong_type: expected a number, found the string '66'\n");
  CHECK(verdict_on(with("delay", "null")) ==
        "2:delay:wrong_type: expected a whole number, found 'null'\n");
  CHECK(verdict_on(with("delay", "1.5")) ==
        "2:delay:wrong_type: expected a whole number, found '1.5'\n");
  CHECK(verdict_on(with("delay", "{\"x\":[1]}")) ==
        "2:delay:wrong_type: expected a number, found an object\n");
  CHECK(verdict_on(with("origin", "[\"LAS\"]")) ==
        "2:origin:wrong_type: expected a string, found an array\n");
  CHECK(verdict_on(with("origin", "5")) == "2:origin:wrong_type: expected a string, found '5'\n");
  CHECK(verdict_on(with("origin", "\"\"")) == "2:origin:missing_field: the field is empty\n");
  CHECK(verdict_on(with("origin", "\"LONDON\"")) ==
        "2:origin:too_long: expected an airport code of at most 4 characters, found 'LONDON'\n");
  CHECK(verdict_on(with("distance", "4294967296")) ==
        "2:distance:out_of_range: number out of range (32 bits), found '4294967296'\n");
  CHECK(verdict_on(with("date", "\"2001/02/30 00:01\"")) ==
        "2:date:out_of_range: bad date, no such day or time, found '2001/02/30 00:01'\n");
}

TEST_CASE("a value that is no JSON costs its record and names its field", "[flights]") {
  CHECK(verdict_on(with("delay", "6x6")) == "2:delay:malformed: not a JSON value: '6x6'\n");
  CHECK(verdict_on(with("delay", "007")) == "2:delay:malformed: not a JSON value: '007'\n");
  CHECK(verdict_on(with("delay", "NaN")) == "2:delay:malformed: not a JSON value: 'NaN'\n");
  CHECK(verdict_on(with("delay", " ")) == "2:delay:malformed: the value is missing\n");
  CHECK(verdict_on(object("SEA", R"(,"x":[1,tru])")) == "2:x:malformed: not a JSON value\n");
  CHECK(verdict_on(object("SEA", R"(,"x":)" + std::string(70, '[') + std::string(70, ']'))) ==
        "2:x:malformed: nested deeper than 64\n");
}

TEST_CASE("invalid UTF-8 is named by the field that holds it", "[flights]") {
  CHECK(verdict_on(with("origin", "\"L\xffS\"")) == "2:origin:invalid_utf8: invalid UTF-8\n");
  CHECK(verdict_on(object("SEA", ",\"x\":{\"y\":\"\xed\xa0\x80\"}")) ==
        "2:x:invalid_utf8: invalid UTF-8\n");
  CHECK(verdict_on(object("SEA", ",\"\xff\":1")) == "2::invalid_utf8: invalid UTF-8\n");
}

TEST_CASE("reading goes on at the next record behind broken syntax", "[flights]") {
  CHECK(verdict_on(R"({"date" "2001"})") == "2:date:malformed: expected ':' behind the name\n");
  CHECK(verdict_on(R"({"delay":1 "distance":2})") ==
        "2:delay:malformed: expected ',' or '}' behind the value\n");
  CHECK(verdict_on(R"({"delay":1,})") == "2:delay:malformed: expected a field name\n");
  CHECK(verdict_on("{date:1}") == "2::malformed: expected a field name\n");
  CHECK(verdict_on("{\"origin\":\"LA\nS\"}") ==
        "2:origin:malformed: a control character in a string\n");
  CHECK(verdict_on(R"({"origin":"\ud800x"})") ==
        "2:origin:malformed: a wrong escape in a string\n");
  CHECK(verdict_on(R"({"origin":"SEA,"delay":1})") ==
        "2:origin:malformed: expected ',' or '}' behind the value\n");
  CHECK(verdict_on(R"({"delay":1,"origin":"SEA})") ==
        "2:origin:malformed: expected ',' or '}' behind the value\n");
  CHECK(transcript(among_good(R"({"delay":1}})")) ==
        "2:date:missing_field: the field is missing\n"
        "3::malformed: no comma before the record\n");
}

TEST_CASE("a lost closing brace costs one record", "[flights]") {
  const auto all = read_whole("[" + object("LAS") + R"(,{"delay":1,)" + object("ATL") + "]");
  CHECK(all.failure == "");
  CHECK(origins(all) == "LAS ATL");
  CHECK(transcript(all) == "2:delay:malformed: expected a field name\n");
}

TEST_CASE("commas too many and too few are records that are not there", "[flights]") {
  auto all = read_whole("[," + object("LAS") + ",," + object("ATL") + ",]");
  CHECK(all.failure == "");
  CHECK(origins(all) == "LAS ATL");
  CHECK(transcript(all) == "1::malformed: nothing where a record should be\n"
                           "3::malformed: nothing where a record should be\n"
                           "5::malformed: nothing where a record should be\n");
  all = read_whole("[" + object("LAS") + object("SEA") + "," + object("ATL") + "]");
  CHECK(origins(all) == "LAS ATL");
  REQUIRE(all.problems.size() == 1);
  CHECK(all.problems[0].raw == object("SEA"));
}

TEST_CASE("a broken last record ends with the array", "[flights]") {
  auto all = read_whole("[" + object("LAS") + R"(,{"delay":1 2} ] )");
  CHECK(all.failure == "");
  CHECK(transcript(all) == "2:delay:malformed: expected ',' or '}' behind the value\n");
  all = read_whole("[" + object("LAS") + R"(,{"delay":1])");
  CHECK(transcript(all) == "2:delay:malformed: expected ',' or '}' behind the value\n");
  CHECK(all.failure == "malformed: input: record 3: the file ends before it, without a closing ]");
}

TEST_CASE("text behind the array is an error", "[flights]") {
  const auto all = read_whole("[" + object("LAS") + "]\n[");
  CHECK(origins(all) == "LAS");
  CHECK(all.failure == "malformed: input: record 2: text behind the array's closing ]");
}

TEST_CASE("escapes, unknown fields and white space do not disturb", "[flights]") {
  const auto all = read_whole(R"( [ {"note":"}],{\"origin\":\\" , "d\u0061te" :
    "2001\/01\/01 00:01", "nested":{"a":[1,{"b":[]},"]}"],"c":{}},
    "delay":-0,"distance":2,"origin":"\u004cAS",
    "f":-1.5e+3,"t":true,"n":null, "destination":"PHL","é":"😀\ud83d\ude00"}
    ] )");
  CHECK(all.failure == "");
  CHECK(transcript(all) == "");
  REQUIRE(all.departures.size() == 1);
  CHECK(all.departures[0] == departure_of("LAS", "PHL", 0, 2, std::chrono::year{2001} / 1 / 1, 1));
}

TEST_CASE("damaged records never cost a good one", "[flights][property]") {
  const std::vector<std::string> closed = {
      "{}", "7", "null", "\"}\"", "[{}]", with("delay", "x"), with("origin", "\"\xff\"")};
  // Behind these the next record is known only by its looks, so an object must follow.
  const std::vector<std::string> open = {R"({"origin":"SEA,"delay":1})", R"({"date" 1})", "{]}",
                                         R"({"a":{"b":"c})", R"({"delay":1,"origin":"SEA})"};
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    weir::random random{seed};
    std::string text = "[", expected;
    std::size_t damaged = 0;
    for (auto i = random.below(40); i > 0; --i) {
      const auto separator = random.chance(0.5) ? "," : " ,\n ";
      if (random.chance(0.3)) {
        text += closed[random.below(closed.size())] + separator;
        ++damaged;
        continue;
      }
      if (random.chance(0.4)) {
        text += open[random.below(open.size())] + separator;
        ++damaged;
      }
      text += object("A" + std::to_string(i)) + separator;
      expected += "A" + std::to_string(i) + " ";
    }
    const auto all = read_pieces(text + object("END") + "]", seed, 50);
    CAPTURE(text);
    REQUIRE(all.failure == "");
    REQUIRE(origins(all) == expected + "END");
    REQUIRE(all.problems.size() == damaged);
  }
}

TEST_CASE("JSON scalars are told from nonsense", "[flights]") {
  for (const auto* good : {"0", "-0", "10", "1.5", "1e9", "-2.25E-3", "true", "false", "null"}) {
    CHECK(is_json_scalar(good));
  }
  for (const auto* bad : {"", "-", "01", "1.", ".5", "1e", "1e+", "+1", "True", "0x1", "1 "}) {
    CHECK_FALSE(is_json_scalar(bad));
  }
  CHECK(unescape_json(R"(\b\f\n\r\t\"\\\/\u00e9\u20ac\ud83d\ude00)") ==
        "\b\f\n\r\t\"\\/\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  for (const auto* bad :
       {"\\", "\\x", "\\u12", "\\u12g4", "\\ud800", "\\ud800\\u0041", "\\udc00"}) {
    CHECK_FALSE(unescape_json(bad));
  }
}
