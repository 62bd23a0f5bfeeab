// SPDX-License-Identifier: BSD-3-Clause
// Malformed CSV: each kind with its record, field and reason, and never more than one line lost.
#include <catch2/catch.hpp>

#include "weir/samples/flights/csv_fields.hpp"
#include "weir/tests/samples/flights_input.hpp"

using namespace flights;
using namespace flights::test;

namespace {

const std::string header = "date,delay,distance,origin,destination\n";

// One bad line between two good ones: what is said about it.
std::string verdict_on(const std::string& line) {
  const auto all = read_whole(header + "2001-01-01 00:01,1,2,LAS,PHL\n" + line +
                              "\n2001-01-01 00:02,3,4,ATL,SAV\n");
  CHECK(all.failure == "");
  CHECK(origins(all) == "LAS ATL");
  for (const auto& problem : all.problems) CHECK(problem.raw == line);
  return transcript(all);
}

std::string header_failure(const std::string& text) { return read_whole(text).failure; }

}  // namespace

TEST_CASE("a wrong column count names the first column that is missing", "[flights]") {
  CHECK(verdict_on("2001-01-01 00:01,1,2,LAS") ==
        "2:destination:missing_field: wrong column count: expected 5, found 4\n");
  CHECK(verdict_on("x") == "2:delay:missing_field: wrong column count: expected 5, found 1\n");
  CHECK(verdict_on("2001-01-01 00:01,1,2,LAS,PHL,") ==
        "2::malformed: wrong column count: expected 5, found 6\n");
}

TEST_CASE("an empty column is a missing field", "[flights]") {
  CHECK(verdict_on(",1,2,LAS,PHL") == "2:date:missing_field: the field is empty\n");
  CHECK(verdict_on("2001-01-01 00:01,1,2,LAS,") ==
        "2:destination:missing_field: the field is empty\n");
}

TEST_CASE("a column of the wrong type or out of range is named", "[flights]") {
  CHECK(verdict_on("2001-01-01 00:01,soon,2,LAS,PHL") ==
        "2:delay:wrong_type: expected a whole number, found 'soon'\n");
  CHECK(verdict_on("2001-01-01 00:01,1.5,2,LAS,PHL") ==
        "2:delay:wrong_type: expected a whole number, found '1.5'\n");
  CHECK(verdict_on("2001-01-01 00:01,2147483648,2,LAS,PHL") ==
        "2:delay:out_of_range: number out of range (32 bits), found '2147483648'\n");
  CHECK(verdict_on("2001-01-01 00:01,1,-99999999999999999999,LAS,PHL") ==
        "2:distance:out_of_range: number out of range (32 bits), found '-99999999999999999999'\n");
  CHECK(verdict_on("2001-02-30 00:01,1,2,LAS,PHL") ==
        "2:date:out_of_range: bad date, no such day or time, found '2001-02-30 00:01'\n");
  CHECK(verdict_on("yesterday,1,2,LAS,PHL") ==
        "2:date:wrong_type: expected a date YYYY-MM-DD HH:MM, found 'yesterday'\n");
  CHECK(verdict_on("2001-01-01 00:01,1,2,LONDON,PHL") ==
        "2:origin:too_long: expected an airport code of at most 4 characters, found 'LONDON'\n");
}

TEST_CASE("invalid UTF-8 is told from a wrong value", "[flights]") {
  CHECK(verdict_on("2001-01-01 00:01,1,2,L\xffS,PHL") == "2:origin:invalid_utf8: invalid UTF-8\n");
  CHECK(verdict_on("2001-01-01 00:01,1,2,\xc3\xa9,PHL") ==
        "2:origin:wrong_type: expected an airport code, found '?\?'\n");
  CHECK(verdict_on("2001-01-01\xc0\x80") == "2::invalid_utf8: invalid UTF-8\n");
}

TEST_CASE("quotes are understood, and a lost one costs its own line only", "[flights]") {
  CHECK(verdict_on("2001-01-01 00:01,1,2,\"LAS,PHL") ==
        "2:origin:malformed: a quote is not closed\n");
  CHECK(verdict_on("2001-01-01 00:01,1,2,L\"AS\",PHL") ==
        "2:origin:malformed: a quote inside an unquoted column\n");
  CHECK(verdict_on("2001-01-01 00:01,1,2,\"LAS\"x,PHL") ==
        "2:origin:malformed: text behind a closing quote\n");
  const auto all = read_whole(header + "\"2001-01-01 00:01\",\"1\",2,\"LAS\",PHL\r\n");
  CHECK(origins(all) == "LAS");
  CHECK(transcript(all) == "");
  std::vector<std::string> columns;
  REQUIRE(split_quoted(R"("a ""b"", c",,"",d)", columns));
  CHECK(columns == std::vector<std::string>{"a \"b\", c", "", "", "d"});
}

TEST_CASE("an empty line is no record", "[flights]") {
  CHECK(verdict_on("") == "");
  CHECK(verdict_on("\r") == "");
}

TEST_CASE("columns may stand in any order but not be unknown, missing or doubled", "[flights]") {
  const auto all = read_whole(
      "destination,origin,distance,delay,date\r\nPHL,LAS,2,1,2001-01-01 00:01\r\nPHL,LAS,2,x,\r\n");
  REQUIRE(all.departures.size() == 1);
  CHECK(all.departures[0] ==
        departure_of("LAS", "PHL", 1, 2, std::chrono::year{2001} / 1 / 1, 1));
  CHECK(transcript(all) == "2:delay:wrong_type: expected a whole number, found 'x'\n");

  CHECK(header_failure("date,dealy,distance,origin,destination\n") ==
        "malformed: input: header: column 2 'dealy' is unknown; "
        "expected date,delay,distance,origin,destination");
  CHECK(header_failure("date,delay,distance,origin\n") ==
        "missing_field: input: header: column 'destination' is missing");
  CHECK(header_failure("date,delay,distance,origin,origin\n") ==
        "malformed: input: header: column 5 'origin' is there twice");
  CHECK(header_failure(header.substr(0, header.size() - 1) + ",carrier\n") ==
        "malformed: input: header: column 6 'carrier' is unknown; "
        "expected date,delay,distance,origin,destination");
  CHECK(header_failure("date,\"delay,distance\n") ==
        "malformed: input: header: a quote is not closed; "
        "expected date,delay,distance,origin,destination");
  CHECK(header_failure("dat\xff,delay\n") == "invalid_utf8: input: the header is not valid UTF-8");
}
