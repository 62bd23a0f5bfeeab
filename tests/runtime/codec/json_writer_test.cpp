// SPDX-License-Identifier: BSD-3-Clause
// JSON as it is written: golden texts, since stored events and other programs depend on the bytes.
#include "weir/runtime/codec/json_writer.hpp"

#include <limits>
#include <string_view>

#include "weir/tests/runtime/codec/sample_event.hpp"

#include <catch2/catch.hpp>

using namespace codec_tests;
using namespace std::chrono_literals;
using weir::codec::to_json;

namespace {

struct nothing {};
WEIR_FIELDS(nothing, ())

everything sample() {
  everything made;
  made.tiny = -128;
  made.small = 65535;
  made.large = std::numeric_limits<std::int64_t>::min();
  made.huge = std::numeric_limits<std::uint64_t>::max();
  made.rough = 0.1F;
  made.fine = 0.1;
  made.flag = true;
  made.text = "caf\u00e9 \"\\\n";
  made.paint = colour::green;
  made.items = {{"a", 1, "first"}, {"b", -1, {}}};
  made.bits = {true, false};
  made.bytes = {1, 2, 255};
  made.sorted = {{"b", {}}, {"a", {1, 2}}};
  made.hashed = {{"z", colour::red}, {"", colour::blue}, {"m", colour::red}};
  made.moment += 1500us;
  made.second = std::chrono::sys_days{std::chrono::year{2001} / 1 / 31} + 23h;
  made.wait = 250ms;
  return made;
}

}  // namespace

TEST_CASE("an event of every kind is written as this text", "[codec][golden]") {
  CHECK(to_json(sample()) ==
        R"({"tiny":-128,"small":65535,"large":-9223372036854775808,)"
        R"("huge":18446744073709551615,"rough":0.1,"fine":0.1,"flag":true,)"
        "\"text\":\"caf\u00e9 \\\"\\\\\\n\",\"paint\":\"green\",\"maybe\":null,"
        R"("items":[{"sku":"a","price":1,"note":"first"},{"sku":"b","price":-1,"note":null}],)"
        R"("bits":[true,false],"bytes":[1,2,255],"sorted":{"a":[1,2],"b":[]},)"
        R"("hashed":{"":"blue","m":"red","z":"red"},"moment":"1970-01-01T00:00:00.001500Z",)"
        R"("second":"2001-01-31T23:00:00Z","wait":250000000})");
}

TEST_CASE("writing appends and keeps what is there", "[codec]") {
  std::string out = "data: ";
  to_json(7, out);
  to_json(nothing{}, out);
  CHECK(out == "data: 7{}");
}

TEST_CASE("floating point is written shortest, so that it reads back to the same bits", "[codec]") {
  CHECK(to_json(1.0) == "1");
  CHECK(to_json(-0.0) == "-0");
  CHECK(to_json(1e22) == "1e+22");
  CHECK(to_json(4139.25) == "4139.25");
  CHECK(to_json(5e-324) == "5e-324");
  CHECK(to_json(1.0F / 3) == "0.33333334");
}

TEST_CASE("a value without JSON form is written as null", "[codec]") {
  CHECK(to_json(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(to_json(std::numeric_limits<double>::infinity()) == "null");
  CHECK(to_json(-std::numeric_limits<float>::infinity()) == "null");
  CHECK(to_json(static_cast<colour>(3)) == "null");
  CHECK(to_json(std::chrono::seconds::max()) == "null");
  CHECK(to_json(std::chrono::hours{3'000'000}) == "null");
  CHECK(to_json(std::chrono::sys_seconds{std::chrono::seconds{253'402'300'800}}) == "null");
  CHECK(to_json(std::chrono::sys_seconds::max()) == "null");
}

TEST_CASE("the last value that has a JSON form is written as itself", "[codec]") {
  CHECK(to_json(std::chrono::sys_seconds{std::chrono::seconds{253'402'300'799}}) ==
        "\"9999-12-31T23:59:59Z\"");
  CHECK(to_json(std::chrono::seconds{9'223'372'036}) == "9223372036000000000");
  CHECK(to_json(std::chrono::seconds{9'223'372'037}) == "null");
}

TEST_CASE("views of text are written as text", "[codec]") {
  CHECK(to_json(std::string_view{"a\tb"}) == "\"a\\tb\"");
}
