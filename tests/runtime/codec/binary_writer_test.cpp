// SPDX-License-Identifier: BSD-3-Clause
// The bytes of every kind of field: format 1 as FORMAT.md has it. What fails here has changed what
// stored events mean.
#include "weir/runtime/codec/binary_writer.hpp"

#include "weir/tests/runtime/codec/hex.hpp"
#include "weir/tests/runtime/codec/sample_event.hpp"

#include <catch2/catch.hpp>

using namespace codec_tests;
using namespace std::chrono_literals;

namespace {

template <class T>
std::string bytes_of(const T& value) {
  std::string out;
  weir::codec::to_binary(value, out);
  return hex(out);
}

struct nothing {};
WEIR_FIELDS(nothing, ())

}  // namespace

TEST_CASE("integers of one byte are that byte, others varints", "[codec][format]") {
  CHECK(bytes_of(std::int8_t{-1}) == "ff");
  CHECK(bytes_of(std::uint8_t{200}) == "c8");
  CHECK(bytes_of(std::uint16_t{300}) == "ac02");
  CHECK(bytes_of(std::int32_t{-1}) == "01");
  CHECK(bytes_of(std::int64_t{150}) == "ac02");
  CHECK(bytes_of(std::numeric_limits<std::uint64_t>::max()) == "ffffffffffffffffff01");
  CHECK(bytes_of(std::numeric_limits<std::int64_t>::min()) == "ffffffffffffffffff01");
  CHECK(bytes_of(true) == "01");
  CHECK(bytes_of(false) == "00");
}

TEST_CASE("floating numbers are their bits, lowest byte first", "[codec][format]") {
  CHECK(bytes_of(1.0) == "000000000000f03f");
  CHECK(bytes_of(-0.0F) == "00000080");
  CHECK(bytes_of(std::bit_cast<double>(0x7ff8'0000'0000'1234U)) == "341200000000f87f");
}

TEST_CASE("texts have their length in front and are repaired to UTF-8", "[codec][format]") {
  CHECK(bytes_of(std::string{"ab"}) == "026162");
  CHECK(bytes_of(std::string{}) == "00");
  CHECK(bytes_of(std::string{"\u00e9"}) == "02c3a9");
  CHECK(bytes_of(std::string{"a\xFF\xE2\x82z"}) == "0861efbfbdefbfbd7a");
}

TEST_CASE("enums are places in the list of names, not numbers", "[codec][format]") {
  CHECK(bytes_of(colour::green) == "01");
  CHECK(bytes_of(colour::blue) == "02");
  CHECK(bytes_of(static_cast<colour>(77)) == "03");
}

TEST_CASE("what may be missing or many says so first", "[codec][format]") {
  CHECK(bytes_of(std::optional<int>{}) == "00");
  CHECK(bytes_of(std::optional<int>{1}) == "0102");
  CHECK(bytes_of(std::vector<int>{1, -1}) == "020201");
  CHECK(bytes_of(std::vector<bool>{true, false}) == "020100");
  CHECK(bytes_of(std::array<std::uint8_t, 2>{1, 2}) == "0102");
  CHECK(bytes_of(std::map<std::string, bool>{{"b", true}, {"a", false}}) == "02016100016201");
  CHECK(bytes_of(std::unordered_map<std::string, bool>{{"b", true}, {"a", false}}) ==
        "02016100016201");
}

TEST_CASE("structs are their fields, and one without fields is a zero", "[codec][format]") {
  CHECK(bytes_of(item{"s", -2, "n"}) == "0173fe01016e");
  CHECK(bytes_of(tree{1, {{2, {}}}}) == "02010400");
  CHECK(bytes_of(nothing{}) == "00");
  CHECK(bytes_of(std::array<int, 0>{}) == "00");
}

TEST_CASE("times and durations are seconds and nanoseconds, whatever their unit",
          "[codec][format]") {
  using namespace std::chrono;
  CHECK(bytes_of(sys_seconds{1s}) == "0200");
  CHECK(bytes_of(sys_time<nanoseconds>{1s}) == "0200");
  CHECK(bytes_of(sys_time<nanoseconds>{-1ns}) == "01ff93ebdc03");
  CHECK(bytes_of(1500ms) == "0280cab5ee01");
  CHECK(bytes_of(2h) == bytes_of(7200s));
  // More than 2^63 seconds: a mark that reading refuses.
  CHECK(bytes_of(hours::max()) == "008094ebdc03");
}
