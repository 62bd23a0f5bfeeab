// SPDX-License-Identifier: BSD-3-Clause
// The airport table: the real file, quoted columns, and every way a row can be wrong.
#include "weir/samples/flights/airports.hpp"

#include <catch2/catch.hpp>

#include "weir/tests/samples/flights_input.hpp"

using namespace flights;
using namespace flights::test;

namespace {

const std::string header = "iata,name,city,state,country,latitude,longitude\n";
const std::string good = "00M,Thigpen,Bay Springs,MS,USA,31.95376472,-89.23450472\n";

weir::result<airport_table> load(const std::string& text) {
  return airport_table::load(std::make_unique<piecewise_source>(text, 1, 11), "airports.csv");
}

std::string failure_of(const std::string& row) {
  const auto table = load(header + good + row + "\n");
  return table ? "loaded" : weir::to_string(table.error());
}

}  // namespace

TEST_CASE("the sample's table holds 3,376 airports, quoted ones too", "[flights]") {
  const auto table =
      airport_table::load(std::string{WEIR_SOURCE_DIR} + "/samples/flights/data/airports.csv");
  REQUIRE(table);
  CHECK(table->size() == 3376);
  const auto* dbn = table->find(iata::from("DBN").value());
  REQUIRE(dbn != nullptr);
  CHECK(dbn->name == "W. H. \"Bud\" Barron");
  CHECK(dbn->city == "Dublin");
  CHECK(dbn->state == "GA");
  CHECK(dbn->country == "USA");
  CHECK(dbn->latitude == 32.56445806);
  CHECK(dbn->longitude == -82.98525556);
  REQUIRE(table->find(iata::from("N25").value()) != nullptr);
  CHECK(table->find(iata::from("N25").value())->city == "Westport, NY");
  CHECK(table->find(iata::from("ZZZZ").value()) == nullptr);
}

TEST_CASE("a byte order mark, CRLF, empty lines and no last line end are fine", "[flights]") {
  const auto table = load("\xef\xbb\xbf" + header.substr(0, header.size() - 1) + "\r\n\r\n" +
                          good.substr(0, good.size() - 1));
  REQUIRE(table);
  CHECK(table->size() == 1);
}

TEST_CASE("a mistake in the airports names file, line and column", "[flights]") {
  const std::string at = ": airports.csv: line 3: ";
  CHECK(failure_of("00R,Livingston,Livingston,TX,USA,30.6,-95.0") == "loaded");
  CHECK(failure_of("00R,Livingston,TX") ==
        "missing_field" + at + "column state: wrong column count: expected 7, found 3");
  CHECK(failure_of("00R,a,b,TX,USA,30.6,-95.0,9") ==
        "malformed" + at + "wrong column count: expected 7, found 8");
  CHECK(failure_of("00RXX,a,b,TX,USA,30.6,-95.0") ==
        "too_long" + at + "column iata: expected a code of 1 to 4 characters, found '00RXX'");
  CHECK(failure_of(",a,b,TX,USA,30.6,-95.0") ==
        "wrong_type" + at + "column iata: expected a code of 1 to 4 characters, found ''");
  CHECK(failure_of("00M,a,b,TX,USA,30.6,-95.0") ==
        "already_exists" + at + "column iata: '00M' is there twice");
  CHECK(failure_of("00R,a,b,TX,USA,north,-95.0") ==
        "wrong_type" + at + "column latitude: expected a number, found 'north'");
  CHECK(failure_of("00R,a,b,TX,USA,90.5,-95.0") ==
        "out_of_range" + at + "column latitude: '90.5' degrees");
  CHECK(failure_of("00R,a,b,TX,USA,30.6,nan") ==
        "out_of_range" + at + "column longitude: 'nan' degrees");
  CHECK(failure_of("00R,\"a,b,TX,USA,30.6,-95.0") ==
        "malformed" + at + "column name: a quote is not closed");
  CHECK(failure_of("00R,a,\xff,TX,USA,30.6,-95.0") ==
        "invalid_utf8" + at + "column city: invalid UTF-8");
  CHECK(failure_of(std::string(max_record_bytes + 9, 'x')) ==
        "too_long" + at + "the line is longer than 1 MiB");
}

TEST_CASE("a wrong header, an empty and a missing file are named", "[flights]") {
  const auto failure = [](const weir::result<airport_table>& table) {
    return table ? "loaded" : weir::to_string(table.error());
  };
  CHECK(failure(load("iata,name,town,state,country,latitude,longitude\n")) ==
        "malformed: airports.csv: line 1: column city: expected this column, found 'town'");
  CHECK(failure(load("")) == "malformed: airports.csv: line 1: the file is empty");
  CHECK(failure(airport_table::load("/nowhere/airports.csv")) ==
        "not_found: /nowhere/airports.csv: cannot open: No such file or directory");
}
